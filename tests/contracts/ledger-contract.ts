/** What every ledger must do, whatever it is kept in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  asyncProperty,
  assert as check,
  array,
  constantFrom,
  integer,
  oneof,
  record,
  subarray,
} from 'fast-check'
import type { HoldAsk, HoldScope } from '#core/domain/ledger-hold.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'

export interface OpenLedger {
  readonly ledger: Ledger
  readonly close: () => void | Promise<void>
}

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

/** `histories`: which random ones it goes through. */
export function ledgerContract(
  store: string,
  open: () => OpenLedger | Promise<OpenLedger>,
  histories = { scopes: [...limits.keys()], count: 60 },
): void {
  const ledgerTest = (name: string, body: (ledger: Ledger) => Promise<void>) => {
    test(`${store} ledger: ${name}`, async () => {
      const { ledger, close } = await open()
      try {
        await body(ledger)
      } finally {
        await close()
      }
    })
  }
  const balanceOf = async (ledger: Ledger, name: string, window = '2026-11') => {
    const [balance] = await ledger.balances([{ scope: name, window }])
    assert.ok(balance)
    return [balance.settled, balance.reserved, balance.estimated]
  }

  ledgerTest('a hold counts at every level until it is settled', async (ledger) => {
    const scopes = [scope('tenant:a', 1_000), scope('user:a/x', 500), scope('key:a/k', undefined)]
    assert.deepEqual(await ledger.reserve(ask('h1', 300, scopes)), { isHeld: true, amount: 300 })
    for (const { scope: name } of scopes) assert.deepEqual(await balanceOf(ledger, name), [0, 300, 0])
    assert.deepEqual(await ledger.settle('h1', nano(120)), { kind: 'settled', overUse: 0 })
    for (const { scope: name } of scopes) assert.deepEqual(await balanceOf(ledger, name), [120, 0, 0])
  })

  ledgerTest(
    'a refusal names the counter with the least left and changes nothing anywhere',
    async (ledger) => {
      const wide = scope('tenant:a', 1_000)
      const narrow = scope('user:a/x', 100)
      await ledger.reserve(ask('h1', 60, [wide, narrow]))
      const refused = await ledger.reserve(ask('h2', 50, [wide, narrow]))
      assert.deepEqual(refused, {
        isHeld: false,
        scope: 'user:a/x',
        window: '2026-11',
        limit: 100,
        settled: 0,
        reserved: 60,
        resetsAtMs: Date.UTC(2026, 11),
      })
      assert.deepEqual(await balanceOf(ledger, 'tenant:a'), [0, 60, 0])
    },
  )

  ledgerTest('what is left is held when it is enough', async (ledger) => {
    const scopes = [scope('user:a/x', 100)]
    await ledger.reserve(ask('h1', 70, scopes))
    assert.deepEqual(await ledger.reserve(ask('h2', 50, scopes, 30)), { isHeld: true, amount: 30 })
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [0, 100, 0])
  })

  ledgerTest('what costs nothing is held even when nothing is left', async (ledger) => {
    const scopes = [scope('user:a/x', 100)]
    await ledger.reserve(ask('h1', 100, scopes))
    assert.deepEqual(await ledger.reserve(ask('free', 0, scopes)), { isHeld: true, amount: 0 })
  })

  ledgerTest('asking twice with one id holds once', async (ledger) => {
    const scopes = [scope('user:a/x', 100)]
    await ledger.reserve(ask('h1', 70, scopes))
    assert.deepEqual(await ledger.reserve(ask('h1', 70, scopes)), { isHeld: true, amount: 70 })
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [0, 70, 0])
  })

  ledgerTest('settling twice charges once', async (ledger) => {
    await ledger.reserve(ask('h1', 70, [scope('user:a/x', 100)]))
    await Promise.all([ledger.settle('h1', nano(50)), ledger.settle('h1', nano(50))])
    assert.deepEqual(await ledger.settle('h1', nano(9)), { kind: 'unknown', overUse: 0 })
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [50, 0, 0])
  })

  ledgerTest('settling what never was held changes nothing', async (ledger) => {
    assert.deepEqual(await ledger.settle('nobody', nano(50)), { kind: 'unknown', overUse: 0 })
  })

  ledgerTest('use beyond the hold is charged and told', async (ledger) => {
    await ledger.reserve(ask('h1', 70, [scope('user:a/x', 100)]))
    assert.deepEqual(await ledger.settle('h1', nano(95)), { kind: 'settled', overUse: 25 })
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [95, 0, 0])
  })

  ledgerTest('a hold is refitted to other counters and a larger amount, all or nothing', async (ledger) => {
    const user = scope('user:a/x', 100)
    const dear = scope('provider:dear', 40)
    await ledger.reserve(ask('h1', 30, [user, scope('provider:cheap', 100)]))
    const refused = await ledger.extend(ask('h1', 50, [user, dear]))
    assert.equal(refused.isHeld, false)
    assert.deepEqual(await balanceOf(ledger, 'provider:cheap'), [0, 30, 0])
    assert.deepEqual(await ledger.extend(ask('h1', 90, [user, scope('provider:dear', 400)])), {
      isHeld: true,
      amount: 90,
    })
    assert.deepEqual(await balanceOf(ledger, 'provider:cheap'), [0, 0, 0])
    assert.deepEqual(await balanceOf(ledger, 'provider:dear'), [0, 90, 0])
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [0, 90, 0])
    await ledger.settle('h1', nano(80))
    assert.deepEqual(await balanceOf(ledger, 'provider:dear'), [80, 0, 0])
  })

  ledgerTest('a smaller need keeps the larger hold', async (ledger) => {
    const user = scope('user:a/x', 100)
    await ledger.reserve(ask('h1', 60, [user]))
    assert.deepEqual(await ledger.extend(ask('h1', 10, [user])), { isHeld: true, amount: 60 })
  })

  ledgerTest(
    'a hold whose holder is gone is charged in full, flagged, and corrected when the truth comes',
    async (ledger) => {
      await ledger.reserve(ask('h1', 70, [scope('user:a/x', 100)]))
      assert.equal(await ledger.expire(999), 0)
      assert.equal(await ledger.expire(1_000), 1)
      assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [70, 0, 70])
      assert.deepEqual(await ledger.settle('h1', nano(20)), { kind: 'late', overUse: 0 })
      assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [20, 0, 0])
      assert.deepEqual(await ledger.settle('h1', nano(20)), { kind: 'unknown', overUse: 0 })
    },
  )

  ledgerTest(
    'a held amount never survives its call by more than its lease, however its holder ends',
    async (ledger) => {
      const user = scope('user:a/x', 10_000)
      const until = (holdId: string, amount: number, expiresAtMs: number) => ({
        ...ask(holdId, amount, [user]),
        expiresAtMs,
      })
      const leases = [100, 200, 300, 400].map((endMs) => ({ endMs, amount: endMs / 10 }))
      // Of each lease one call is settled, one dies with it, one is refitted in mid-call, and one is told of twice.
      for (const { endMs, amount } of leases) {
        await ledger.reserve(until(`settled${endMs}`, amount, endMs))
        await ledger.reserve(until(`dead${endMs}`, amount, endMs))
        await ledger.reserve(until(`refitted${endMs}`, amount, 10))
        await ledger.extend(until(`refitted${endMs}`, amount, endMs))
        await ledger.reserve(until(`twice${endMs}`, amount, endMs))
        await ledger.reserve(until(`twice${endMs}`, amount, endMs + 1_000_000))
        await ledger.settle(`settled${endMs}`, nano(1))
      }
      for (const nowMs of [10, 99, 100, 250, 399, 400]) {
        await ledger.expire(nowMs)
        const running = leases.filter(({ endMs }) => endMs > nowMs)
        const held = running.reduce((sum, { amount }) => sum + 3 * amount, 0)
        const [, reserved] = await balanceOf(ledger, 'user:a/x')
        assert.equal(reserved, held, `held at ${nowMs}`)
      }
      assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [4 + 300, 0, 300])
    },
  )

  ledgerTest(
    'a hold settles in the window where it was made, whatever the time is by then',
    async (ledger) => {
      await ledger.reserve(ask('h1', 70, [scope('user:a/x', 100)]))
      const next = [scope('user:a/x', 100, '2026-12')]
      assert.deepEqual(await ledger.reserve(ask('h2', 100, next)), { isHeld: true, amount: 100 })
      await ledger.settle('h1', nano(40))
      assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [40, 0, 0])
      assert.deepEqual(await balanceOf(ledger, 'user:a/x', '2026-12'), [0, 100, 0])
    },
  )

  ledgerTest('a thousand at once with room for a hundred: exactly a hundred are held', async (ledger) => {
    const scopes = [scope('tenant:a', 5_000), scope('user:a/x', 1_000)]
    const reserve = async (i: number) => ledger.reserve(ask(`h${i}`, 10, scopes))
    const settle = async (i: number) => ledger.settle(`h${i}`, nano(10))
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => reserve(i)))
    assert.equal(answers.filter((answer) => answer.isHeld).length, 100)
    await Promise.all(answers.flatMap((_, i) => [settle(i), settle(i)]))
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [1_000, 0, 0])
    assert.deepEqual(await balanceOf(ledger, 'tenant:a'), [1_000, 0, 0])
  })

  test(`${store} ledger: no history breaks a limit, loses a charge or leaves a hold behind`, async () => {
    await check(
      asyncProperty(array(stepOn(histories.scopes), { minLength: 1, maxLength: 60 }), async (steps) => {
        const { ledger, close } = await open()
        try {
          await runHistory(ledger, steps)
        } finally {
          await close()
        }
      }),
      { numRuns: histories.count },
    )
  })
}

const limits = new Map([
  ['tenant:a', 500],
  ['user:a/x', 200],
  ['user:a/y', 300],
  ['model:m', undefined],
])
const ids = constantFrom('h1', 'h2', 'h3', 'h4', 'h5', 'h6')
const amounts = integer({ min: 0, max: 150 })
const stepOn = (scopes: readonly string[]) =>
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

async function runHistory(ledger: Ledger, steps: readonly Step[]): Promise<void> {
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
