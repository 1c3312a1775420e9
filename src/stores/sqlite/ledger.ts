/**
 * The ledger in the embedded database. This process owns the file, so the book in memory is the truth and the file is
 * its memory: everything that happened in one turn of the event loop is written as one row in one transaction, and
 * nobody is told of a hold before that. A start replays the rows and charges what was held when the process ended.
 */
import { createLedgerBook } from '#core/domain/ledger-book.ts'
import type { LedgerBook } from '#core/domain/ledger-book.ts'
import type { HoldAnswer, HoldAsk, HoldRecord } from '#core/domain/ledger-hold.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import type { OwnBook } from '#services/budget-manager/shared-ledger/own-book.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'
import { createLedgerLog, flatScopes } from '#stores/sqlite/ledger-log.ts'
import type { LedgerEntry } from '#stores/sqlite/ledger-log.ts'
import { createLedgerTurn } from '#stores/sqlite/ledger-turn.ts'
import type { LedgerTurn } from '#stores/sqlite/ledger-turn.ts'

export interface SqliteLedgerSettings {
  /** Entries in the log after which the counters are written and the log is emptied. */
  readonly entriesPerCheckpoint?: number | undefined
  /**
   * Holds that nothing limits may be granted before they are written, as many as this while nothing can be. None in the
   * own book of an instance that shares a ledger: its limits stand elsewhere.
   */
  readonly unlimitedWaitingMax?: number | undefined
}

/** Both a ledger of its own, and the own book of an instance that shares one. */
export interface SqliteLedger extends Omit<Ledger, 'balances'>, OwnBook {
  /** Holds that were open when the last process ended and were charged in full at the start. */
  readonly chargedAtStart: number
  /** Writes what is waiting and empties the log. Throws `store_unavailable`. */
  readonly close: () => void
}

/** Counters of ended windows leave memory this long after their end; the file keeps them. */
const endedWindowsKeptMs = 3_600_000
const entriesPerCheckpointDefault = 4_000

/** Throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteLedger(
  database: EmbeddedDatabase,
  settings: SqliteLedgerSettings = {},
): SqliteLedger {
  const log = createLedgerLog(database)
  const book = createLedgerBook({ load: log.loadCounter })
  log.replay(book)
  const chargedAtStart = book.expire(Number.POSITIVE_INFINITY).length
  log.checkpoint(book)
  const turn = createLedgerTurn(log, book, settings.entriesPerCheckpoint ?? entriesPerCheckpointDefault)

  const hold = createHold(book, turn, settings.unlimitedWaitingMax ?? 0)

  return {
    chargedAtStart,
    reserve(ask) {
      const known = book.findHold(ask.holdId)
      if (!known) return hold(ask, undefined)
      const answer: HoldAnswer = { isHeld: true, amount: known.amount }
      return new Promise((resolve) => {
        turn.add(undefined, { written: () => resolve(answer), failed: undefined })
      })
    },
    extend: (ask) => hold(ask, book.findHold(ask.holdId)),
    settle(holdId, spent) {
      const settlement = book.settle(holdId, spent)
      if (settlement.kind === 'unknown') return settlement
      return new Promise((resolve) => {
        turn.add(['settle', holdId, spent], { written: () => resolve(settlement), failed: undefined })
      })
    },
    correct(correction) {
      const change = book.correct(correction)
      if (change !== 0) turn.checkpoint()
      return change
    },
    parts(endingAfterMs) {
      turn.checkpoint()
      return log.countersEndingAfter(endingAfterMs)
    },
    balances: (counters) => counters.map(({ scope, window }) => book.balance(scope, window)),
    expire(nowMs) {
      const ids = book.expire(nowMs)
      for (const holdId of ids) turn.add(['expire', holdId], undefined)
      book.forgetEndedBefore(nowMs - endedWindowsKeptMs)
      return ids.length
    },
    close: turn.checkpoint,
  }
}

function createHold(book: LedgerBook, turn: LedgerTurn, unlimitedWaitingMax: number) {
  return (ask: HoldAsk, before: HoldRecord | undefined): Soon<HoldAnswer> => {
    const answer = book.extend(ask)
    if (!answer.isHeld) return answer
    const { holdId, expiresAtMs, scopes } = ask
    const entry: LedgerEntry = ['hold', holdId, answer.amount, expiresAtMs, flatScopes(scopes)]
    const isLimited = scopes.some(({ limit }) => limit !== undefined)
    return new Promise((resolve, reject) => {
      const written = () => resolve(answer)
      // A full disk ends no request that has no budget.
      if (!isLimited && turn.waiting() < unlimitedWaitingMax) {
        turn.add(entry, { written, failed: undefined, delayed: written })
        return
      }
      turn.add(entry, {
        written,
        failed(failure) {
          const isOpen = book.findHold(holdId) !== undefined
          book.undo(holdId)
          if (isOpen && before) book.restoreHold(before)
          reject(failure)
        },
      })
    })
  }
}
