/** The settings of limits in the form that the house reads. */
import type { LimitsConfig } from '#config/config.ts'
import type { AdminConfig } from '#config/schema.ts'
import type { CallerLimits } from '#core/domain/caller.ts'

export function toLimits({ limits }: AdminConfig): LimitsConfig {
  return {
    perUser: toLimit(limits.per_user),
    perKey: toLimit(limits.per_key),
    perTenant: toLimit(limits.per_tenant),
    rules: limits.rules.map((rule) => ({
      level: rule.level,
      id: rule.id,
      tenantId: rule.tenant,
      window: rule.window,
      amounts: {
        requests: rule.requests,
        tokens: rule.tokens,
        concurrentRequests: rule.concurrent_requests,
      },
    })),
  }
}

function toLimit(limit: AdminConfig['limits']['per_user' | 'per_key']): CallerLimits {
  return {
    requestsPerMinute: limit.requests_per_minute,
    tokensPerMinute: limit.tokens_per_minute,
    concurrentRequests: limit.concurrent_requests,
    ...('priority_max' in limit ? { priorityMax: limit.priority_max } : {}),
  }
}
