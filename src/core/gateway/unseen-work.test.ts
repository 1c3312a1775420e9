/** Work that a provider may bill although nobody saw it, and work that costs more than its tokens. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Target } from '#core/domain/target.ts'
import type { Asked } from '#core/gateway/asked.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { askedFor, caller, fakeHouse, fakeTarget, price } from '#tests/support/fake-rooms.ts'
import type { FakeHouse } from '#tests/support/fake-rooms.ts'

const nothingHeld = { permits: 0, money: 0, passes: 0, replies: 0 }
const houseOf = () => fakeHouse(new Map<Target, []>([[fakeTarget('model-0'), []]]))

/** A gateway whose provider takes the question and then fails so. */
const failingWith = ({ rooms }: FakeHouse, fail: () => Problem): Rooms => ({
  ...rooms,
  transport: { send: () => Promise.reject(fail()) },
})

const summary = ({ rows }: FakeHouse) =>
  rows.map(({ kind, problem, isEstimated, inputTokens, outputTokens }) => [
    kind,
    problem,
    isEstimated,
    inputTokens > 0,
    outputTokens,
  ])

async function leaveAfterSending(isStreamed: boolean): Promise<FakeHouse> {
  const house = houseOf()
  const leaving = new AbortController()
  const rooms = failingWith(house, () => {
    leaving.abort()
    return new Problem('caller_left')
  })
  const asked = askedFor({ signal: leaving.signal }, isStreamed)
  await assert.rejects(createGateway(rooms).ask(caller, asked), { code: 'caller_left' })
  assert.deepEqual(house.held, nothingHeld)
  return house
}

test('who leaves before a stream begins is charged for the question that was read', async () => {
  const house = await leaveAfterSending(true)
  assert.deepEqual(summary(house), [['charge', 'caller_left', true, true, 0]])
  assert.ok((house.spent[0] ?? 0) > 0)
})

test('who leaves before a whole answer is charged as for the longest that was paid for', async () => {
  const house = await leaveAfterSending(false)
  assert.deepEqual(summary(house), [['charge', 'caller_left', true, true, 500]])
  assert.equal(house.spent[0], (house.rows[0]?.inputTokens ?? 0) + 500 * 2)
})

test('who leaves before anything was sent is charged nothing', async () => {
  const house = houseOf()
  const leaving = new AbortController()
  leaving.abort()
  const rooms = failingWith(house, () => new Problem('caller_left'))
  await assert.rejects(createGateway(rooms).ask(caller, askedFor({ signal: leaving.signal })))
  assert.deepEqual(house.spent, [0])
})

test('who allows less time than the answer takes is charged; a provider that is slow by itself is not paid', async () => {
  const timeOut = async (change: Partial<Asked>) => {
    const house = houseOf()
    const rooms = failingWith(house, () => new Problem('provider_timeout'))
    await assert.rejects(createGateway(rooms).ask(caller, askedFor(change)), { code: 'provider_timeout' })
    assert.deepEqual(house.held, nothingHeld)
    assert.equal(house.rows.filter(({ kind }) => kind !== 'failed').length, 1)
    return house.spent[0] ?? 0
  }
  assert.ok((await timeOut({ deadlineMs: 1 })) > 0)
  assert.equal(await timeOut({}), 0)
  assert.equal(await timeOut({ deadlineMs: 1_000_000 }), 0)
})

/** What an answer with this usage is charged, when so little was held that it does not cover it. */
async function chargedFor(serverToolUses: Readonly<Record<string, number>>, inputTokens: number) {
  const house = houseOf()
  const dear: PriceVersion = { ...price, base: { ...price.base, perToolUseNanoUsd: { '*': 10_000_000 } } }
  const usage = { ...unknownUsage, inputTokens, outputTokens: 5, serverToolUses }
  const { budgetManager, adapters } = house.rooms
  const rooms: Rooms = {
    ...house.rooms,
    budgetManager: {
      ...budgetManager,
      reserve: async (need) => ({
        ...(await budgetManager.reserve(need)),
        amount: toNanoUsd(1_000),
        price: dear,
      }),
    },
    adapters: {
      for: (dialect) => {
        const adapter = adapters.for(dialect)
        return { ...adapter, decode: (...reply) => ({ ...adapter.decode(...reply), usage }) }
      },
    },
  }
  await createGateway(rooms).ask(caller, askedFor())
  return { spent: house.spent[0], isEstimated: house.rows[0]?.isEstimated }
}

test('uses of tools that a provider runs are charged, though they cost far more than the hold', async () => {
  assert.deepEqual(await chargedFor({ web_search: 3 }, 40_000), {
    spent: 3 * 10_000_000 + 40_000 + 10,
    isEstimated: false,
  })
})

test('more tools and more tokens than any answer has are taken for nonsense', async () => {
  assert.deepEqual(await chargedFor({ web_search: 1_000_000 }, 40), { spent: 1_000, isEstimated: true })
  assert.deepEqual(await chargedFor({ web_search: 1 }, 900_000_000), { spent: 1_000, isEstimated: true })
  assert.deepEqual(await chargedFor({}, 40_000), { spent: 1_000, isEstimated: true })
})
