/** Limits that are changed, and windows that end, while calls are running. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Caller } from '#core/domain/caller.ts'
import { isoText } from '#core/domain/budget-window.ts'
import type { BudgetWindow } from '#core/domain/budget-window.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { BudgetLimit } from '#services/budget-manager/budget-limits.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import { createMemoryLedger } from '#stores/memory/ledger.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, expectedCost, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { markedPrompt, openMoneyStage } from '#tests/money/money-stage.ts'
import type { MoneyStage } from '#tests/money/money-stage.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.text && expect.usage,
)
assert.ok(recording?.expect.usage)
const costNanoUsd = expectedCost(asking, recording, recording.expect.usage)

let stage: MoneyStage
before(async () => {
  stage = await openMoneyStage({ environment: { ADMIN_API_KEY: adminKey } })
})
after(async () => stage.close())

async function admin(method: string, path: string, body: object) {
  const response = await fetch(`${stage.houses[0]?.address}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...bearer(adminKey) },
    body: JSON.stringify(body),
  })
  assert.ok(response.status < 300, await response.clone().text())
  return (await response.json()) as { readonly id: string }
}

test('a limit that is lowered in mid-call refuses the next, and lets the running one be settled', async () => {
  const house = stage.houses[0]
  assert.ok(house)
  const { secret } = await makeKey(house, { tenant_id: 'edited' })
  const budget = { scope: 'tenant', subject: 'edited', window: 'month', limit_usd: '1' }
  const { id } = await admin('POST', '/admin/v1/budgets', budget)
  const gate = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const beforeHead = () => {
    arrived.resolve()
    return gate.promise
  }
  stage.play('running', { recording, costNanoUsd, beforeHead })
  stage.play('refused', { recording, costNanoUsd })
  const ask = (mark: string) =>
    stage.ask({
      mark,
      path: '/v1/generate',
      body: { prompt: markedPrompt(mark), model: asking.model, max_tokens: 200 },
      headers: bearer(secret),
    })
  const running = ask('running')
  await arrived.promise
  await admin('PUT', `/admin/v1/budgets/${id}`, { ...budget, limit_usd: '0.000000001' })
  assert.equal((await ask('refused')).status, 402)
  gate.resolve()
  assert.equal((await running).status, 200)

  await admin('PUT', `/admin/v1/budgets/${id}`, { ...budget, limit_usd: '1' })
  stage.play('again', { recording, costNanoUsd })
  assert.equal((await ask('again')).status, 200)
  await eventually(async () => {
    const books = await stage.books()
    const { exact } = assertMoney(books, { bills: stage.bills })
    assert.equal(exact, 2)
    const counter = books.counters.find(({ scope }) => scope === 'tenant:edited')
    assert.equal(counter?.settled, 2 * costNanoUsd)
  })
})

const caller: Caller = { tenantId: 'acme', keyId: 'k', role: 'user', permissions: new Set(['inference']) }
const price: PriceVersion = { id: 'v1', validFromMs: 0, base: { input: 0, output: 1_000_000_000 }, tiers: [] }
const target = { provider: { name: 'p' }, card: { name: 'm' }, model: 'm' } as unknown as Target

/** A manager whose clock the test moves. */
function openManager(limits: readonly BudgetLimit[], startMs: number) {
  const time = { nowMs: startMs }
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs }
  const settings = { defaultMonthlyLimitNanoUsd: undefined, limits, holdLeaseMs: 60_000 }
  const manager = createBudgetManager({ ledger: createMemoryLedger(), clock }, settings)
  const reserve = async (requestId: string) =>
    manager.reserve({
      requestId,
      caller,
      userId: 'ann',
      tags: [],
      target,
      price,
      inputTokensBound: 0,
      outputTokensWished: 1_000,
      answerCount: 1,
      maxCostNanoUsd: undefined,
    })
  const standing = async (window: BudgetWindow, atMs: number, timeZone?: string) => {
    const { settled, reserved } = await manager.spent({
      scope: 'tenant',
      tenantId: 'acme',
      id: 'acme',
      window,
      timeZone,
      atMs,
    })
    return [settled, reserved]
  }
  return { manager, time, reserve, standing, settings }
}

const held = 1_000_009
const limit = toNanoUsd(held)
const minuteMs = 60_000

for (const [window, lastMinuteMs, timeZone] of [
  ['hour', Date.UTC(2026, 10, 22, 5, 59)],
  ['day', Date.UTC(2026, 10, 22, 23, 59)],
  ['week', Date.UTC(2026, 10, 22, 23, 59)],
  ['month', Date.UTC(2026, 10, 30, 23, 59)],
  // Clocks in Berlin are set on the last Sunday of March and of October: its days have 23 and 25 hours then.
  ['day', Date.UTC(2026, 2, 29, 21, 59), 'Europe/Berlin'],
  ['day', Date.UTC(2026, 9, 25, 22, 59), 'Europe/Berlin'],
  ['week', Date.UTC(2026, 9, 25, 22, 59), 'Europe/Berlin'],
  ['month', Date.UTC(2026, 9, 31, 22, 59), 'Europe/Berlin'],
] as const) {
  const where = timeZone === undefined ? window : `${window} that ends at ${isoText(lastMinuteMs)}`
  test(`a call that runs past the end of its ${where} is charged where it was held, and the next ${window} is whole`, async () => {
    const { manager, time, reserve, standing } = openManager(
      [{ scope: 'tenant', window, limitNanoUsd: limit, timeZone }],
      lastMinuteMs,
    )
    const before = await reserve('before')
    await assert.rejects(reserve('too-many'), (refusal: Problem) => {
      assert.equal(refusal.code, 'budget_exceeded')
      assert.equal(refusal.details.facts?.['resets_at'], isoText(lastMinuteMs + minuteMs))
      return true
    })
    time.nowMs += 2 * minuteMs
    const next = await reserve('after')
    assert.equal(next.amount, held, 'a new window has all of its money')
    await manager.settle(before, toNanoUsd(700))
    await manager.settle(next, toNanoUsd(900))
    assert.deepEqual(await standing(window, lastMinuteMs, timeZone), [700, 0])
    assert.deepEqual(await standing(window, time.nowMs, timeZone), [900, 0])
  })
}

test('a hold whose owner died before the window ended expires in the window where it was made', async () => {
  const start = Date.UTC(2026, 10, 22, 23, 59)
  const { manager, time, reserve, standing } = openManager(
    [{ scope: 'tenant', window: 'day', limitNanoUsd: limit }],
    start,
  )
  await reserve('orphan')
  time.nowMs += 2 * minuteMs
  await manager.expire()
  assert.deepEqual(await standing('day', start), [held, 0])
  assert.deepEqual(await standing('day', time.nowMs), [0, 0])
})

test('a limit that is lowered below what is held waits until enough is given back', async () => {
  const start = Date.UTC(2026, 10, 22)
  const limits = [{ scope: 'tenant', window: 'month', limitNanoUsd: toNanoUsd(held * 3) }] as const
  const { manager, reserve, settings } = openManager(limits, start)
  const one = await reserve('one')
  const two = await reserve('two')
  manager.apply({ ...settings, limits: [{ ...limits[0], limitNanoUsd: limit }] })
  await assert.rejects(reserve('three'), { code: 'budget_exceeded' })
  await manager.settle(one, toNanoUsd(0))
  await assert.rejects(reserve('four'), { code: 'budget_exceeded' })
  await manager.settle(two, toNanoUsd(0))
  assert.equal((await reserve('five')).amount, held)
})
