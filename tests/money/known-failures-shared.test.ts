/** Ways in which budgets of gateways with several instances are known to fail. Each names the public report it is from. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Caller } from '#core/domain/caller.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Target } from '#core/domain/target.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import { createMemoryLedger } from '#stores/memory/ledger.ts'
import { adminKey, bearer } from '#tests/journeys/key-ring.ts'
import { askingOf, expectedCost, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { keyPrefix, markedPrompt, openMoneyStage } from '#tests/money/money-stage.ts'
import type { MoneyStage } from '#tests/money/money-stage.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.text && expect.usage,
)
assert.ok(recording?.expect.usage)
const { inputTokens, outputTokens } = recording.expect.usage
const costNanoUsd = expectedCost(asking, recording, recording.expect.usage)
const usd = (nano: number) => (nano / 1e9).toFixed(9)
const words = 'Hello '.repeat(inputTokens)

describe('several instances', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let stage: MoneyStage
  const open = () =>
    openMoneyStage({
      houses: 2,
      redisUrl: redis.url,
      environment: { ADMIN_API_KEY: adminKey },
      settings: `
budget:
  limits:
    - {scope: model, id: some-gemini, window: month, limit: "0.0001"}
    - {scope: tag, id: shared, window: month, limit: "${usd(costNanoUsd * 3)}"}
`,
    })
  before(async () => {
    redis = await startRedis()
    stage = await open()
    stage.playAlways({ recording, costNanoUsd })
  })
  after(async () => {
    await stage.close()
    await redis.stop()
  })

  const ask = async (mark: string, house: number, more: Readonly<Record<string, string>> = {}) => {
    const body = { prompt: markedPrompt(mark, words), model: asking.model, max_tokens: outputTokens }
    const headers = { ...bearer(adminKey), ...more }
    const response = await stage.ask({ mark, house, path: '/v1/generate', body, headers })
    await response.arrayBuffer()
    return response.status
  }
  const tagged = { 'x-signalbox-tags': 'shared' }
  const counterOf = async (scope: string) =>
    (await stage.books()).counters.find((counter) => counter.scope === scope)

  // BerriAI/litellm#23714, BerriAI/litellm#25374: each instance allowed the whole budget.
  test('a budget counted by each instance for itself: here all instances have one budget between them', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, call) => ask(`each-${call}`, call % 2, tagged)),
    )
    const answered = statuses.filter((status) => status === 200).length
    assert.ok(answered > 0 && answered <= 3, `${answered} were answered`)
    await eventually(async () => {
      const counter = (await stage.books()).counters.find(({ scope }) => scope.startsWith('tag:'))
      assert.equal(counter?.reserved, 0)
      assert.equal(counter.settled, answered * costNanoUsd)
    })
  })

  // BerriAI/litellm#6288: what one instance had spent reached the others a minute later.
  test('spending that other instances see late: here the next call at the other instance sees it', async () => {
    for (let call = 0; call < 4; call += 1) await ask(`late-${call}`, 0, tagged)
    assert.equal(await ask('late-other', 1, tagged), 402)
  })

  // BerriAI/litellm#33325: a budget of one model was compared with what the own instance had spent.
  test('a budget of one model that is local to an instance: here it is shared like any other', async () => {
    const gemini = async (house: number) => {
      const body = { prompt: markedPrompt('gemini'), model: 'some-gemini', max_tokens: 2_000 }
      return (
        await stage.ask({ mark: 'gemini', house, path: '/v1/generate', body, headers: bearer(adminKey) })
      ).status
    }
    const client = new Redis(redis.url)
    try {
      const month = new Date().toISOString().slice(0, 7)
      await client.hset(`{${keyPrefix}:ledger}:counter:model:some-gemini ${month}`, 's', '100000')
      assert.deepEqual([await gemini(0), await gemini(1)], [402, 402])
      await client.del(`{${keyPrefix}:ledger}:counter:model:some-gemini ${month}`)
    } finally {
      client.disconnect()
    }
  })

  // BerriAI/litellm#39390: a change at one instance left another one with its old block.
  test('a change of a budget that other instances do not hear of: here it holds where it was made at once (elsewhere: fleet.test.ts)', async () => {
    const admin = (method: string, path: string, body?: object) =>
      fetch(`${stage.houses[0]?.address}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...bearer(adminKey) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
    const budget = { scope: 'tag', subject: 'edited', tenant_id: 'default', window: 'month', limit_usd: '0' }
    const set = await admin('POST', '/admin/v1/budgets', budget)
    assert.equal(set.status, 201, await set.clone().text())
    const { id } = (await set.json()) as { readonly id: string }
    // A limit set at one instance lies in that instance's own file unless they share PostgreSQL.
    assert.equal(await ask('edited-0', 0, { 'x-signalbox-tags': 'edited' }), 402)
    await admin('DELETE', `/admin/v1/budgets/${id}`)
    assert.equal(await ask('edited-1', 0, { 'x-signalbox-tags': 'edited' }), 200)
  })

  // BerriAI/litellm#28247: instances that found no counter each added the old spending to it.
  test('counters that are filled again by every instance: here a start changes no counter', async () => {
    const before = await counterOf('tenant:default')
    assert.ok(before && before.settled > 0)
    const others = await open()
    try {
      const call = { mark: 'restart', path: '/v1/generate', headers: bearer(adminKey) }
      others.playAlways({ recording, costNanoUsd })
      const body = { prompt: markedPrompt('restart', words), model: asking.model, max_tokens: outputTokens }
      const both = await Promise.all([0, 1].map((house) => others.ask({ ...call, house, body })))
      assert.deepEqual(
        both.map(({ status }) => status),
        [200, 200],
      )
      await eventually(async () => {
        assert.equal((await counterOf('tenant:default'))?.settled, before.settled + 2 * costNanoUsd)
      })
    } finally {
      await others.close()
    }
  })

  // BerriAI/litellm#30460: a step that timed out was done again although Redis had done it.
  test('counters that grow when Redis is slow: here a step without an answer is never counted twice, nor left held', async () => {
    const before = await counterOf('tenant:default')
    const client = new Redis(redis.url)
    try {
      await client.call('CLIENT', 'PAUSE', '1500', 'WRITE')
      const status = await ask('slow', 0)
      assert.ok(status === 503 || status === 200, String(status))
      await pause(1_600)
      const charged = status === 200 ? costNanoUsd : 0
      await eventually(async () => {
        const counter = await counterOf('tenant:default')
        assert.deepEqual([counter?.settled, counter?.reserved], [(before?.settled ?? 0) + charged, 0])
      })
    } finally {
      client.disconnect()
    }
  })

  test('after all of this every bill has its row, and nothing is held', async () => {
    await eventually(async () => {
      const { rows } = await stage.books()
      const marks = new Set(
        rows.filter(({ kind }) => kind === 'charge').map(({ request_id }) => request_id.split('.')[0]),
      )
      const missing = stage.bills.filter(({ mark }) => !marks.has(mark))
      assert.deepEqual(missing, [])
      assertMoney({ ...(await stage.books()), counters: [] })
    })
  })
})

// BerriAI/litellm#36940: two replicas ran the job that resets budgets, and one erased what was spent in between.
test('a job that resets budgets twice: here a window is part of the counter, and nothing is reset', async () => {
  const ledger = createMemoryLedger()
  const time = { nowMs: Date.UTC(2026, 10, 30, 23, 59, 59) }
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs }
  const limits = [{ scope: 'tenant', window: 'month', limitNanoUsd: toNanoUsd(1_000_009) }] as const
  const settings = { defaultMonthlyLimitNanoUsd: undefined, limits, holdLeaseMs: 60_000 }
  const managers = [0, 1].map(() => createBudgetManager({ ledger, clock }, settings))
  const caller: Caller = { tenantId: 'acme', keyId: 'k', role: 'user', permissions: new Set(['inference']) }
  const price: PriceVersion = {
    id: 'v1',
    validFromMs: 0,
    base: { input: 0, output: 1_000_000_000 },
    tiers: [],
  }
  const spend = async (instance: number, requestId: string, amount: number) => {
    const manager = managers[instance] ?? assert.fail()
    const held = await manager.reserve({
      requestId,
      caller,
      userId: 'ann',
      tags: [],
      target: { provider: { name: 'p' }, card: { name: 'm' }, model: 'm' } as unknown as Target,
      price,
      inputTokensBound: 0,
      outputTokensWished: 1_000,
      answerCount: 1,
      maxCostNanoUsd: undefined,
    })
    await manager.settle(held, toNanoUsd(amount))
  }
  await spend(0, 'r1', 900_000)
  time.nowMs += 2_000
  for (const manager of managers) await manager.expire()
  await spend(0, 'r3', 300_000)
  for (const manager of managers) await manager.expire()
  await spend(1, 'r4', 200_000)
  const standing = async (window: string) =>
    (await ledger.balances([{ scope: 'tenant:acme', window }]))[0]?.settled
  assert.equal(await standing('2026-12'), 500_000)
  assert.ok(((await standing('2026-11')) ?? 0) >= 900_000)
})
