/**
 * A ledger in parts, for a shelf that lies on several servers: tenants are spread over the parts, and budgets that span
 * tenants have a part of their own. Each part is a whole shared ledger with its own epoch. A hold that touches both is
 * asked of both at once, and stands only where both grant it: what one grants that the other refuses is given back, so
 * that a part may refuse for a moment what it could have granted, and never grants what it has not.
 */
import type { HoldAnswer, HoldAsk, HoldScope, Settlement } from '#core/domain/ledger-hold.ts'
import { partOfScope } from '#core/domain/ledger-part.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { isLimited } from '#services/budget-manager/joint-refusal.ts'
import type { SharedCounts, SharedLedger } from '#services/budget-manager/shared-ledger/shared-ledger.ts'

interface Share {
  readonly ledger: SharedLedger
  readonly ask: HoldAsk
}

/** Where a hold lies, as this instance knows it. */
interface Place {
  readonly ledgers: readonly SharedLedger[]
  readonly amount: NanoUsd
  readonly expiresAtMs: number
}

type Places = Map<string, Place>

/** `parts` in the order of their numbers. */
export function createPartitionedLedger(parts: readonly SharedLedger[]): SharedLedger {
  const places: Places = new Map()
  let expiredUpToMs = Number.NEGATIVE_INFINITY
  const at = (part: number) => parts[part] ?? missing()

  const hold = (action: 'reserve' | 'extend', ask: HoldAsk) =>
    holdAtAll(
      places,
      sharesOf(ask).map(([part, share]) => ({ ledger: at(part), ask: share })),
      { action, ask },
    )

  return {
    reserve(ask) {
      const known = places.get(ask.holdId)
      // An open hold stands as it was granted, also when it is asked for on counters of other parts.
      if (known && known.expiresAtMs > expiredUpToMs)
        return Promise.resolve({ isHeld: true, amount: known.amount })
      return hold('reserve', ask)
    },
    extend: (ask) => hold('extend', ask),
    async settle(holdId, spent) {
      const known = places.get(holdId)?.ledgers
      places.delete(holdId)
      const settlements = await Promise.all((known ?? parts).map(async (part) => part.settle(holdId, spent)))
      return worstOf(settlements)
    },
    dispatch(holdId) {
      const waits = (places.get(holdId)?.ledgers ?? [])
        .map((part) => part.dispatch(holdId))
        .filter((wait) => wait !== undefined)
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
    },
    correct: (correction) => at(partOfScope(correction.scope)).correct(correction),
    async balances(counters) {
      const asked = counters.map(async (counter) => at(partOfScope(counter.scope)).balances([counter]))
      return (await Promise.all(asked)).flat()
    },
    async expire(nowMs) {
      expiredUpToMs = Math.max(expiredUpToMs, nowMs)
      const expired = await Promise.all(parts.map(async (part) => part.expire(nowMs)))
      return expired.reduce((sum, count) => sum + count, 0)
    },
    start: async (withinMs) => void (await Promise.all(parts.map((part) => part.start(withinMs)))),
    lost() {
      for (const part of parts) part.lost()
    },
    beat: async () => void (await Promise.all(parts.map((part) => part.beat()))),
    renew: async () => void (await Promise.all(parts.map((part) => part.renew()))),
    close: async () => void (await Promise.all(parts.map((part) => part.close()))),
    counts: () => parts.map((part) => part.counts()).reduce(together),
  }
}

/** What is asked of each part, in the order of their numbers. */
function sharesOf(ask: HoldAsk): ReadonlyArray<readonly [part: number, ask: HoldAsk]> {
  const byPart = new Map<number, HoldScope[]>()
  for (const scope of ask.scopes) {
    const part = partOfScope(scope.scope)
    const known = byPart.get(part)
    if (known) known.push(scope)
    else byPart.set(part, [scope])
  }
  return [...byPart]
    .toSorted(([one], [other]) => one - other)
    .map(([part, scopes]) => [part, { ...ask, scopes }] as const)
}

/** Holds at all parts, asked at once, or at none. */
async function holdAtAll(
  places: Places,
  shares: readonly Share[],
  { action, ask }: { readonly action: 'reserve' | 'extend'; readonly ask: HoldAsk },
): Promise<HoldAnswer> {
  const known = places.get(ask.holdId)
  const before = known?.ledgers ?? []
  // What is held already stays held, also at a part that the hold comes to later.
  const amountAsked = known && known.amount > ask.amount ? known.amount : ask.amount
  // Asked in this very turn: the limits of the request wait for it.
  const answers = await Promise.allSettled(
    shares.map(async (share) => share.ledger[action]({ ...share.ask, amount: amountAsked })),
  )
  const granted: SharedLedger[] = []
  const failures: unknown[] = []
  let refusal: HoldAnswer | undefined
  let amount = amountAsked
  for (const [position, answer] of answers.entries()) {
    const ledger = shares[position]?.ledger ?? missing()
    if (answer.status === 'rejected') failures.push(answer.reason)
    else if (!answer.value.isHeld) refusal ??= answer.value
    else {
      // A larger hold that is known already stands; what the request gets is the least of all.
      const given = answer.value.amount
      amount = granted.length === 0 || given < amount ? given : amount
      granted.push(ledger)
    }
  }
  if (refusal || failures.length > 0) {
    await giveBack(ask.holdId, granted, before)
    if (refusal) return refusal
    // Of a part that did not answer nobody knows whether it holds: that is told rather than a refusal of limits.
    throw failures.find((failure) => !isLimited(failure)) ?? failures[0]
  }
  // A part that the hold has left, because nothing there counts it any more.
  for (const left of before) if (!granted.includes(left)) await left.settle(ask.holdId, zeroUsd)
  places.set(ask.holdId, { ledgers: granted, amount, expiresAtMs: ask.expiresAtMs })
  return { isHeld: true, amount }
}

/** What was held before stands, larger perhaps; what was not is given back. */
async function giveBack(
  holdId: string,
  granted: readonly SharedLedger[],
  before: readonly SharedLedger[],
): Promise<void> {
  for (const part of granted) if (!before.includes(part)) await part.settle(holdId, zeroUsd)
}

const ranks = { unknown: 0, settled: 1, late: 2 } as const

function worstOf(settlements: readonly Settlement[]): Settlement {
  let worst: Settlement = { kind: 'unknown', overUse: zeroUsd }
  for (const settlement of settlements) if (ranks[settlement.kind] >= ranks[worst.kind]) worst = settlement
  return worst
}

const together = (one: SharedCounts, other: SharedCounts): SharedCounts => ({
  isAway: one.isAway || other.isAway,
  losses: one.losses + other.losses,
  rebuilds: one.rebuilds + other.rebuilds,
  members: Math.max(one.members, other.members),
  served: one.served + other.served,
})

function missing(): never {
  throw new Error('a part of the ledger that does not exist')
}
