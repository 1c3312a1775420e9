/** Which budgets a request counts against: the configured limits, matched to who asks and what is asked. */
import type { BudgetScope } from '#core/domain/budget-scope.ts'
import { windowAt } from '#core/domain/budget-window.ts'
import type { BudgetWindow, CountedWindow, WindowSpan } from '#core/domain/budget-window.ts'
import type { Caller } from '#core/domain/caller.ts'
import type { DegradeStep } from '#core/domain/degrade-step.ts'
import { rememberById } from '#core/domain/id-memory.ts'
import type { HoldScope, WindowPart } from '#core/domain/ledger-hold.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Target } from '#core/domain/target.ts'
import { noteSeen } from '#services/budget-manager/budget-sightings.ts'
import type { SeenCounters, Sightings } from '#services/budget-manager/budget-sightings.ts'

export interface BudgetLimit {
  readonly scope: BudgetScope
  /** Whose budget; undefined or `*` is each one of that scope for itself. A limit by name replaces that one. */
  readonly id?: string | undefined
  /** The tenant that the team, project, user or key belongs to; undefined is any. */
  readonly tenantId?: string | undefined
  readonly window: BudgetWindow
  /** The IANA name of the zone by whose clocks the window begins; undefined is UTC. */
  readonly timeZone?: string | undefined
  readonly limitNanoUsd: NanoUsd
  /** A limit that is not hard is counted and never refuses. Default: hard. */
  readonly isHard?: boolean | undefined
  /** What is done from which share on, before it refuses. */
  readonly degrade?: readonly DegradeStep[] | undefined
}

/** A limit as it is counted: one that was set, or what was paid into a prepaid balance. */
export interface CountedLimit extends Omit<BudgetLimit, 'window'> {
  readonly window: CountedWindow
}

/** Who and what a request is, as far as budgets care. */
export interface BudgetSubject {
  readonly caller: Caller
  readonly userId: string | undefined
  /** Whom the request names, where that is not the user to whom its key belongs. */
  readonly endUserId?: string | undefined
  /** What the request calls itself; a budget of a tag counts every request that carries it. */
  readonly tags: readonly string[]
  readonly target: Target
}

/** A counter to hold money on, and what kind of window it is counted in. */
export interface CountedScope extends HoldScope {
  readonly kind: CountedWindow
}

export type ScopesOf = (subject: BudgetSubject, nowMs: number) => readonly CountedScope[]

/** The limits of one scope in one kind of window. */
export interface Rule {
  readonly scope: BudgetScope
  readonly window: CountedWindow
  readonly timeZone: string | undefined
  readonly forEach: CountedLimit | undefined
  readonly byName: ReadonlyMap<string, CountedLimit>
}

/** Spending is always counted by tenant, key and user for the calendar month, with or without a limit. */
const alwaysCounted: ReadonlyArray<readonly [BudgetScope, BudgetWindow]> = [
  ['tenant', 'month'],
  ['key', 'month'],
  ['user', 'month'],
]

interface PreparedRule extends Rule {
  readonly seen: SeenCounters
  readonly nameOf: (tenantId: string, id: string) => string
  readonly spanAt: (nowMs: number) => WindowSpan
}

const noParts: readonly WindowPart[] = []

/** The organisation that a tenant belongs to. */
export type Organisations = ReadonlyMap<string, string>

/** Prepares the limits once, so that a request only looks up what applies to it, and notes whom it has a limit for. */
export function createScopesOf(
  limits: readonly CountedLimit[],
  sightings: Sightings,
  organisations: Organisations = new Map(),
): ScopesOf {
  const rules = rulesOf(limits).map((rule) => ({
    ...rule,
    seen: sightings.of(rule),
    nameOf: rememberById((tenantId, id) => scopeName(rule.scope, tenantId, id)),
    spanAt: rememberingSpan(rule),
  }))
  return (subject, nowMs) => {
    const scopes: CountedScope[] = []
    const { tenantId } = subject.caller
    const add = (rule: PreparedRule, id: string) => {
      const limit = limitFor(rule, tenantId, id)
      // Who has paid nothing in has no balance to draw from: nothing is counted before the first top-up.
      if (!limit && rule.window === 'prepaid') return
      const { id: window, resetsAtMs, earlier } = rule.spanAt(nowMs)
      const scope = rule.nameOf(tenantId, id)
      if (limit) {
        const seen = rule.seen.get(scope)
        if (seen) seen.seenAtMs = nowMs
        else noteSeen(rule.seen, scope, { tenantId, id, seenAtMs: nowMs })
      }
      const hard = limit?.isHard === false ? undefined : limit?.limitNanoUsd
      // What refuses nobody is compared with nothing.
      const parts = earlier && (hard === undefined ? noParts : earlier)
      scopes.push({ scope, window, limit: hard, resetsAtMs, earlier: parts, kind: rule.window })
    }
    for (const rule of rules) {
      if (rule.scope === 'tag') for (const tag of new Set(subject.tags)) add(rule, tag)
      else {
        const id = idOf(rule.scope, subject, organisations)
        if (id !== undefined) add(rule, id)
      }
    }
    return scopes
  }
}

