/** Instances of one shared ledger that are kept busy while its server fails, and the sums that must stand at the end. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HoldScope } from '#core/domain/ledger-hold.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { openLedgerEnd } from '#tests/support/shared-ledger.ts'
import type { EndWish, LedgerEnd } from '#tests/support/shared-ledger.ts'

export const window = '2999-01'
const resetsAtMs = Date.UTC(2999, 1)

export const counterOf = (scope: string, limit: number | undefined): HoldScope => ({
  scope,
  window,
  limit: limit === undefined ? undefined : toNanoUsd(limit),
  resetsAtMs,
})

export interface StageEnd extends LedgerEnd {
  readonly connection: RedisConnection
}

/** A connection of its own, that fails fast. */
export async function openEnd(url: string, wish: EndWish, commandTimeoutMs = 400): Promise<StageEnd> {
  const terms = { url, commandTimeoutMs, connectTimeoutMs: 2_000 }
  const connection = await openRedis(terms, () => undefined)
  const end = await openLedgerEnd(connection, { stepWaitMs: 400, ...wish })
  return {
    ...end,
    connection,
    async close() {
      await end.close()
      await connection.close()
    },
  }
}

export interface Tally {
  /** What the provider was asked for, and bills. */
  billed: number
  /** What was held or billed at most, at any moment. */
  refused: number
  unavailable: number
  answered: number
  calls: number
}

export const emptyTally = (): Tally => ({ billed: 0, refused: 0, unavailable: 0, answered: 0, calls: 0 })

export interface Call {
  readonly amount: number
  readonly spent: number
  readonly scopes: readonly HoldScope[]
  /** How long the provider takes. */
  readonly takesMs?: number
}

/** One request from its hold to its bill. */
export async function callOnce({ ledger, instance }: LedgerEnd, tally: Tally, call: Call): Promise<void> {
  tally.calls += 1
  const holdId = `${instance}-${tally.calls}`
  const amount = toNanoUsd(call.amount)
  const ask = { holdId, amount, amountLeast: amount, scopes: call.scopes, expiresAtMs: Date.now() + 600_000 }
  try {
    const answer = await ledger.reserve(ask)
    if (!answer.isHeld) {
      tally.refused += 1
      return
    }
    await ledger.dispatch(holdId)
  } catch (thrown) {
    assert.ok(thrown instanceof Problem && thrown.code === 'store_unavailable', String(thrown))
    assert.ok((thrown.details.retryAfterMs ?? 0) > 0)
    tally.unavailable += 1
    await ledger.settle(holdId, toNanoUsd(0))
    return
  }
  tally.billed += call.spent
  tally.answered += 1
  if (call.takesMs) await sleep(call.takesMs)
  await ledger.settle(holdId, toNanoUsd(call.spent))
}

/** Waits until nothing is held but slices, and the counter says exactly this. */
export async function assertSettled({ ledger }: LedgerEnd, scope: string, settled: number): Promise<void> {
  await eventually(async () => {
    const [balance] = await ledger.balances([{ scope, window }])
    assert.equal(balance?.settled, settled, `settled of ${scope}`)
  })
}
