/** One instance's end of a shared ledger, for tests that need no house around it. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ledgerOver, placesIn } from '#composition/ledger-places.ts'
import type { LedgerPlace } from '#composition/ledger-places.ts'
import { systemClock } from '#composition/weather.ts'
import type { Clock } from '#core/domain/clock.ts'
import type { OwnBook, PartCopies } from '#services/budget-manager/shared-ledger/own-book.ts'
import type { OutageRule } from '#core/domain/outage-rule.ts'
import { createSharedLedger } from '#services/budget-manager/shared-ledger/shared-ledger.ts'
import type { SharedLedger } from '#services/budget-manager/shared-ledger/shared-ledger.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { createRedisShelf } from '#stores/redis/ledger-shelf.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

export interface EndWish {
  readonly keyPrefix: string
  /** Those of the prefix, unless limits are to meet the money there. */
  readonly places?: readonly LedgerPlace[]
  readonly instance?: string
  /** Ends of holds go by it when it is given, else by the server's. */
  readonly clock?: Clock
  readonly book?: OwnBook
  readonly copies?: PartCopies
  readonly outage?: OutageRule
  readonly rebuildWaitMs?: number
  readonly stepWaitMs?: number
  readonly freshWaitMs?: number
  /** Told whatever went wrong on the way back; nothing by default, for that is what these tests are about. */
  readonly report?: (failure: unknown, place: string) => void
}

export interface LedgerEnd {
  readonly ledger: SharedLedger
  readonly instance: string
  readonly close: () => Promise<void>
}

const waitsMs = { rebuildWaitMs: 1_500, stepWaitMs: 2_000 }

/** With its first session begun. */
export async function openLedgerEnd(connection: RedisConnection, wish: EndWish): Promise<LedgerEnd> {
  const { keyPrefix, clock = systemClock, instance = randomUUID(), outage = { kind: 'slices' } } = wish
  const timeSource = wish.clock ? 'caller' : 'server'
  const book = wish.book ?? openBook()
  const places = wish.places ?? placesIn(connection, keyPrefix)
  const nowMs = () => clock.nowMs()
  const ledger = ledgerOver(places, ({ tag, desks, ...own }) => {
    const shelf = createRedisShelf(connection, { tag, instance, timeSource, nowMs, desks })
    const pause = (ms: number) => sleep(ms, undefined, { ref: false })
    const report = wish.report ?? (() => undefined)
    return createSharedLedger(
      { shelf, book, copies: wish.copies, clock, pause, report },
      {
        instance,
        outage,
        rebuildWaitMs: wish.rebuildWaitMs ?? waitsMs.rebuildWaitMs,
        stepWaitMs: wish.stepWaitMs ?? waitsMs.stepWaitMs,
        freshWaitMs: wish.freshWaitMs ?? 0,
        sliceLeaseMs: 600_000,
        ...own,
      },
    )
  })
  connection.onLost(() => ledger.lost())
  await ledger.start(20_000)
  return { ledger, instance, close: () => ledger.close() }
}

/** A book in memory, or in a file that a later start may open again. */
export function openBook(file = ':memory:') {
  return createSqliteLedger(openDatabase({ file }))
}

/** A clock that only the test moves. */
export const clockAt = (time: { nowMs: number }): Clock => ({
  nowMs: () => time.nowMs,
  monotonicMs: () => time.nowMs,
})
