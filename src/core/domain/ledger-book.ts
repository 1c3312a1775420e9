/** The ledger's arithmetic: holds and counters as a state machine without any input or output, for every store that keeps it. */
import { createLedgerCounters } from '#core/domain/ledger-counters.ts'
import type { ChangedBalance, Counter, LedgerCounters, LoadCounter } from '#core/domain/ledger-counters.ts'
import type {
  Balance,
  Correction,
  HoldAnswer,
  HoldAsk,
  HoldRecord,
  HoldScope,
  Settlement,
  WindowPart,
} from '#core/domain/ledger-hold.ts'
import { toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'

/** Not one of its functions waits or stops part of the way: each is one atomic step. */
export interface LedgerBook {
  readonly reserve: (ask: HoldAsk) => HoldAnswer
  /** Refits an open hold; see the ledger's port. */
  readonly extend: (ask: HoldAsk) => HoldAnswer
  readonly settle: (holdId: string, spent: NanoUsd) => Settlement
  /** Books what all corrections of a counter come to; see the ledger's port. */
  readonly correct: (correction: Correction) => NanoUsd
  /** Charges every open hold whose end has passed, and returns their ids. */
  readonly expire: (nowMs: number) => string[]
  /** Charges one open hold in full, as if its end had passed. */
  readonly expireHold: (holdId: string) => void
  readonly balance: (scope: string, window: string) => Balance
  /** Takes a hold away as if it had never been: for a store that could not write it down. */
  readonly undo: (holdId: string) => void
  /** Puts a hold as it was granted, whatever the limits are now; takes the place of a hold with the same id. */
  readonly restoreHold: (record: HoldRecord) => void
  /** Remembers a hold that was charged when it expired, so that a late settlement can still correct it. */
  readonly restoreExpired: (record: HoldRecord) => void
  readonly findHold: (holdId: string) => HoldRecord | undefined
  readonly openHolds: () => HoldRecord[]
  readonly expiredHolds: () => HoldRecord[]
  readonly takeChanged: () => ChangedBalance[]
  readonly forgetEndedBefore: (momentMs: number) => number
}

export interface LedgerBookSettings {
  /** What a counter came to before this book was opened; called once for each counter that is not in memory. */
  readonly load?: LoadCounter | undefined
  /** Expired holds that are remembered for a late settlement; the oldest is forgotten first. */
  readonly expiredMax?: number | undefined
}

/** Before the name of a counter whose corrections it counts. */
export const correctionMark = 'correction '

interface Hold {
  readonly holdId: string
  readonly amount: NanoUsd
  readonly counters: readonly Counter[]
  readonly expiresAtMs: number
}

interface Books {
  readonly counters: LedgerCounters
  readonly open: Map<string, Hold>
  readonly expired: Map<string, Hold>
  readonly expiredMax: number
}

export function createLedgerBook(settings: LedgerBookSettings = {}): LedgerBook {
  const books: Books = {
    counters: createLedgerCounters(settings.load),
    open: new Map(),
    expired: new Map(),
    expiredMax: settings.expiredMax ?? 10_000,
  }
  const { counters, open, expired } = books
  return {
    reserve(ask) {
      const known = open.get(ask.holdId)
      return known ? { isHeld: true, amount: known.amount } : hold(books, ask, undefined)
    },
    extend: (ask) => hold(books, ask, open.get(ask.holdId)),
    settle: (holdId, spent) => settle(books, holdId, spent),
    correct: (correction) => correct(books, correction),
    expire: (nowMs) => expire(books, nowMs),
    expireHold(holdId) {
      const held = open.get(holdId)
      if (held) chargeInFull(books, held)
    },
    balance: counters.balance,
    undo(holdId) {
      const held = open.get(holdId)
      if (held) release(books, held)
    },
    restoreHold(record) {
      const known = open.get(record.holdId)
      if (known) release(books, known)
      place(books, holdOf(counters, record))
    },
    restoreExpired: (record) => remember(books, holdOf(counters, record)),
    findHold(holdId) {
      const held = open.get(holdId)
      return held && recordOf(held)
    },
    openHolds: () => [...open.values()].map(recordOf),
    expiredHolds: () => [...expired.values()].map(recordOf),
    takeChanged: counters.takeChanged,
    forgetEndedBefore: counters.forgetEndedBefore,
  }
}

function hold(books: Books, ask: HoldAsk, known: Hold | undefined): HoldAnswer {
  const touched: Counter[] = []
  let left = Number.POSITIVE_INFINITY
  let tightest: { readonly scope: HoldScope; readonly limit: NanoUsd; readonly sum: WindowSum } | undefined
  for (const scope of ask.scopes) {
    const counter = books.counters.find(scope)
    touched.push(counter)
    if (scope.limit === undefined) continue
    const sum = scope.earlier ? sumOfParts(books, scope.scope, scope.earlier, { counter, known }) : counter
    const own = known?.counters.includes(counter) ? known.amount : 0
    const leftHere = Math.max(0, scope.limit - sum.settled - sum.reserved + own)
    if (leftHere >= left) continue
    left = leftHere
    tightest = { scope, limit: scope.limit, sum }
  }
  const wished = known && known.amount > ask.amount ? known.amount : ask.amount
  const amount = wished <= left ? wished : (left as NanoUsd)
  if (tightest && amount < ask.amountLeast) {
    const { scope, limit, sum } = tightest
    return {
      isHeld: false,
      scope: scope.scope,
      window: scope.window,
      limit,
      settled: sum.settled as NanoUsd,
      reserved: sum.reserved as NanoUsd,
      resetsAtMs: scope.resetsAtMs,
    }
  }
  if (known) release(books, known)
  place(books, { holdId: ask.holdId, amount, counters: touched, expiresAtMs: ask.expiresAtMs })
  return { isHeld: true, amount }
}

type WindowSum = Pick<Counter, 'settled' | 'reserved'>

/** What stands against the limit of a rolling window, without what the hold that is asked for held in an earlier part. */
function sumOfParts(
  { counters }: Books,
  scope: string,
  earlier: readonly WindowPart[],
  { counter, known }: { readonly counter: Counter; readonly known: Hold | undefined },
): WindowSum {
  let { settled, reserved } = counter
  for (const { window, resetsAtMs } of earlier) {
    const part = counters.findPart(scope, window, resetsAtMs)
    settled += part.settled
    reserved += part.reserved
    if (known?.counters.includes(part)) reserved -= known.amount
  }
  return { settled, reserved }
}

function place({ open }: Books, held: Hold): void {
  open.set(held.holdId, held)
  for (const counter of held.counters) counter.reserved += held.amount
}

function release({ open }: Books, held: Hold): void {
  open.delete(held.holdId)
  for (const counter of held.counters) counter.reserved -= held.amount
}

function settle(books: Books, holdId: string, spent: NanoUsd): Settlement {
  const held = books.open.get(holdId)
  if (held) {
    release(books, held)
    for (const counter of held.counters) books.counters.add(counter, spent, 0)
    return { kind: 'settled', overUse: overUseOf(spent, held.amount) }
  }
  const late = books.expired.get(holdId)
  if (!late) return { kind: 'unknown', overUse: zeroUsd }
  books.expired.delete(holdId)
  for (const counter of late.counters) books.counters.add(counter, spent - late.amount, 0 - late.amount)
  return { kind: 'late', overUse: overUseOf(spent, late.amount) }
}

/** What corrections came to is a counter of its own, kept wherever counters are. */
function correct({ counters }: Books, { scope, window, resetsAtMs, total }: Correction): NanoUsd {
  const booked = counters.find({ scope: `${correctionMark}${scope}`, window, resetsAtMs })
  const change = total - booked.settled
  if (change === 0) return zeroUsd
  counters.add(booked, change, 0)
  counters.add(counters.find({ scope, window, resetsAtMs }), change, 0)
  return toNanoUsd(change)
}

function expire(books: Books, nowMs: number): string[] {
  const ids: string[] = []
  for (const held of books.open.values()) {
    if (held.expiresAtMs > nowMs) continue
    chargeInFull(books, held)
    ids.push(held.holdId)
  }
  return ids
}

/** The end of a hold without a word from its holder proves nothing about what was spent: all of it is charged. */
function chargeInFull(books: Books, held: Hold): void {
  release(books, held)
  for (const counter of held.counters) books.counters.add(counter, held.amount, held.amount)
  remember(books, held)
}

function remember({ expired, expiredMax }: Books, held: Hold): void {
  expired.set(held.holdId, held)
  if (expired.size <= expiredMax) return
  for (const oldest of expired.keys()) {
    expired.delete(oldest)
    return
  }
}

function holdOf(counters: LedgerCounters, record: HoldRecord): Hold {
  const { holdId, amount, expiresAtMs } = record
  return { holdId, amount, expiresAtMs, counters: record.scopes.map(counters.find) }
}

function recordOf(held: Hold): HoldRecord {
  const { holdId, amount, expiresAtMs } = held
  const scopes = held.counters.map(({ scope, window, resetsAtMs }) => ({ scope, window, resetsAtMs }))
  return { holdId, amount, expiresAtMs, scopes }
}

function overUseOf(spent: NanoUsd, amount: NanoUsd): NanoUsd {
  return spent > amount ? ((spent - amount) as NanoUsd) : zeroUsd
}
