/** Settings of a request's way: which model, and how much at once. */
import { z } from 'zod'
import { deadlineSettings } from '#config/schema/deadlines.ts'
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
  deadlines: deadlineSettings.optional(),
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
