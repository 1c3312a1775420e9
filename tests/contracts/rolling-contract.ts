/** What every ledger must do with rolling windows, whose earlier parts count against the limit as well. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HoldScope } from '#core/domain/ledger-hold.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { ask, scope } from './ledger-histories.ts'
import type { OpenLedger } from './ledger-contract.ts'

const nano = toNanoUsd

/** Part `number` of a rolling window that counts two earlier ones. */
const part = (name: string, limit: number, number: number): HoldScope => ({
  scope: name,
  window: `part-${number}`,
  limit: nano(limit),
  resetsAtMs: partEndsAt(number),
  earlier: [number - 2, number - 1].map((earlier) => ({
    window: `part-${earlier}`,
    resetsAtMs: partEndsAt(earlier),
  })),
})
const partEndsAt = (number: number) => Date.UTC(2026, 10, 22, number + 3)

export function rollingContract(store: string, open: () => OpenLedger | Promise<OpenLedger>): void {
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

  ledgerTest(
    'the earlier parts of a rolling window count against its limit, held or settled',
    async (ledger) => {
      await ledger.reserve(ask('h1', 40, [part('user:a/x', 100, 1)]))
      await ledger.settle('h1', nano(30))
      await ledger.reserve(ask('h2', 25, [part('user:a/x', 100, 2)]))
      const refused = await ledger.reserve(ask('h3', 46, [part('user:a/x', 100, 3)]))
      assert.deepEqual(refused, {
        isHeld: false,
        scope: 'user:a/x',
        window: 'part-3',
        limit: 100,
        settled: 30,
        reserved: 25,
        resetsAtMs: partEndsAt(3),
      })
      assert.deepEqual(await ledger.reserve(ask('h3', 46, [part('user:a/x', 100, 3)], 10)), {
        isHeld: true,
        amount: 45,
      })
      assert.deepEqual(await balanceOf(ledger, 'user:a/x', 'part-1'), [30, 0, 0])
      assert.deepEqual(await balanceOf(ledger, 'user:a/x', 'part-2'), [0, 25, 0])
      assert.deepEqual(await balanceOf(ledger, 'user:a/x', 'part-3'), [0, 45, 0])
      // Three parts on, the first and the second no longer count.
      assert.deepEqual(await ledger.reserve(ask('h4', 60, [part('user:a/x', 100, 5)], 1)), {
        isHeld: true,
        amount: 55,
      })
      await ledger.settle('h2', nano(20))
      assert.deepEqual(await balanceOf(ledger, 'user:a/x', 'part-2'), [20, 0, 0])
    },
  )

  ledgerTest(
    'a hold that is refitted in a later part of its window does not stand in its own way',
    async (ledger) => {
      const tenant = scope('tenant:a', 1_000)
      await ledger.reserve(ask('h1', 70, [tenant, part('user:a/x', 100, 1)]))
      await ledger.reserve(ask('h2', 20, [tenant, part('user:a/x', 100, 2)]))
      assert.equal((await ledger.extend(ask('h1', 81, [tenant, part('user:a/x', 100, 3)]))).isHeld, false)
      assert.deepEqual(await ledger.extend(ask('h1', 80, [tenant, part('user:a/x', 100, 3)])), {
        isHeld: true,
        amount: 80,
      })
      assert.deepEqual(await balanceOf(ledger, 'user:a/x', 'part-1'), [0, 0, 0])
      assert.deepEqual(await balanceOf(ledger, 'user:a/x', 'part-3'), [0, 80, 0])
      assert.deepEqual(await balanceOf(ledger, 'tenant:a'), [0, 100, 0])
    },
  )

  ledgerTest(
    'each counter looks at its own earlier parts, in whatever order they are asked for',
    async (ledger) => {
      const both = (number: number) => [
        part('user:a/x', 100, number),
        scope('tenant:a', undefined),
        part('key:a/k', 60, number),
      ]
      await ledger.reserve(ask('h1', 50, both(1)))
      await ledger.reserve(ask('h2', 30, [part('user:a/x', 100, 2)]))
      const refused = await ledger.reserve(ask('h3', 15, both(2)))
      assert.ok(!refused.isHeld)
      assert.deepEqual([refused.scope, refused.reserved], ['key:a/k', 50])
      assert.deepEqual(await ledger.reserve(ask('h3', 15, both(2).toReversed(), 10)), {
        isHeld: true,
        amount: 10,
      })
    },
  )
}
