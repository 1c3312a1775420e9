/** The ledger's arithmetic: counters and holds as a state machine without any input or output, for every store that keeps it. */
import type { NanoUsd } from '#core/domain/money.ts'
import { addMoney, toNanoUsd, zeroUsd } from '#core/domain/money.ts'

/** One counter that a hold touches: a scope (`user:acme/ann`) in one window of time (`2026-11`). */
export interface HoldScope {
  readonly scope: string
  readonly window: string
  /** Settled and reserved money together never pass this; undefined counts without refusing. */
  readonly limit: NanoUsd | undefined
  readonly resetsAtMs: number | undefined
}

export interface HoldAsk {
  readonly holdId: string
  readonly amount: NanoUsd
  /** When less than `amount` is left, what is left is held instead, unless it is less than this. */
  readonly amountLeast: NanoUsd
  readonly scopes: readonly HoldScope[]
  /** From then on the holder counts as gone, and the hold is charged in full. */
  readonly expiresAtMs: number
}

export type HoldAnswer =
  | { readonly isHeld: true; readonly amount: NanoUsd }
  | ({ readonly isHeld: false } & Shortage)

/** The counter that had the least left, as it stood. */
export interface Shortage {
  readonly scope: string
  readonly window: string
  readonly limit: NanoUsd
  readonly settled: NanoUsd
  readonly reserved: NanoUsd
  readonly resetsAtMs: number | undefined
}

/**
 * `settled` closed an open hold; `late` corrected a hold that had expired and been charged in full;
 * `unknown` changed nothing: the hold was settled before, or never was.
 */
export interface Settlement {
  readonly kind: 'settled' | 'late' | 'unknown'
  /** How far the charge went past the hold; 0 when it stayed within. */
  readonly overUse: NanoUsd
}

export interface Balance {
  readonly scope: string
  readonly window: string
  readonly settled: NanoUsd
  readonly reserved: NanoUsd
  /** The part of `settled` that stands for holds that expired: an upper bound, not a bill. */
  readonly estimated: NanoUsd
}

/** A hold as a store writes it down. */
export interface HoldRecord {
  readonly holdId: string
  readonly amount: NanoUsd
  readonly expiresAtMs: number
  readonly scopes: ReadonlyArray<Pick<HoldScope, 'scope' | 'window' | 'resetsAtMs'>>
}

export interface LedgerBookSettings {
  /** What a counter came to before this book was opened; called once for each counter that is not in memory. */
  readonly load?: ((scope: string, window: string) => { settled: NanoUsd; estimated: NanoUsd } | undefined) | undefined
  /** Expired holds that are remembered for a late settlement; the oldest is forgotten first. */
  readonly expiredMax?: number | undefined
}

export interface LedgerBook {
  reserve(ask: HoldAsk): HoldAnswer
  /** Refits an open hold; see the ledger's port. */
  extend(ask: HoldAsk): HoldAnswer
  settle(holdId: string, spent: NanoUsd): Settlement
  /** Charges every open hold whose end has passed, and returns their ids. */
  expire(nowMs: number): string[]
  balance(scope: string, window: string): Balance
  /** Puts a hold back as it was granted, whatever the limits are now. */
  restoreHold(record: HoldRecord): void
  /** Remembers a hold that was charged when it expired, so that a late settlement can still correct it. */
  restoreExpired(record: HoldRecord): void
  /** Takes a hold away as if it had never been: for a store that could not write it down. */
  undo(holdId: string): void
  openHolds(): HoldRecord[]
  expiredHolds(): HoldRecord[]
  /** The counters whose settled money changed since the last call. */
  takeChanged(): Array<Balance & { readonly resetsAtMs: number | undefined }>
  /** Forgets counters of windows that ended before a moment and hold nothing. Returns how many. */
  forgetEndedBefore(momentMs: number): number
  readonly openCount: number
  readonly counterCount: number
}

