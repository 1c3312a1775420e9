/** Settings of a request's way: which model, and how much at once. */
import { z } from 'zod'
import { prioritySetting } from '#config/schema/load.ts'
import { rescuePolicySetting } from '#config/schema/rescue.ts'
import { count, plainName } from '#config/schema/value-forms.ts'

const routeTarget = z.union([
  plainName,
  z.strictObject({
    model: plainName.describe('A catalogue name, an alias or provider/name.'),
    weight: count(0, 1_000_000).default(1).describe('Its share of the requests, beside the other weights.'),
  }),
])

const routeSetting = z.strictObject({
  strategy: z
    .enum(['ordered', 'weighted', 'cheapest', 'fastest', 'best'])
    .default('ordered')
    .describe('How a model is chosen among the targets.'),
  targets: z
    .array(routeTarget)
    .max(64)
    .default([])
    .describe('The models to choose from; empty is every model that is live (not with ordered or weighted).'),
  rescue: rescuePolicySetting
    .optional()
    .describe('What becomes of its streams that break off; left out, what rescue.policy says.'),
})

export const routingSettings = z
  .strictObject({
    default_route: plainName.default('auto').describe('The route or model for requests that name none.'),
    routes: z
      .record(plainName, routeSetting)
      .default({})
      .describe('Your own routes by name, to be asked for like models.'),
    aliases: z
      .record(plainName, plainName)
      .default({})
      .describe('Other names of models and routes; they win over those of the catalogue.'),
  })
  .describe('Which model answers. auto, auto:cheap, auto:fast and auto:best always exist.')

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

export const limitsSettings = z
  .strictObject({
    per_user: limitSetting.prefault({}).describe('For each user of a tenant.'),
    per_key: limitWithPriority.prefault({}).describe('For each key, unless the key states its own.'),
    per_tenant: limitWithPriority.prefault({}).describe('For each tenant.'),
  })
  .describe('How much each caller may ask for.')
