/** Which limits a request counts against: the configured ones, matched to who asks and whom it asks. */
import type { Caller, CallerLimits } from '#core/domain/caller.ts'
import { isAboutTarget, limitWindows } from '#core/domain/limit-rule.ts'
import type { LimitAmounts, LimitLevel, LimitRule, LimitWindow } from '#core/domain/limit-rule.ts'
import type { Target } from '#core/domain/target.ts'
import type { BucketLevel } from '#services/rate-limiter/buckets.ts'

export interface RateLimiterSettings {
  /** For a minute, where no rule below says otherwise. */
  readonly perUser: CallerLimits
  /** For keys whose own limits say nothing. */
  readonly perKey: CallerLimits
  readonly perTenant: CallerLimits
  readonly rules: readonly LimitRule[]
}

export interface LimitSubject {
  readonly caller: Caller
  readonly userId: string | undefined
  /** Whom the request names, where that is not the user to whom its key belongs. */
  readonly endUserId?: string | undefined
}

export interface LevelsOf {
  /** Whether any rule is for a model or a provider. */
  readonly limitsTargets: boolean
  /** The limits of whoever asks. */
  ofCaller(subject: LimitSubject): readonly BucketLevel[]
  /** The limits of the model and the provider that are asked. */
  ofTarget(target: Target): readonly BucketLevel[]
}

/** All rules of one level and window: of those that fit a subject, the one that names it best counts for each measure. */
interface RuleGroup {
  readonly level: LimitLevel
  readonly window: LimitWindow
  readonly forEach: LimitAmounts
  /** By `tenant/id`, or `/id` for any tenant. */
  readonly byName: ReadonlyMap<string, LimitAmounts>
}

const noAmounts: LimitAmounts = { requests: undefined, tokens: undefined, concurrentRequests: undefined }

/** Prepares the rules once, so that a request only looks up what applies to it. */
export function createLevelsOf(settings: RateLimiterSettings): LevelsOf {
  const groups = groupsOf(settings)
  const ofCallers = groups.filter(({ level }) => !isAboutTarget(level))
  const ofTargets = groups.filter(({ level }) => isAboutTarget(level))
  const hasKeyMinute = ofCallers.some(isKeyMinute)
  return {
    limitsTargets: ofTargets.length > 0,
    ofCaller(subject) {
      const levels: BucketLevel[] = []
      for (const group of ofCallers) addLevel(levels, group, subject)
      // A key's own limits hold also where the settings say nothing of keys.
      if (!hasKeyMinute && subject.caller.limits) addLevel(levels, emptyKeyMinute, subject)
      return levels
    },
    ofTarget({ card, provider }) {
      if (ofTargets.length === 0) return noLevels
      const levels: BucketLevel[] = []
      for (const group of ofTargets) {
        const id = group.level === 'model' ? card.name : provider.name
        pushLevel(levels, group, `${group.level}:${id}`, group.byName.get(`/${id}`) ?? group.forEach)
      }
      return levels
    },
  }
}

const noLevels: readonly BucketLevel[] = []
const isKeyMinute = ({ level, window }: Pick<RuleGroup, 'level' | 'window'>) =>
  level === 'key' && window === 'minute'
const emptyKeyMinute: RuleGroup = { level: 'key', window: 'minute', forEach: noAmounts, byName: new Map() }

function groupsOf({ perUser, perKey, perTenant, rules }: RateLimiterSettings): readonly RuleGroup[] {
  const all = [
    ruleFor('user', perUser),
    ruleFor('key', perKey),
    ruleFor('tenant', perTenant),
    ...rules,
  ].filter(({ amounts }) => hasAny(amounts))
  const groups = new Map<string, RuleGroup & { forEach: LimitAmounts; byName: Map<string, LimitAmounts> }>()
  for (const { level, window, id, tenantId, amounts } of all) {
    const name = `${level} ${window}`
    const group = groups.get(name) ?? { level, window, forEach: noAmounts, byName: new Map() }
    groups.set(name, group)
    if (id === undefined) group.forEach = stated(group.forEach, amounts)
    else group.byName.set(`${tenantId ?? ''}/${id}`, amounts)
  }
  // A named subject keeps what the rule for each says where its own rule says nothing.
  for (const group of groups.values()) {
    for (const [name, amounts] of group.byName) group.byName.set(name, stated(group.forEach, amounts))
  }
  return [...groups.values()]
}

const ruleFor = (level: LimitLevel, limits: CallerLimits): LimitRule => ({
  level,
  id: undefined,
  tenantId: undefined,
  window: 'minute',
  amounts: amountsOf(limits),
})

const amountsOf = (limits: CallerLimits): LimitAmounts => ({
  requests: limits.requestsPerMinute,
  tokens: limits.tokensPerMinute,
  concurrentRequests: limits.concurrentRequests,
})

const stated = (general: LimitAmounts, own: LimitAmounts): LimitAmounts => ({
  requests: own.requests ?? general.requests,
  tokens: own.tokens ?? general.tokens,
  concurrentRequests: own.concurrentRequests ?? general.concurrentRequests,
})

const hasAny = ({ requests, tokens, concurrentRequests }: LimitAmounts) =>
  (requests ?? tokens ?? concurrentRequests) !== undefined

function addLevel(levels: BucketLevel[], group: RuleGroup, subject: LimitSubject): void {
  const id = idOf(group.level, subject)
  if (id === undefined) return
  const { tenantId, limits } = subject.caller
  const { byName } = group
  const known = byName.size === 0 ? undefined : (byName.get(`${tenantId}/${id}`) ?? byName.get(`/${id}`))
  const general = known ?? group.forEach
  const amounts = limits && isKeyMinute(group) ? stated(general, amountsOf(limits)) : general
  pushLevel(levels, group, keyOf(group.level, tenantId, id), amounts)
}

function pushLevel(levels: BucketLevel[], group: RuleGroup, key: string, amounts: LimitAmounts): void {
  if (!hasAny(amounts)) return
  const { level, window } = group
  levels.push({
    level,
    window,
    windowMs: limitWindows[window],
    key: window === 'minute' ? key : `${key} ${window}`,
    requests: amounts.requests,
    tokens: amounts.tokens,
    concurrentRequests: amounts.concurrentRequests,
  })
}

/** Unique over all tenants; a tenant's name has neither slash nor space. */
function keyOf(level: LimitLevel, tenantId: string, id: string): string {
  return level === 'tenant' || level === 'key' ? `${level}:${id}` : `${level}:${tenantId}/${id}`
}

function idOf(level: LimitLevel, { caller, userId, endUserId }: LimitSubject): string | undefined {
  switch (level) {
    case 'tenant':
      return caller.tenantId
    case 'team':
      return caller.teamId
    case 'project':
      return caller.projectId
    case 'user':
      return userId
    case 'key':
      return caller.keyId
    case 'end_user':
      return endUserId
    case 'model':
    case 'provider':
      return undefined
  }
}
