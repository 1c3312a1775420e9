/** The ledger in memory: exact while the process lives, gone with it. */
import { createLedgerBook } from '#core/domain/ledger-book.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'

/** Counters of ended windows are kept this long for questions about the past. */
const endedWindowsKeptMs = 40 * 24 * 3_600_000

export function createMemoryLedger(): Ledger {
  const book = createLedgerBook()
  return {
    reserve: book.reserve,
    extend: book.extend,
    settle: book.settle,
    correct: book.correct,
    balances: (counters) => counters.map(({ scope, window }) => book.balance(scope, window)),
    expire(nowMs) {
      book.takeChanged()
      book.forgetEndedBefore(nowMs - endedWindowsKeptMs)
      return book.expire(nowMs).length
    },
  }
}
