/**
 * The allowance of this instance: small parts of the budgets that are busy here, held ahead in the shelf like any other
 * money, with which it goes on serving while the shelf is away. What is not used of them is nobody's.
 */
import type { Clock } from '#core/domain/clock.ts'
import type { HoldAsk, HoldRecord, HoldScope } from '#core/domain/ledger-hold.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { OutageRule } from '#core/domain/outage-rule.ts'

export interface Allowance {
  /** A request counted on these budgets: the ones with a limit are worth a slice. */
  note(scopes: readonly HoldScope[], nowMs: number): void
  /** What can be granted without the shelf; undefined is nothing. `known` is what the hold has already. */
  take(ask: HoldAsk, known: Known | undefined): NanoUsd | undefined
  /** What a hold that was granted here, and is not told yet, did not spend. */
  giveBack(holdId: string, amount: NanoUsd, spent: NanoUsd): void
  /** The slices as they stand, to be told with the holds that were granted from them; those that lapsed are not. */
  tell(): readonly HoldRecord[]
  /** The shelf has gone on without this instance: its slices are others' money now. */
  void(): void
  /** The shelf is back: what may be granted without any hold begins anew. */
  refresh(): void
  /** Slices to ask for, and slices to give up: of budgets that are not busy any more, and those that lapsed. */
  wishes(nowMs: number): { readonly asks: readonly SliceAsk[]; readonly idle: readonly string[] }
  grant(wish: SliceAsk, amount: NanoUsd): void
  drop(holdId: string): void
  served(): number
}

type Known = Pick<HoldRecord, 'scopes'> & { readonly amount: NanoUsd }

export interface SliceAsk {
  readonly ask: HoldAsk
  /** By the monotonic clock, before it was sent: its lease ends here before it ends in the shelf. */
  readonly askedAtMs: number
}

interface Slice extends SliceAsk {
  left: number
}

/** A budget that nobody asked for during this time gives its slice up. */
const busyMs = 60_000
/** The busiest budgets only: names may come from callers. */
const slicesMax = 1_000
/** A slice is this part of its limit at most. */
const partOfLimit = 100
/** Of its lease, the part in which a slice is spent from: what is left of it covers clocks that run apart. */
const spentInPart = 0.9

export interface AllowanceSettings {
  readonly instance: string
  readonly rule: OutageRule
  readonly leaseMs: number
  readonly clock: Clock
}

const keyOf = ({ scope, window }: Pick<HoldScope, 'scope' | 'window'>) => `${scope} ${window}`

export function createAllowance({ instance, rule, leaseMs, clock }: AllowanceSettings): Allowance {
  const busy = new Map<string, { readonly scope: HoldScope; readonly atMs: number }>()
  const slices = new Map<string, Slice>()
  const open = createOpenMoney(rule)
  let served = 0
  const isLapsed = lapseBy(clock, leaseMs)
  const sliceAt = (key: string) => {
    const slice = slices.get(key)
    return slice && !isLapsed(slice) ? slice : undefined
  }
  const sliceId = (key: string) => `slice.${instance}.${key}`
  return {
    note(scopes, nowMs) {
      if (rule.kind === 'closed') return
      for (const scope of scopes) if (scope.limit !== undefined) noteBusy(busy, scope, nowMs)
    },
    take(ask, known) {
      if (rule.kind === 'closed') return undefined
      const amount = takeSlices(sliceAt, ask, known) ?? open.take(ask)
      if (amount !== undefined) served += 1
      return amount
    },
    giveBack: (holdId, amount, spent) => open.giveBack(holdId, amount, spent),
    tell() {
      open.forget()
      for (const [key, slice] of slices) if (isLapsed(slice)) slices.delete(key)
      return [...slices.values()].map(({ ask, left }) => ({
        holdId: ask.holdId,
        amount: left as NanoUsd,
        expiresAtMs: ask.expiresAtMs,
        scopes: ask.scopes,
      }))
    },
    void: () => slices.clear(),
    refresh: () => open.refresh(),
    wishes(nowMs) {
      const asks = stillBusy(busy, nowMs).map((scope) => ({
        ask: sliceAsk(sliceId(keyOf(scope)), scope, nowMs + leaseMs),
        askedAtMs: clock.monotonicMs(),
      }))
      const idle = [...slices].filter(([key, slice]) => !busy.has(key) || isLapsed(slice))
      return { asks, idle: idle.map(([key]) => sliceId(key)) }
    },
    grant(wish, amount) {
      const [scope] = wish.ask.scopes
      if (scope) slices.set(keyOf(scope), { ...wish, left: amount })
    },
    drop(holdId) {
      for (const [key, { ask }] of slices) if (ask.holdId === holdId) slices.delete(key)
    },
    served: () => served,
  }
}

