/** Which limits a request counts against: the configured ones, matched to who asks and whom it asks. */
import type { Caller, CallerLimits } from '#core/domain/caller.ts'
import { rememberById } from '#core/domain/id-memory.ts'
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
  /** The level of one subject; undefined inside when the rules say nothing of it. */
  readonly levelOf: (tenantId: string, id: string) => KnownLevel
}

interface KnownLevel {
  readonly level: BucketLevel | undefined
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
        const { level } = group.levelOf('', group.level === 'model' ? card.name : provider.name)
        if (level) levels.push(level)
      }
      return levels
    },
  }
}

const noLevels: readonly BucketLevel[] = []
const isKeyMinute = ({ level, window }: Pick<RuleGroup, 'level' | 'window'>) =>
  level === 'key' && window === 'minute'
const emptyKeyMinute: RuleGroup = emptyGroup('key', 'minute')

type OpenGroup = RuleGroup & { forEach: LimitAmounts; readonly byName: Map<string, LimitAmounts> }

function emptyGroup(level: LimitLevel, window: LimitWindow): OpenGroup {
  const group: OpenGroup = {
    level,
    window,
    forEach: noAmounts,
    byName: new Map(),
    levelOf: rememberById((tenantId, id) => ({
      level: levelWith(group, { tenantId, id }, amountsFor(group, tenantId, id)),
    })),
  }
  return group
}

function groupsOf({ perUser, perKey, perTenant, rules }: RateLimiterSettings): readonly RuleGroup[] {
  const all = [
    ruleFor('user', perUser),
    ruleFor('key', perKey),
    ruleFor('tenant', perTenant),
    ...rules,
  ].filter(({ amounts }) => hasAny(amounts))
  const groups = new Map<string, OpenGroup>()
  for (const { level, window, id, tenantId, amounts } of all) {
    const name = `${level} ${window}`
    const group = groups.get(name) ?? emptyGroup(level, window)
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
  const level =
    limits && isKeyMinute(group)
      ? levelWith(group, { tenantId, id }, stated(amountsFor(group, tenantId, id), amountsOf(limits)))
      : group.levelOf(tenantId, id).level
  if (level) levels.push(level)
}

function amountsFor({ byName, forEach }: RuleGroup, tenantId: string, id: string): LimitAmounts {
  return byName.get(`${tenantId}/${id}`) ?? byName.get(`/${id}`) ?? forEach
}

interface Subject {
  readonly tenantId: string
  readonly id: string
}

function levelWith(
  { level, window }: RuleGroup,
  subject: Subject,
  amounts: LimitAmounts,
): BucketLevel | undefined {
  if (!hasAny(amounts)) return undefined
  return {
    level,
    window,
    windowMs: limitWindows[window],
    key: bucketKey(level, window, subject),
    requests: amounts.requests,
    tokens: amounts.tokens,
    concurrentRequests: amounts.concurrentRequests,
  }
}

/** Unique over all tenants; a tenant's name has neither slash nor space. Models and providers are the same for all. */
function bucketKey(level: LimitLevel, window: LimitWindow, { tenantId, id }: Subject): string {
  const ofWhom = level === 'tenant' || level === 'key' || isAboutTarget(level) ? id : `${tenantId}/${id}`
  return window === 'minute' ? `${level}:${ofWhom}` : `${level}:${ofWhom} ${window}`
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
