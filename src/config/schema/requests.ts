/** Settings of a request's way: which model, how long, how often, how much at once. */
import { z } from 'zod'
import { count, milliseconds, plainName } from '#config/schema/value-forms.ts'

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

export const resilienceSettings = z
  .strictObject({
    connect_ms: milliseconds(1).default(5000).describe('How long connecting to a provider may take.'),
    first_token_ms: milliseconds(1)
      .default(60_000)
      .describe('How long a provider may take to begin its answer.'),
    first_token_reasoning_ms: milliseconds(1)
      .default(300_000)
      .describe('The same for models that think before they speak.'),
    idle_ms: milliseconds(1).default(120_000).describe('Longest silence inside an answer.'),
    total_ms: milliseconds(1)
      .default(600_000)
      .describe('Longest time for a whole request, every attempt included.'),
    attempts_per_target: count(1, 10)
      .default(2)
      .describe('How often one model is asked before the next one.'),
    retry_base_ms: milliseconds(0)
      .default(250)
      .describe('The wait before the first repetition; it doubles each time.'),
    retry_max_ms: milliseconds(0).default(8000).describe('The longest wait before a repetition.'),
    breaker: z
      .strictObject({
        window_ms: milliseconds(100).default(30_000).describe('The span of time that is judged.'),
        failure_rate: z
          .number()
          .gt(0)
          .max(1)
          .default(0.5)
          .describe('The share of failures at which a target is left alone.'),
        minimum_requests: count(1, 1_000_000)
          .default(10)
          .describe('Fewer requests than this are not judged.'),
        open_ms: milliseconds(1).default(15_000).describe('How long a failing target is left alone.'),
        half_open_trials: count(1, 1000)
          .default(2)
          .describe('Trial requests that must succeed before it is trusted again.'),
      })
      .prefault({})
      .describe('When a failing target is left alone.'),
  })
  .describe('Deadlines, repetitions and the circuit breaker.')

const limitSetting = z.strictObject({
  requests_per_minute: count(1, 1_000_000_000)
    .optional()
    .describe('Requests in a minute; left out, no limit.'),
  tokens_per_minute: count(1, 1_000_000_000_000)
    .optional()
    .describe('Input and output tokens in a minute; left out, no limit.'),
  concurrent_requests: count(1, 1_000_000).optional().describe('Requests at once; left out, no limit.'),
})

export const limitsSettings = z
  .strictObject({
    per_user: limitSetting.prefault({}).describe('For each user of a tenant.'),
    per_key: limitSetting.prefault({}).describe('For each key, unless the key states its own.'),
    per_tenant: limitSetting.prefault({}).describe('For each tenant.'),
  })
  .describe('How much each caller may ask for.')
