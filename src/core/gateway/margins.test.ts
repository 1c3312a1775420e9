/** What a tenant is charged beside what it costs, in the time and the service tier in which it was asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { usageOfRow } from '#core/domain/billed-usage.ts'
import { chargeFor } from '#core/domain/margin.ts'
import { costOfUsage } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { createPriceBook } from '#core/domain/price-book.ts'
import { scaledPrice } from '#core/domain/service-tier.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Target } from '#core/domain/target.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { askedFor, caller, fakeHouse, fakeTarget, price } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'

const margin = { id: 'm', millionths: 200_000, perRequestNanoUsd: toNanoUsd(7) }
const answer: Behaviour = { does: 'answer', pieces: 3, saysUsage: true }

/** Asks once; the answer has this usage. */
async function ask(usage: Usage, sold: Partial<PriceVersion>, hold = 1_000_000) {
  const house = fakeHouse(new Map<Target, readonly Behaviour[]>([[fakeTarget('model-0'), [answer]]]))
  const book = createPriceBook({
    ownPrices: [],
    margins: [{ validFromMs: 0, tenantId: caller.tenantId, margin }],
    ceilingPrice: undefined,
  })
  const needs: PriceVersion[] = []
  const { adapters, budgetManager } = house.rooms
  const rooms: Rooms = {
    ...house.rooms,
    settings: () => ({
      ...house.rooms.settings(),
      priceBook: {
        priceFor: (card, ...rest) => book.priceFor({ ...card, prices: [{ ...price, ...sold }] }, ...rest),
      },
    }),
    budgetManager: {
      ...budgetManager,
      async reserve(need) {
        needs.push(need.price)
        return { ...(await budgetManager.reserve(need)), amount: toNanoUsd(hold) }
      },
    },
    adapters: {
      for: (dialect) => {
        const adapter = adapters.for(dialect)
        return { ...adapter, decode: (...reply) => ({ ...adapter.decode(...reply), usage }) }
      },
    },
  }
  const reply = await createGateway(rooms).ask(caller, askedFor())
  const [row] = house.rows
  assert.ok(row)
  return { row, reply, spent: house.spent[0], price: needs[0] }
}

test('the tenant is charged with the margin, which is what the budget counts, and the cost stands beside it', async () => {
  const {
    row,
    reply,
    spent,
    price: held,
  } = await ask({ ...unknownUsage, inputTokens: 10, outputTokens: 5 }, {})
  assert.deepEqual([row.providerCostNanoUsd, row.costNanoUsd, spent], [20, 31, 31])
  assert.equal(reply.receipt.costNanoUsd, 31)
  assert.equal(held?.margin, margin)
  assert.deepEqual([row.priceVersion, row.billing, row.serviceTier], ['price-1+m', null, null])
})

test('a row keeps all that its price went by: the same bill comes out of it again', async () => {
  const flex = scaledPrice(
    { base: { input: 1_000_000, output: 2_000_000, cacheWriteHour: 9_000_000 }, tiers: [] },
    500_000,
  )
  const usage: Usage = {
    ...unknownUsage,
    inputTokens: 1_000,
    outputTokens: 50,
    cacheWriteTokens: 600,
    cacheWriteHourTokens: 500,
    searchUnits: 0,
    serverToolUses: { web_search: 2 },
    serviceTier: 'flex',
  }
  const sold = { services: new Map([['flex', flex]]) }
  const { row, price: held } = await ask(usage, sold)
  assert.deepEqual(row.billing, { cacheWriteHourTokens: 500, serverToolUses: { web_search: 2 } })
  assert.equal(row.serviceTier, 'flex')
  assert.ok(held)
  assert.equal(costOfUsage(held, usageOfRow(row)), row.providerCostNanoUsd)
  assert.equal(chargeFor(held.margin, row.providerCostNanoUsd), row.costNanoUsd)
  assert.equal(row.providerCostNanoUsd, 250 + 2_250 + 50)
})

test('a dear tier of unknown price is charged at the factor and said to be estimated', async () => {
  const usage = { ...unknownUsage, inputTokens: 10, outputTokens: 5, serviceTier: 'priority' }
  const { row } = await ask(usage, { unknownServiceMillionths: 3_000_000 })
  assert.deepEqual([row.providerCostNanoUsd, row.isEstimated], [60, true])
})

test('an absurd report is charged at the hold, of which the cost is the part without the margin', async () => {
  const { row } = await ask({ ...unknownUsage, inputTokens: 9_000_000_000, outputTokens: 5 }, {}, 1_207)
  assert.deepEqual(
    [row.costNanoUsd, row.providerCostNanoUsd, row.billing],
    [1_207, 1_000, { isClamped: true }],
  )
})
