/** The holds of this instance: what is open, what is written at home, and what the shelf has not heard of yet. */
import type { HoldAsk, HoldRecord, HoldScope, Settlement } from '#core/domain/ledger-hold.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { OwnBook } from '#services/budget-manager/shared-ledger/own-book.ts'
import type { Part } from '#services/budget-manager/shared-ledger/shelf.ts'

export interface OwnHold {
  readonly ask: HoldAsk
  readonly amount: NanoUsd
  /** Granted here from an allowance, and not told yet. */
  isUntold: boolean
  /** The shelf has opened a new epoch without it: it must be asked for again before anything is sent. */
  mustAskAgain: boolean
  /** Written down at home, this or an earlier form of it: its provider may have been asked. */
  isInBook: boolean
  /** Written down as it is now. */
  isWritten: boolean
}

/** What the shelf is told of this instance, as it stood at one moment. */
export interface Telling {
  readonly holds: readonly HoldRecord[]
  readonly parts: readonly Part[]
  /** Settlements that these parts contain. */
  readonly settled: readonly string[]
}

export interface OwnHolds {
  find(holdId: string): OwnHold | undefined
  /** Opens a hold, or puts it in the place of the one with its id. */
  put(ask: HoldAsk, amount: NanoUsd, isUntold: boolean): OwnHold
  /** Writes at home that money may be spent from now on. */
  write(hold: OwnHold): Promise<void>
  /** Closes it and charges it at home. The shelf has not heard of it until `confirm`. */
  charge(hold: OwnHold, spent: NanoUsd): Soon<Settlement>
  confirm(holdId: string): void
  isUnconfirmed(holdId: string): boolean
  unconfirmed(): ReadonlyArray<readonly [holdId: string, spent: NanoUsd]>
  /** `everything`: all parts; else those that settlements without an answer have changed. */
  tell(range: 'everything' | 'changes'): Telling
  /** Whether the shelf has heard of every grant that was made without it. */
  isAllTold(): boolean
  /** The shelf knows all of it. */
  told(telling: Telling): void
  /** Holds that were not sent are not told to a shelf that went on without them. */
  setAside(): void
  /** The shelf knows more of this instance than its own disk, which lost its end: taken over. */
  adopt(parts: readonly Part[]): Promise<void>
}

/** Own holds never end by themselves: their owner lives as long as the book is open. */
const endless = Number.MAX_SAFE_INTEGER

export interface OwnHoldsSettings {
  /** Windows that ended earlier than this are not told any more. */
  readonly endedAfterMs: () => number
  /** Whether a counter belongs to this part of the ledger. */
  readonly isOwn: (scope: string) => boolean
  /** Told apart in the book from the same hold on other parts of the ledger. */
  readonly mark: string
}

interface Unconfirmed {
  readonly spent: NanoUsd
  readonly scopes: readonly HoldScope[]
  /** The shelf never heard of its hold, so that only the parts can tell of it. */
  readonly wasUntold: boolean
}

export function createOwnHolds(book: OwnBook, settings: OwnHoldsSettings): OwnHolds {
  const open = new Map<string, OwnHold>()
  const unconfirmed = new Map<string, Unconfirmed>()
  const write = (hold: OwnHold) => writeHold(book, hold, settings.mark)
  return {
    find: (holdId) => open.get(holdId),
    put(ask, amount, isUntold) {
      const isInBook = open.get(ask.holdId)?.isInBook ?? false
      const hold = { ask, amount, isUntold, mustAskAgain: false, isInBook, isWritten: false }
      open.set(ask.holdId, hold)
      return hold
    },
    write,
    charge(hold, spent) {
      const { holdId, scopes } = hold.ask
      open.delete(holdId)
      unconfirmed.set(holdId, { spent, scopes, wasUntold: hold.isUntold })
      if (!hold.isInBook && spent === 0) return { kind: 'settled', overUse: spent }
      // When it cannot be written now, the counters still are, with the next checkpoint.
      if (!hold.isInBook) write(hold).catch(() => undefined)
      return book.settle(holdId + settings.mark, spent)
    },
    confirm: (holdId) => void unconfirmed.delete(holdId),
    isUnconfirmed: (holdId) => unconfirmed.has(holdId),
    unconfirmed: () => [...unconfirmed].map(([holdId, { spent }]) => [holdId, spent] as const),
    tell(range) {
      const holds = [...open.values()].filter(({ mustAskAgain }) => !mustAskAgain).map(recordOf)
      for (const hold of open.values()) hold.isUntold = false
      const changed = () =>
        partsIn(
          book,
          [...unconfirmed.values()].flatMap(({ scopes }) => scopes),
        )
      const all = () => book.parts(settings.endedAfterMs()).filter(({ scope }) => settings.isOwn(scope))
      return { holds, parts: range === 'everything' ? all() : changed(), settled: [...unconfirmed.keys()] }
    },
    isAllTold: () =>
      !open.values().some(({ isUntold }) => isUntold) &&
      !unconfirmed.values().some(({ wasUntold }) => wasUntold),
    told({ settled }) {
      for (const holdId of settled) unconfirmed.delete(holdId)
    },
    setAside() {
      for (const hold of open.values()) hold.mustAskAgain = !hold.isInBook
    },
    adopt: (parts) => adopt(book, parts),
  }
}

async function writeHold(book: OwnBook, hold: OwnHold, mark: string): Promise<void> {
  hold.isWritten = true
  hold.isInBook = true
  const { ask, amount } = hold
  const scopes = ask.scopes.map(unlimited)
  await book.extend({ holdId: ask.holdId + mark, amount, amountLeast: amount, scopes, expiresAtMs: endless })
}

async function adopt(book: OwnBook, parts: readonly Part[]): Promise<void> {
  for (const { scope, window, resetsAtMs, settled } of parts) {
    const [own] = book.balances([{ scope, window }])
    const amount = toNanoUsd(settled - (own?.settled ?? 0))
    if (amount <= 0) continue
    const holdId = `adopted ${scope} ${window}`
    const scopes = [{ scope, window, resetsAtMs, limit: undefined }]
    await book.extend({ holdId, amount, amountLeast: amount, scopes, expiresAtMs: endless })
    await book.settle(holdId, amount)
  }
}

/** What the own book says now of these counters. */
export function partsIn(book: OwnBook, scopes: readonly HoldScope[]): readonly Part[] {
  const counters = new Map(scopes.map((scope) => [`${scope.scope} ${scope.window}`, scope]))
  const named = [...counters.values()]
  return book
    .balances(named)
    .map((balance, position) => ({ ...balance, resetsAtMs: named[position]?.resetsAtMs }))
}

const unlimited = ({ scope, window, resetsAtMs }: HoldScope): HoldScope => ({
  scope,
  window,
  resetsAtMs,
  limit: undefined,
})

const recordOf = ({ ask, amount }: OwnHold): HoldRecord => ({
  holdId: ask.holdId,
  amount,
  expiresAtMs: ask.expiresAtMs,
  scopes: ask.scopes,
})