/**
 * Once its lease has ended, a slice is others' money. Both clocks must say that it has not: a process that was frozen and
 * a machine that slept wake up without having been told.
 */
function lapseBy(clock: Clock, leaseMs: number): (slice: SliceAsk) => boolean {
  const spentInMs = leaseMs * spentInPart
  return ({ ask, askedAtMs }) =>
    clock.monotonicMs() - askedAtMs >= spentInMs || clock.nowMs() >= ask.expiresAtMs - leaseMs + spentInMs
}

/** What may be spent in an outage without any hold, and what of it each hold took that is not told yet. */
function createOpenMoney(rule: OutageRule) {
  const most: number = rule.kind === 'open' ? rule.mostNanoUsd : 0
  const taken = new Set<string>()
  let left = most
  return {
    take({ holdId, amount, amountLeast }: HoldAsk): NanoUsd | undefined {
      const granted = Math.min(amount, left)
      if (most === 0 || granted < amountLeast) return undefined
      left -= granted
      taken.add(holdId)
      return granted as NanoUsd
    },
    giveBack(holdId: string, amount: NanoUsd, spent: NanoUsd): void {
      if (taken.delete(holdId)) left += amount - spent
    },
    forget: () => taken.clear(),
    refresh() {
      left = most
    },
  }
}

function noteBusy(
  busy: Map<string, { readonly scope: HoldScope; readonly atMs: number }>,
  scope: HoldScope,
  atMs: number,
): void {
  const key = keyOf(scope)
  busy.delete(key)
  busy.set(key, { scope, atMs })
  if (busy.size <= slicesMax) return
  const [oldest] = busy.keys()
  if (oldest !== undefined) busy.delete(oldest)
}

/** The budgets that are busy still; the others are forgotten. */
function stillBusy(
  busy: Map<string, { readonly scope: HoldScope; readonly atMs: number }>,
  nowMs: number,
): readonly HoldScope[] {
  for (const [key, { atMs }] of busy) if (nowMs - atMs > busyMs) busy.delete(key)
  return [...busy.values()].map(({ scope }) => scope)
}

function sliceAsk(holdId: string, scope: HoldScope, expiresAtMs: number): HoldAsk {
  const amount = Math.floor((scope.limit ?? 0) / partOfLimit) as NanoUsd
  return { holdId, amount, amountLeast: zeroUsd, scopes: [scope], expiresAtMs }
}

/** Pays from the slice of every budget with a limit, or from none. */
function takeSlices(
  sliceAt: (key: string) => Slice | undefined,
  ask: HoldAsk,
  known: Known | undefined,
): NanoUsd | undefined {
  const limited = ask.scopes.filter(({ limit }) => limit !== undefined).map(keyOf)
  const counted = new Set(known?.scopes.map(keyOf))
  const ownIn = (key: string) => (known && counted.has(key) ? known.amount : 0)
  let amount: number = Math.max(ask.amount, known?.amount ?? 0)
  for (const key of limited) amount = Math.min(amount, (sliceAt(key)?.left ?? 0) + ownIn(key))
  if (amount < ask.amountLeast) return undefined
  for (const key of limited) {
    const slice = sliceAt(key)
    // A hold that gets smaller gives nothing to the slice: the rest may be held in the shelf.
    if (slice) slice.left -= Math.max(0, amount - ownIn(key))
  }
  return amount as NanoUsd
}
