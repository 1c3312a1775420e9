/** Settings of resilience: deadlines, repetitions, cool-downs, the circuit breaker, ejection and what instances tell each other. */
import { z } from 'zod'
import { deadlineSettings } from '#config/schema/deadlines.ts'
import { count, milliseconds, plainName } from '#config/schema/value-forms.ts'

const share = z.number().gt(0).max(1)

const hedgeSettings = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Whether a stream whose first words come later than those of 19 of 20 is asked of another key or region of the same model too, or else of the next model of the route; the first to speak is heard, and both are paid for.',
      ),
    share: share
      .default(0.05)
      .describe(
        'The share of streams of which that may become true, and of what all of them may cost that it may add.',
      ),
    samples_least: count(8, 32)
      .default(20)
      .describe('First words of a model that must have been timed lately, of at most 32.'),
  })
  .prefault({})
  .describe('When a late stream is asked twice.')

const silenceSettings = z
  .strictObject({
    calls: count(1, 1_000_000)
      .default(3)
      .describe('Silent calls in a row, finished or not, after which a track is left alone.'),
    factor: z
      .number()
      .min(1)
      .max(1_000)
      .default(4)
      .describe('A call is silent once it has waited this many times the longest first wait of late ...'),
    least_ms: milliseconds(1)
      .default(5_000)
      .describe('... and at least this long; whole answers, six times this long ...'),
    least_reasoning_ms: milliseconds(1)
      .default(30_000)
      .describe('... and models that think before they speak, this long instead.'),
    per_thousand_tokens_ms: milliseconds(0)
      .default(200)
      .describe('What a thousand tokens of input add to it.'),
    open_max_ms: milliseconds(1)
      .default(30_000)
      .describe(
        'The longest time that a silent track is left alone, where it is longer than that of the others: who tries it again waits in vain for a while.',
      ),
  })
  .describe(
    'When a track that says nothing is left alone before its deadlines pass; calls that wait for it go to another target then.',
  )

const breakerSettings = z
  .strictObject({
    window_ms: milliseconds(100).default(30_000).describe('The span of time that is judged.'),
    failure_rate: share.default(0.5).describe('The share of failures at which a track is left alone.'),
    minimum_requests: count(1, 1_000_000)
      .default(10)
      .describe('Fewer requests than this are not judged; so many failures in a row are enough.'),
    connect_errors: count(1, 1_000_000)
      .default(5)
      .describe('Attempts in a row without a connection after which a track is left alone.'),
    slow_rate: share
      .default(0.8)
      .describe('The share of streams that began too late at which a track is left alone.'),
    slow_first_token_ms: milliseconds(1)
      .default(30_000)
      .describe('A first content that comes later than this came too late.'),
    slow_first_token_reasoning_ms: milliseconds(1)
      .default(150_000)
      .describe('The same for models that think before they speak.'),
    open_ms: milliseconds(1)
      .default(5_000)
      .describe('How long a failing track is left alone; twice as long each time that a trial fails.'),
    open_max_ms: milliseconds(1).default(15_000).describe('The longest time that it is left alone.'),
    silence: silenceSettings.prefault({}),
    half_open_trials: count(1, 1000)
      .default(2)
      .describe(
        'Trial requests that must succeed before it is trusted again; one tries at first, and one more for each that was heard.',
      ),
  })
  .describe('When a failing track (a model at one address, with one key) is left alone.')

const coolDownSettings = z
  .strictObject({
    limited_ms: milliseconds(0)
      .default(5_000)
      .describe('How long a key is spared for one model after a 429 that does not say how long.'),
    refused_ms: milliseconds(0)
      .default(30_000)
      .describe('How long a key is spared that was refused, is missing or has no quota left.'),
    max_ms: milliseconds(0)
      .default(3_600_000)
      .describe('The longest time that a key is spared, whatever the provider says.'),
  })
  .describe('How long a key is spared; it is still asked when nobody else can answer.')

const ejectionSettings = z
  .strictObject({
    minimum_requests: count(1, 1_000_000).default(20).describe('Fewer requests than this are not judged.'),
    margin: share.default(0.2).describe("How far below the others' mean its share of successes must be."),
    deviations: z
      .number()
      .min(0)
      .max(10)
      .default(1.9)
      .describe('How many standard deviations of the others below their mean it must be as well.'),
    share_max: share
      .default(0.3)
      .describe('The largest share of equals that is left out at once; one always may, the last never.'),
    eject_ms: milliseconds(1)
      .default(30_000)
      .describe('How long it is left out the first time; longer each time after.'),
  })
  .describe('When one of several equal regions or keys is left out because it fails more than the others.')

export const resilienceSettings = z
  .strictObject({
    connect_ms: milliseconds(1).default(5000).describe('How long connecting to a provider may take.'),
    headers_ms: milliseconds(1)
      .default(60_000)
      .describe('How long a provider may take to accept a stream, for models that do not think first.'),
    first_token_ms: milliseconds(1)
      .default(60_000)
      .describe('How long a provider may take to begin its answer.'),
    first_token_reasoning_ms: milliseconds(1)
      .default(300_000)
      .describe('The same for models that think before they speak.'),
    whole_answer_ms: milliseconds(0)
      .default(0)
      .describe('How long an answer that is not streamed may take; 0 is five times first_token_ms.'),
    idle_ms: milliseconds(1).default(120_000).describe('Longest silence inside an answer.'),
    minimum_tokens_per_second: z
      .number()
      .min(0)
      .max(10_000)
      .default(0.5)
      .describe(
        'How fast an answer that has begun must go on, of models that do not think and questions without tools of the provider; 0 is no limit.',
      ),
    minimum_rate_window_ms: milliseconds(1_000)
      .default(30_000)
      .describe('The span of waiting that this is judged over.'),
    total_ms: milliseconds(1)
      .default(600_000)
      .describe('Longest time for a whole request, every attempt included.'),
    deadlines: z
      .record(plainName, deadlineSettings)
      .default({})
      .describe(
        'Deadlines of single models, by name or by provider/model; routes may have some too (routing.routes.<name>.deadlines), which count before these.',
      ),
    attempts_per_target: count(1, 10)
      .default(2)
      .describe('How often one model is asked before the next one.'),
    attempts_per_request: count(1, 100)
      .default(6)
      .describe('How many calls to providers one request may take in all.'),
    retry_base_ms: milliseconds(0)
      .default(250)
      .describe('The wait before the first repetition; it doubles each time.'),
    retry_max_ms: milliseconds(0).default(8000).describe('The longest wait before a repetition.'),
    retry_budget_share: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe("Repetitions may be this share of a model's requests ..."),
    retry_budget_floor: z
      .number()
      .min(0)
      .max(1_000_000)
      .default(3)
      .describe('... and always this many a second.'),
    reroute_filtered_content: z
      .boolean()
      .default(false)
      .describe('Whether a question whose content one provider refused is taken to the next model.'),
    cool_down: coolDownSettings.prefault({}),
    hedge: hedgeSettings,
    breaker: breakerSettings.prefault({}),
    ejection: ejectionSettings.prefault({}),
    share_hints: z
      .boolean()
      .default(true)
      .describe('Whether instances that share Redis tell each other which tracks are broken or limited.'),
  })
  .describe('Deadlines, repetitions, cool-downs and the circuit breaker.')
