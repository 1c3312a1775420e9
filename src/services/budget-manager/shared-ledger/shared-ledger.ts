/**
 * The ledger that instances share: each step is taken in the shelf, what may be spent is written at home first, and
 * whatever becomes of the shelf's memory, it is told again before anything else is granted.
 */
import type { Clock } from '#core/domain/clock.ts'
import type { HoldAnswer, HoldAsk, Settlement } from '#core/domain/ledger-hold.ts'
import { toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { isLimited } from '#services/budget-manager/joint-refusal.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { createAllowance } from '#services/budget-manager/shared-ledger/allowance.ts'
import type { Allowance } from '#services/budget-manager/shared-ledger/allowance.ts'
import { createBond } from '#services/budget-manager/shared-ledger/bond.ts'
import type { Bond, BondPorts } from '#services/budget-manager/shared-ledger/bond.ts'
import type { OutageRule } from '#core/domain/outage-rule.ts'
import type { OwnBook, PartCopies } from '#services/budget-manager/shared-ledger/own-book.ts'
import { createOwnHolds } from '#services/budget-manager/shared-ledger/own-holds.ts'
import type { OwnHold, OwnHolds } from '#services/budget-manager/shared-ledger/own-holds.ts'
import { createCopier } from '#services/budget-manager/shared-ledger/part-copier.ts'
import type { Copier } from '#services/budget-manager/shared-ledger/part-copier.ts'
import type { Session } from '#services/budget-manager/shared-ledger/shelf.ts'
import { createErrands, dropSlices, renewSlices } from '#services/budget-manager/shared-ledger/telling.ts'
import type { Slicing } from '#services/budget-manager/shared-ledger/telling.ts'

export interface SharedLedgerPorts extends BondPorts {
  readonly book: OwnBook
  /** Undefined: the only copies are each instance's own book. */
  readonly copies: PartCopies | undefined
  readonly clock: Clock
}

export interface SharedLedgerSettings {
  /** Unique; kept with the book. */
  readonly instance: string
  readonly rebuildWaitMs: number
  readonly freshWaitMs: number
  /** How long a request waits for a shelf that is being told. */
  readonly stepWaitMs: number
  readonly outage: OutageRule
  /** How long a slice may be spent from without a word from the shelf; what it holds there ends with it. */
  readonly sliceLeaseMs: number
  readonly isOwn?: (scope: string) => boolean
  /** Tells the holds of several parts of a ledger apart in one book. */
  readonly mark?: string
}

export interface SharedLedger extends Ledger {
  dispatch(holdId: string): Soon<void>
  /** Begins, and waits for the first session for a while; without one it goes on trying. */
  start(withinMs: number): Promise<void>
  /** A connection was lost. */
  lost(): void
  /** A sign of life, and copies of what changed. To be called twice a second or so. */
  beat(): Promise<void>
  /** Renews the slices. To be called every ten seconds or so. */
  renew(): Promise<void>
  /** Gives up what is held ahead. */
  close(): Promise<void>
  counts(): SharedCounts
}

export interface SharedCounts {
  readonly isAway: boolean
  readonly losses: number
  readonly rebuilds: number
  /** Instances that gave a sign of life lately, this one with them. */
  readonly members: number
  /** Requests that were granted money without the shelf. */
  readonly served: number
}

/** Windows that ended longer ago are not told to a shelf that forgot them. */
const endedToldMs = 86_400_000
const retryAfterMs = 1_000
/** Of the time that a rebuild waits for everyone, the part that an instance may be silent and still go on. */
const fencePart = 0.5
/** Once, and once more when the shelf is back. */
const attemptsMax = 2

interface Till {
  readonly ports: SharedLedgerPorts
  readonly settings: SharedLedgerSettings
  readonly holds: OwnHolds
  readonly allowance: Allowance
  readonly bond: Bond
  readonly copier: Copier
}

export function createSharedLedger(ports: SharedLedgerPorts, settings: SharedLedgerSettings): SharedLedger {
  const till = openTill(ports, settings)
  const { holds, allowance, bond, copier } = till
  const { shelf, book, clock } = ports
  return {
    reserve: (ask) => hold(till, 'reserve', ask),
    extend: (ask) => hold(till, 'extend', ask),
    settle: (holdId, spent) => settle(till, holdId, spent),
    dispatch(holdId) {
      const held = holds.find(holdId)
      // What costs nothing needs no witness, and what is written and counts needs no other.
      if (!held || held.amount === 0 || (held.isWritten && isCounting(till, held))) return undefined
      return clear(till, held)
    },
    async correct(correction) {
      if (!(await bond.untilOnline(settings.stepWaitMs))) throw away()
      return (await inShelf(till, (session) => shelf.correct(session, correction))) ?? fail(away())
    },
    async balances(counters) {
      if (!(await bond.untilOnline(settings.stepWaitMs))) throw away()
      return shelf.balances(counters)
    },
    async expire(nowMs) {
      await book.expire(nowMs)
      return (await inShelf(till, (session) => shelf.expire(session, nowMs))) ?? 0
    },
    async start(withinMs) {
      bond.lost()
      await bond.untilOnline(withinMs)
    },
    lost: () => bond.lost(),
    async beat() {
      await bond.beat()
      await copier.save()
    },
    async renew() {
      if (settings.outage.kind !== 'closed') await renewSlices(slicingOf(till), clock.nowMs())
    },
    async close() {
      await dropSlices(slicingOf(till))
      await copier.save()
      bond.close()
    },
    counts: () => ({
      ...bond.counts(),
      isAway: bond.session() === undefined,
      served: allowance.served(),
    }),
  }
}

function openTill(ports: SharedLedgerPorts, settings: SharedLedgerSettings): Till {
  const { shelf, book, copies, clock, report } = ports
  const { instance, isOwn = () => true, mark = '', outage, sliceLeaseMs } = settings
  const terms = { instance, isOwn, endedAfterMs: () => clock.nowMs() - endedToldMs }
  const holds = createOwnHolds(book, { ...terms, mark })
  const allowance = createAllowance({ instance, rule: outage, leaseMs: sliceLeaseMs, clock })
  const resume = () => flush(till)
  const errands = createErrands({ shelf, copies, holds, allowance, resume }, terms)
  const bond = createBond(ports, settings, errands)
  const copier = createCopier({ copies, book, report }, terms)
  const till: Till = { ports, settings, holds, allowance, bond, copier }
  return till
}

const slicingOf = (till: Till): Slicing => ({
  shelf: till.ports.shelf,
  allowance: till.allowance,
  bond: till.bond,
  inShelf: (step) => inShelf(till, step),
})

/** The answer of the shelf, or undefined when there is no session in which to ask. */
async function inShelf<T>(
  { bond }: Till,
  step: (session: Session) => Promise<T | undefined>,
): Promise<T | undefined> {
  const session = bond.session()
  if (!session) return undefined
  const answer = await step(session).catch(unlessLimited)
  if (answer !== undefined) bond.heard()
  // Whether a step without an answer was done is not known: what stands here is told again before the next.
  else if (bond.session() === session) bond.lost()
  return answer
}

/** A refusal by the limits of the same step is an answer; whatever else is thrown leaves the step unsure. */
function unlessLimited(thrown: unknown): undefined {
  if (isLimited(thrown)) throw thrown
}

async function hold(till: Till, action: 'reserve' | 'extend', ask: HoldAsk): Promise<HoldAnswer> {
  const { ports, settings, holds, allowance, bond } = till
  const known = holds.find(ask.holdId)
  allowance.note(ask.scopes, ports.clock.nowMs())
  for (let attempts = 0; attempts < attemptsMax; attempts += 1) {
    const given = await inShelf(till, (session) => ports.shelf.hold(session, action, ask))
    if (given?.isHeld) holds.put(ask, given.amount, false)
    if (given) return given
    if (!bond.session()) {
      const amount = allowance.take(ask, known && { amount: known.amount, scopes: known.ask.scopes })
      if (amount !== undefined) {
        holds.put(ask, amount, true)
        return { isHeld: true, amount }
      }
    }
    if (!(await bond.untilOnline(settings.stepWaitMs))) break
  }
  throw away()
}

/** Whether the hold stands, as far as can be known here. */
function isCounting({ bond, settings }: Till, { mustAskAgain, isUntold }: OwnHold): boolean {
  if (mustAskAgain) return false
  // An instance that has heard nothing for long may have been left out of a rebuild.
  const isHeardOf = bond.session() !== undefined || bond.silentMs() < settings.rebuildWaitMs * fencePart
  return isUntold || isHeardOf
}

async function clear(till: Till, held: OwnHold): Promise<void> {
  const { bond, settings, holds } = till
  if (!isCounting(till, held)) await bond.untilOnline(settings.stepWaitMs)
  if (held.mustAskAgain) await askAgain(till, held)
  await holds.write(held)
  // Writing took a moment, in which the shelf may have been lost.
  if (!isCounting(till, held)) throw away()
}

async function askAgain(till: Till, held: OwnHold): Promise<void> {
  const { shelf } = till.ports
  const ask = { ...held.ask, amount: held.amount, amountLeast: held.amount }
  const answer = await inShelf(till, (session) => shelf.hold(session, 'extend', ask))
  if (!answer?.isHeld) throw away()
  held.mustAskAgain = false
}

async function settle(till: Till, holdId: string, spent: NanoUsd): Promise<Settlement> {
  const { ports, holds, allowance, copier } = till
  const held = holds.find(holdId)
  if (!held) {
    // A hold of which no answer came, or one that was closed before: there is nothing to be charged.
    if (!holds.isUnconfirmed(holdId))
      await inShelf(till, (session) => ports.shelf.settle(session, holdId, zeroUsd))
    return { kind: 'unknown', overUse: zeroUsd }
  }
  if (held.isUntold) allowance.giveBack(holdId, held.amount, spent)
  const written = holds.charge(held, spent)
  copier.note(held.ask.scopes)
  await written
  const overUse = toNanoUsd(Math.max(0, spent - held.amount))
  // What was told in the meantime needs no step of its own.
  if (held.isUntold || !holds.isUnconfirmed(holdId)) return { kind: 'settled', overUse }
  return { kind: await confirm(till, holdId, spent), overUse }
}

/** Tells the shelf of a settlement; without an answer it is told on the way back. */
async function confirm(till: Till, holdId: string, spent: NanoUsd): Promise<'settled' | 'late'> {
  const { ports, holds, bond } = till
  const session = bond.session()
  const kind = await inShelf(till, (present) => ports.shelf.settle(present, holdId, spent))
  if (kind === 'settled' || kind === 'late') holds.confirm(holdId)
  // The shelf does not know a hold that it was told of: it is told again, with what was charged.
  else if (kind === 'unknown' && session === bond.session()) bond.lost()
  return kind === 'late' ? 'late' : 'settled'
}

/** What was settled while the shelf was being told. */
function flush(till: Till): void {
  till.allowance.refresh()
  for (const [holdId, spent] of till.holds.unconfirmed()) {
    confirm(till, holdId, spent).catch((failure: unknown) =>
      till.ports.report(failure, 'telling a settlement'),
    )
  }
}

function fail(problem: Problem): never {
  throw problem
}

const away = () =>
  new Problem('store_unavailable', {
    detail: 'The shared ledger is away, and nothing that was held ahead is left for this request.',
    retryAfterMs,
  })
