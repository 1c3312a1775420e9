/** Random histories of a ledger, each step compared with a model in few lines. */
import assert from 'node:assert/strict'
import { constantFrom, integer, oneof, record, subarray } from 'fast-check'
import type { HoldAsk, HoldScope } from '#core/domain/ledger-hold.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'

const nano = toNanoUsd
export const scope = (name: string, limit: number | undefined, window = '2026-11'): HoldScope => ({
  scope: name,
  window,
  limit: limit === undefined ? undefined : nano(limit),
  resetsAtMs: Date.UTC(2026, 11),
})
export const ask = (
  holdId: string,
  amount: number,
  scopes: readonly HoldScope[],
  least = amount,
): HoldAsk => ({
  holdId,
  amount: nano(amount),
  amountLeast: nano(least),
  scopes,
  expiresAtMs: 1_000,
})

export const limits = new Map([
  ['tenant:a', 500],
  ['user:a/x', 200],
  ['user:a/y', 300],
  ['model:m', undefined],
])
const ids = constantFrom('h1', 'h2', 'h3', 'h4', 'h5', 'h6')
const amounts = integer({ min: 0, max: 150 })
export const stepOn = (scopes: readonly string[]) =>
  oneof(
    record({
      action: constantFrom('reserve' as const, 'extend' as const),
      id: ids,
      amount: amounts,
      least: amounts,
      scopes: subarray([...scopes], { minLength: 1 }),
      window: constantFrom('2026-11', '2026-12'),
      expiresAtMs: integer({ min: 0, max: 100 }),
    }),
    record({ action: constantFrom('settle' as const), id: ids, share: integer({ min: 0, max: 100 }) }),
    record({ action: constantFrom('expire' as const), nowMs: integer({ min: 0, max: 100 }) }),
  )
type Step =
  ReturnType<typeof stepOn> extends { generate(...rest: never[]): { readonly value: infer T } } ? T : never

interface Model {
  readonly open: Map<string, { amount: number; counters: string[]; expiresAtMs: number }>
  readonly expired: Map<string, { amount: number; counters: string[] }>
  readonly settled: Map<string, number>
}

export async function runHistory(ledger: Ledger, steps: readonly Step[]): Promise<void> {
  const model: Model = { open: new Map(), expired: new Map(), settled: new Map() }
  for (const next of steps) {
    await runStep(ledger, model, next)
    await compare(ledger, model)
  }
  for (const id of model.open.keys()) await ledger.settle(id, nano(0))
  model.open.clear()
  await compare(ledger, model)
}

async function runStep(ledger: Ledger, model: Model, next: Step): Promise<void> {
  const { open, expired, settled } = model
  const add = (counters: readonly string[], amount: number) => {
    for (const counter of counters) settled.set(counter, (settled.get(counter) ?? 0) + amount)
  }
  if (next.action === 'settle') {
    const held = open.get(next.id)
    const late = expired.get(next.id)
    const spent = Math.floor(((held ?? late)?.amount ?? 0) * (next.share / 100))
    const { kind } = await ledger.settle(next.id, nano(spent))
    assert.equal(kind, held ? 'settled' : late ? 'late' : 'unknown')
    if (held) add(held.counters, spent)
    else if (late) add(late.counters, spent - late.amount)
    if (!open.delete(next.id)) expired.delete(next.id)
  } else if (next.action === 'expire') {
    await ledger.expire(next.nowMs)
    for (const [id, held] of open) {
      if (held.expiresAtMs > next.nowMs) continue
      open.delete(id)
      expired.set(id, held)
      add(held.counters, held.amount)
    }
  } else {
    const { action, id, amount, window, expiresAtMs } = next
    // Ids are of one request: none is used again after its hold expired.
    if (expired.has(id)) return
    const scopes = next.scopes.map((name) => scope(name, limits.get(name), window))
    const least = Math.min(next.least, amount)
    const answer = await ledger[action]({ ...ask(id, amount, scopes, least), expiresAtMs })
    if (!answer.isHeld || (action === 'reserve' && open.has(id))) return
    const wished = Math.max(amount, open.get(id)?.amount ?? 0)
    assert.ok(answer.amount <= wished && answer.amount >= least)
    open.set(id, {
      amount: answer.amount,
      counters: next.scopes.map((name) => `${name} ${window}`),
      expiresAtMs,
    })
  }
}

async function compare(ledger: Ledger, { open, settled }: Model): Promise<void> {
  for (const window of ['2026-11', '2026-12']) {
    for (const [name, limit] of limits) {
      const counter = `${name} ${window}`
      const [balance] = await ledger.balances([{ scope: name, window }])
      assert.ok(balance)
      const holding = [...open.values()].filter(({ counters }) => counters.includes(counter))
      const reserved = holding.reduce((sum, { amount }) => sum + amount, 0)
      assert.equal(balance.reserved, reserved, `reserved of ${counter}`)
      assert.equal(balance.settled, settled.get(counter) ?? 0, `settled of ${counter}`)
      if (limit !== undefined) assert.ok(balance.settled + balance.reserved <= limit, `limit of ${counter}`)
    }
  }
}