interface Counter {
  readonly scope: string
  readonly window: string
  readonly resetsAtMs: number | undefined
  settled: number
  reserved: number
  estimated: number
  isChanged: boolean
}

interface Hold {
  readonly holdId: string
  amount: NanoUsd
  counters: Counter[]
  expiresAtMs: number
}

type Named = Pick<HoldScope, 'scope' | 'window' | 'resetsAtMs'>

/** An empty book. Not one of its functions waits or fails part of the way: each is one atomic step. */
export function createLedgerBook(settings: LedgerBookSettings = {}): LedgerBook {
  const counters = createCounters(settings.load)
  const open = new Map<string, Hold>()
  const expired = createExpiredHolds(settings.expiredMax ?? 10_000)

  const hold = (ask: HoldAsk, old: Hold | undefined): HoldAnswer => {
    const touched: Counter[] = []
    const shortage = findShortage(ask.scopes, (named) => {
      const counter = counters.find(named)
      touched.push(counter)
      return { counter, own: old?.counters.includes(counter) ? old.amount : 0 }
    })
    const wished = old ? Math.max(ask.amount, old.amount) : ask.amount
    const amount = Math.min(wished, shortage.left) as NanoUsd
    if (shortage.worst && amount < ask.amountLeast) {
      return { isHeld: false, ...shortageOf(shortage.worst.asked, shortage.worst.counter) }
    }
    if (old) for (const counter of old.counters) counter.reserved -= old.amount
    for (const counter of touched) counter.reserved += amount
    open.set(ask.holdId, { holdId: ask.holdId, amount, counters: touched, expiresAtMs: ask.expiresAtMs })
    return { isHeld: true, amount }
  }

  const charge = (held: Hold, amount: NanoUsd, isEstimated: boolean) => {
    open.delete(held.holdId)
    for (const counter of held.counters) {
      counter.reserved -= held.amount
      counters.add(counter, amount, isEstimated ? amount : 0)
    }
  }

  return {
    reserve(ask) {
      const old = open.get(ask.holdId)
      return old ? { isHeld: true, amount: old.amount } : hold(ask, undefined)
    },
    extend: (ask) => hold(ask, open.get(ask.holdId)),
    settle(holdId, spent) {
      const held = open.get(holdId)
      if (held) {
        charge(held, spent, false)
        return { kind: 'settled', overUse: overUseOf(spent, held.amount) }
      }
      const late = expired.take(holdId)
      if (!late) return { kind: 'unknown', overUse: zeroUsd }
      for (const counter of late.counters) counters.add(counter, spent - late.amount, -late.amount)
      return { kind: 'late', overUse: overUseOf(spent, late.amount) }
    },
    expire(nowMs) {
      const ids: string[] = []
      for (const held of open.values()) {
        if (held.expiresAtMs > nowMs) continue
        charge(held, held.amount, true)
        expired.keep(held)
        ids.push(held.holdId)
      }
      return ids
    },
    balance(scope, window) {
      return balanceOf(counters.peek(scope, window) ?? emptyCounter({ scope, window, resetsAtMs: undefined }))
    },
    restoreHold(record) {
      const held = holdOf(record, counters.find)
      const old = open.get(record.holdId)
      if (old) for (const counter of old.counters) counter.reserved -= old.amount
      for (const counter of held.counters) counter.reserved += held.amount
      open.set(held.holdId, held)
    },
    restoreExpired: (record) => expired.keep(holdOf(record, counters.find)),
    undo(holdId) {
      const held = open.get(holdId)
      if (!held) return
      open.delete(holdId)
      for (const counter of held.counters) counter.reserved -= held.amount
    },
    openHolds: () => [...open.values()].map(recordOf),
    expiredHolds: () => expired.all().map(recordOf),
    takeChanged: counters.takeChanged,
    forgetEndedBefore: counters.forgetEndedBefore,
    get openCount() {
      return open.size
    },
    get counterCount() {
      return counters.count()
    },
  }
}
