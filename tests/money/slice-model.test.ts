/** Slices and their leases in a small world: what an instance may still spend ahead is always held or charged for it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createLedgerBook } from '#core/domain/ledger-book.ts'
import type { LedgerBook } from '#core/domain/ledger-book.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { createAllowance } from '#services/budget-manager/shared-ledger/allowance.ts'
import type { Allowance } from '#services/budget-manager/shared-ledger/allowance.ts'
import { counterOf, window } from '#tests/money/failover-stage.ts'
import { rounds } from '#tests/money/soak.ts'
import { clockAt } from '#tests/support/shared-ledger.ts'

const limit = 10_000
const scopes = [counterOf('tenant:a', limit)]
/** A hundredth of the limit. */
const slice = 100
const leaseMs = 600_000

const askFor = (holdId: string, amount: number, expiresAtMs: number) => ({
  holdId,
  amount: toNanoUsd(amount),
  amountLeast: toNanoUsd(amount),
  scopes,
  expiresAtMs,
})

test('a slice is spent from while its lease runs by both clocks of its instance, and never later', () => {
  const clocks = fc.record({
    monotonicMs: fc.integer({ min: 0, max: 2 * leaseMs }),
    wallMs: fc.integer({ min: -leaseMs, max: 2 * leaseMs }),
  })
  fc.assert(
    fc.property(clocks, ({ monotonicMs, wallMs }) => {
      const time = { nowMs: 1_000_000, monotonicMs: 5_000 }
      const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.monotonicMs }
      const allowance = createAllowance({ instance: 'one', rule: { kind: 'slices' }, leaseMs, clock })
      allowance.note(scopes, time.nowMs)
      const [wish] = allowance.wishes(time.nowMs).asks
      assert.ok(wish)
      allowance.grant(wish, toNanoUsd(slice))
      time.nowMs += wallMs
      time.monotonicMs += monotonicMs
      allowance.note(scopes, time.nowMs)
      const granted = allowance.take(askFor('h', 10, time.nowMs + 60_000), undefined)
      const isLapsed = Math.max(monotonicMs, wallMs) >= leaseMs * 0.9
      assert.equal(granted, isLapsed ? undefined : 10)
      // What lapsed is neither told as held nor kept: it is given up, and asked for anew.
      assert.equal(allowance.wishes(time.nowMs).idle.length, isLapsed ? 1 : 0)
      assert.deepEqual(
        allowance.tell().map(({ amount }) => amount),
        isLapsed ? [] : [slice - 10],
      )
    }),
    { numRuns: rounds(300, 5_000) },
  )
})

/** One step of a world with two instances and a shelf. */
const event = fc.record({
  instance: fc.constantFrom(0, 1),
  kind: fc.constantFrom('renew', 'renewal without an answer', 'take', 'expire', 'release'),
  amount: fc.integer({ min: 1, max: slice }),
  passesMs: fc.integer({ min: 0, max: leaseMs / 2 }),
})

test('whatever an instance may still spend of a slice is held or charged for it, however clocks drift', () => {
  const rates = fc.tuple(fc.integer({ min: 95, max: 105 }), fc.integer({ min: 95, max: 105 }))
  fc.assert(
    fc.property(rates, fc.array(event, { maxLength: 60 }), (percents, events) => {
      const shelf = createLedgerBook()
      let shelfMs = 1_000_000
      const times = [{ nowMs: 0 }, { nowMs: 0 }]
      const allowances = times.map((time, position) =>
        createAllowance({
          instance: `i${position}`,
          rule: { kind: 'slices' },
          leaseMs,
          clock: clockAt(time),
        }),
      )
      let spent = 0
      let takes = 0
      for (const { instance, kind, amount, passesMs } of events) {
        shelfMs += passesMs
        for (const [position, time] of times.entries())
          time.nowMs += (passesMs * (percents[position] ?? 100)) / 100
        const allowance = allowances[instance]
        const nowMs = times[instance]?.nowMs ?? 0
        assert.ok(allowance)
        allowance.note(scopes, nowMs)
        if (kind === 'take') {
          // The shelf is away: what is spent now is told to nobody.
          if (allowance.take(askFor(`t${(takes += 1)}`, amount, nowMs + 1_000), undefined)) spent += amount
        } else if (kind === 'expire') shelf.expire(shelfMs)
        else if (kind === 'release') release(shelf, shelfMs)
        else renew(allowance, { shelf, shelfMs, nowMs, isAnswered: kind === 'renew' })
        const { settled, reserved } = shelf.balance('tenant:a', window)
        const spendable = allowances.reduce((sum, one) => sum + heldIn(one), 0)
        assert.ok(
          spendable <= settled + reserved,
          `${spendable} may be spent, ${settled + reserved} stand for it`,
        )
        assert.ok(settled + reserved <= limit)
      }
      assert.ok(spent <= limit)
    }),
    { numRuns: rounds(500, 20_000) },
  )
})

const heldIn = (allowance: Allowance) => allowance.tell().reduce((sum, { amount }) => sum + amount, 0)

/** What the operator may give back: charged in full, and its lease long over. */
function release(shelf: LedgerBook, shelfMs: number): void {
  for (const { holdId, expiresAtMs } of shelf.expiredHolds())
    if (expiresAtMs + 1_000 <= shelfMs) shelf.settle(holdId, toNanoUsd(0))
}

interface Renewal {
  readonly shelf: LedgerBook
  readonly shelfMs: number
  readonly nowMs: number
  readonly isAnswered: boolean
}

/** A renewal as the ledger makes it: what lapsed is given up first, then every slice is asked for anew. */
function renew(allowance: Allowance, { shelf, shelfMs, nowMs, isAnswered }: Renewal): void {
  // Whoever is in session has told all that was spent: here, that is a settlement beside the slice.
  const { asks, idle } = allowance.wishes(nowMs)
  for (const holdId of idle) {
    allowance.drop(holdId)
    shelf.settle(holdId, toNanoUsd(0))
  }
  for (const wish of asks) {
    const ends = shelfMs + leaseMs
    const answer = shelf.extend({ ...wish.ask, expiresAtMs: ends })
    if (answer.isHeld && isAnswered) allowance.grant(wish, answer.amount)
  }
}
