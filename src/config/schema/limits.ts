/** Settings of how much may be asked for: requests, tokens and requests at once. */
import { z } from 'zod'
import { isAboutTarget, limitLevels, limitWindows } from '#core/domain/limit-rule.ts'
import type { LimitWindow } from '#core/domain/limit-rule.ts'
import { prioritySetting } from '#config/schema/load.ts'
import { count, plainName } from '#config/schema/value-forms.ts'

const limitSetting = z.strictObject({
  requests_per_minute: count(1, 1_000_000_000)
    .optional()
    .describe('Requests in a minute; left out, no limit.'),
  tokens_per_minute: count(1, 1_000_000_000_000)
    .optional()
    .describe('Input and output tokens in a minute; left out, no limit.'),
  concurrent_requests: count(1, 1_000_000).optional().describe('Requests at once; left out, no limit.'),
})

const limitWithPriority = limitSetting.extend({
  priority_max: prioritySetting
    .optional()
    .describe(
      'Most urgent priority that may be asked for; left out, normal for keys and no bound for tenants.',
    ),
})

const windows = Object.keys(limitWindows) as [LimitWindow, ...LimitWindow[]]

const limitRule = z
  .strictObject({
    level: z
      .enum(limitLevels)
      .describe(
        'Whose requests count together: end_user is whom the request names beside the user of its key.',
      ),
    id: plainName
      .optional()
      .describe(
        'Who exactly; left out, each one of the level for itself. A rule that names one counts before it.',
      ),
    tenant: plainName
      .optional()
      .describe('The tenant of the team, project, user, key or end user; left out, any tenant.'),
    window: z
      .enum(windows)
      .default('minute')
      .describe('The span for requests and tokens: as many at once, and evenly as many again in each span.'),
    requests: count(1, 1_000_000_000).optional().describe('Requests in the window; left out, no limit.'),
    tokens: count(1, 1_000_000_000_000)
      .optional()
      .describe('Input and output tokens in the window; left out, no limit.'),
    concurrent_requests: count(1, 1_000_000).optional().describe('Requests at once; left out, no limit.'),
  })
  .refine((rule) => (rule.requests ?? rule.tokens ?? rule.concurrent_requests) !== undefined, {
    error: 'must limit requests, tokens or concurrent_requests',
  })
  .refine((rule) => rule.tenant === undefined || !(rule.level === 'tenant' || isAboutTarget(rule.level)), {
    error: 'names a tenant, and this level belongs to none',
    path: ['tenant'],
  })

export const limitsSettings = z
  .strictObject({
    per_user: limitSetting.prefault({}).describe('For each user of a tenant.'),
    per_key: limitWithPriority.prefault({}).describe('For each key, unless the key states its own.'),
    per_tenant: limitWithPriority.prefault({}).describe('For each tenant.'),
    rules: z
      .array(limitRule)
      .max(10_000)
      .default([])
      .describe('Further limits, of any level and window; all that apply must hold.'),
  })
  .describe('How much each caller may ask for.')
