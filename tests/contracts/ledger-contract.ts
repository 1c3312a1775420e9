/** What every ledger must do, whatever it is kept in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asyncProperty, assert as check, array } from 'fast-check'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { ask, limits, runHistory, scope, stepOn } from '#tests/contracts/ledger-histories.ts'

export interface OpenLedger {
  readonly ledger: Ledger
  readonly close: () => void | Promise<void>
}

const nano = toNanoUsd

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

  ledgerTest('a correction is booked once, changed by what it came to before, and counts', async (ledger) => {
    const user = scope('user:a/x', 100)
    const { resetsAtMs } = user
    const correct = async (total: number, name = 'user:a/x') =>
      ledger.correct({ scope: name, window: '2026-11', resetsAtMs, total: nano(total) })
    await ledger.reserve(ask('h1', 70, [user]))
    await ledger.settle('h1', nano(50))
    assert.equal(await correct(30), 30)
    assert.equal(await correct(30), 0)
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [80, 0, 0])
    assert.equal((await ledger.reserve(ask('h2', 21, [user]))).isHeld, false)
    assert.equal(await correct(-10), -40)
    assert.deepEqual(await Promise.all([correct(-10), correct(-10)]), [0, 0])
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [40, 0, 0])
    assert.deepEqual(await ledger.reserve(ask('h3', 60, [user])), { isHeld: true, amount: 60 })
    await ledger.settle('h3', nano(60))
    assert.equal(await correct(0), 10)
    assert.deepEqual(await balanceOf(ledger, 'user:a/x'), [110, 0, 0])
    assert.equal(await correct(7, 'user:a/new'), 7)
    assert.deepEqual(await balanceOf(ledger, 'user:a/new'), [7, 0, 0])
    assert.deepEqual(await balanceOf(ledger, 'user:a/x', '2026-12'), [0, 0, 0])
  })

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