/**
 * The name of a counter's scope: `user:acme/ann`. Tenants cannot contain a slash, so no two scopes share a name.
 * What spans tenants has none in its name.
 */
export function scopeName(scope: BudgetScope, tenantId: string, id: string): string {
  switch (scope) {
    case 'everyone':
      return 'everyone'
    case 'tenant':
      return `tenant:${tenantId}`
    case 'organisation':
    case 'model':
    case 'provider':
      return `${scope}:${id}`
    case 'team':
    case 'project':
    case 'user':
    case 'key':
    case 'end_user':
    case 'tag':
      return `${scope}:${tenantId}/${id}`
  }
}

/** Everyone whom a request counts for in one scope. */
export function idsOf(
  scope: Exclude<BudgetScope, 'model' | 'provider'>,
  subject: Omit<BudgetSubject, 'target'>,
  organisations: Organisations,
): readonly string[] {
  if (scope === 'tag') return [...new Set(subject.tags)]
  const id = idOf(scope, subject, organisations)
  return id === undefined ? [] : [id]
}

function idOf(
  scope: Exclude<BudgetScope, 'tag'>,
  { caller, userId, endUserId, target }: Omit<BudgetSubject, 'target'> & Partial<BudgetSubject>,
  organisations: Organisations,
): string | undefined {
  switch (scope) {
    case 'everyone':
      return '*'
    case 'organisation':
      return organisations.get(caller.tenantId)
    case 'tenant':
      return caller.tenantId
    case 'team':
      return caller.teamId
    case 'project':
      return caller.projectId
    case 'user':
      // Leaving the user out must not be a way around a limit: then the key stands for its own user.
      return userId ?? `(key ${caller.keyId})`
    case 'key':
      return caller.keyId
    case 'end_user':
      return endUserId
    case 'model':
      return target?.card.name
    case 'provider':
      return target?.provider.name
  }
}

/** The most particular limit: by tenant and name, by name, for each of a tenant, for each. */
export function limitFor(rule: Rule, tenantId: string, id: string): CountedLimit | undefined {
  if (rule.byName.size === 0) return rule.forEach
  return (
    rule.byName.get(`${tenantId}/${id}`) ??
    rule.byName.get(`*/${id}`) ??
    rule.byName.get(`${tenantId}/*`) ??
    rule.forEach
  )
}

export function rulesOf(limits: readonly CountedLimit[]): readonly Rule[] {
  type Kind = Pick<CountedLimit, 'scope' | 'window' | 'timeZone'>
  const rules = new Map<string, { kind: Kind; limits: CountedLimit[] }>()
  const ruleFor = (kind: Kind) => {
    const name = `${kind.scope} ${kind.window} ${kind.timeZone ?? 'UTC'}`
    const known = rules.get(name) ?? { kind, limits: [] }
    rules.set(name, known)
    return known
  }
  for (const [scope, window] of alwaysCounted) ruleFor({ scope, window })
  for (const limit of limits) ruleFor(limit).limits.push(limit)
  return [...rules.values()].map(({ kind: { scope, window, timeZone }, limits: own }) => {
    let forEach: CountedLimit | undefined
    const byName = new Map<string, CountedLimit>()
    for (const limit of own) {
      const key = `${limit.tenantId ?? '*'}/${limit.id ?? '*'}`
      if (key === '*/*') forEach = limit
      else byName.set(key, limit)
    }
    return { scope, window, timeZone, forEach, byName }
  })
}

/** The window that a moment lies in, worked out anew only when it has passed. */
export function rememberingSpan({
  window,
  timeZone,
}: Pick<Rule, 'window' | 'timeZone'>): (nowMs: number) => WindowSpan {
  let known: WindowSpan | undefined
  return (nowMs) => {
    const isCurrent =
      known && nowMs >= known.startsAtMs && nowMs < (known.endsAtMs ?? Number.POSITIVE_INFINITY)
    if (known && isCurrent) return known
    known = windowAt(window, nowMs, timeZone)
    return known
  }
}
