/**
 * A ledger in parts, for a shelf that lies on several servers: tenants are spread over the parts, and budgets that span
 * tenants have a part of their own. Each part is a whole shared ledger with its own epoch. A hold that touches both is
 * asked for at the tenant's part first and at the spanning one second, and given back at the first when the second
 * refuses.
 */
import { budgetScopes, isAcrossTenants } from '#core/domain/budget-scope.ts'
import type { HoldAnswer, HoldAsk, HoldScope, Settlement } from '#core/domain/ledger-hold.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { SharedCounts, SharedLedger } from '#services/budget-manager/shared-ledger/shared-ledger.ts'

/** Never changed: a tenant's money lies where it was first put. */
export const tenantParts = 16

const spanning: ReadonlySet<string> = new Set(budgetScopes.filter(isAcrossTenants))

/** The part of a scope's counter: 0 to 15 by its tenant, 16 for what spans tenants. */
export function partOf(scope: string): number {
  const [kind = '', name] = scope.split(':', 2)
  if (name === undefined || spanning.has(kind)) return tenantParts
  const [tenant = ''] = name.split('/', 1)
  // FNV-1a: spreads short names evenly enough.
  let mixed = 0x811c9dc5
  for (let at = 0; at < tenant.length; at += 1)
    mixed = Math.imul(mixed ^ tenant.charCodeAt(at), 0x01000193) >>> 0
  return mixed % tenantParts
}

interface Share {
  readonly ledger: SharedLedger
  readonly ask: HoldAsk
}

/** Where each open hold lies. */
type Places = Map<string, readonly SharedLedger[]>

/** `parts` in the order of their numbers. */
export function createPartitionedLedger(parts: readonly SharedLedger[]): SharedLedger {
  const places: Places = new Map()
  const at = (part: number) => parts[part] ?? missing()

  const hold = (action: 'reserve' | 'extend', ask: HoldAsk) =>
    holdAtAll(
      places,
      sharesOf(ask).map(([part, share]) => ({ ledger: at(part), ask: share })),
      { action, ask },
    )

  return {
    reserve: (ask) => hold('reserve', ask),
    extend: (ask) => hold('extend', ask),
    async settle(holdId, spent) {
      const known = places.get(holdId)
      places.delete(holdId)
      const settlements = await Promise.all((known ?? parts).map(async (part) => part.settle(holdId, spent)))
      return worstOf(settlements)
    },
    dispatch(holdId) {
      const waits = (places.get(holdId) ?? [])
        .map((part) => part.dispatch(holdId))
        .filter((wait) => wait !== undefined)
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
    },
    async balances(counters) {
      const asked = counters.map(async (counter) => at(partOf(counter.scope)).balances([counter]))
      return (await Promise.all(asked)).flat()
    },
    async expire(nowMs) {
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
    const part = partOf(scope.scope)
    const known = byPart.get(part)
    if (known) known.push(scope)
    else byPart.set(part, [scope])
  }
  return [...byPart]
    .toSorted(([one], [other]) => one - other)
    .map(([part, scopes]) => [part, { ...ask, scopes }] as const)
}

/** Holds at one part after the other, or at none. */
async function holdAtAll(
  places: Places,
  shares: readonly Share[],
  { action, ask }: { readonly action: 'reserve' | 'extend'; readonly ask: HoldAsk },
): Promise<HoldAnswer> {
  const before = places.get(ask.holdId) ?? []
  const granted: SharedLedger[] = []
  let { amount } = ask
  try {
    for (const share of shares) {
      const answer = await share.ledger[action]({ ...share.ask, amount })
      if (!answer.isHeld) {
        await giveBack(ask.holdId, granted, before)
        return answer
      }
      granted.push(share.ledger)
      // A larger hold that is known already stands; what the request gets is the least of all.
      amount = granted.length === 1 || answer.amount < amount ? answer.amount : amount
    }
  } catch (failure) {
    await giveBack(ask.holdId, granted, before)
    throw failure
  }
  // A part that the hold has left, because nothing there counts it any more.
  for (const left of before) if (!granted.includes(left)) await left.settle(ask.holdId, zeroUsd)
  places.set(ask.holdId, granted)
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
