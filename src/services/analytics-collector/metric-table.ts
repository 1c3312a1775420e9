/** Every metric that Signalbox exposes: the one place where a name, its meaning and its labels are written. */

export interface MetricKind {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[]
}

const durationBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320]
const overheadBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5]

/** Labels are bounded: doors, providers and codes by this program, models by the catalogue. Tenants and users are none. */
export const metricTable = {
  signalbox_requests_total: {
    type: 'counter',
    help: 'Requests that ended, by endpoint, the model that answered, class of status and whether the answer was known.',
    labels: ['door', 'provider', 'model', 'status', 'cached'],
  },
  signalbox_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the head of a request to the end of its answer.',
    labels: ['door', 'provider', 'model'],
    buckets: durationBuckets,
  },
  signalbox_first_token_seconds: {
    type: 'histogram',
    help: 'Time until the first content of an answer.',
    labels: ['provider', 'model'],
    buckets: durationBuckets,
  },
  signalbox_overhead_seconds: {
    type: 'histogram',
    help: 'Time that requests spent inside the gateway, not waiting for a provider.',
    labels: ['door'],
    buckets: overheadBuckets,
  },
  signalbox_tokens_total: {
    type: 'counter',
    help: 'Tokens by kind: input and output are totals; cached_input, cache_write and reasoning are parts of them.',
    labels: ['kind', 'provider', 'model'],
  },
  signalbox_cost_usd_total: {
    type: 'counter',
    help: 'What tenants were charged, in US dollars.',
    labels: ['provider', 'model'],
  },
  signalbox_refusals_total: {
    type: 'counter',
    help: 'Requests that ended in an error of the gateway, by code.',
    labels: ['code'],
  },
  signalbox_attempts_total: {
    type: 'counter',
    help: 'Calls to providers, retries and fallbacks included, by outcome: ok, broken (after content), hedged (another was faster) or failed.',
    labels: ['provider', 'outcome'],
  },
  signalbox_hedges_total: {
    type: 'counter',
    help: 'Streams asked of a second target because their first words were late, by what became of it: won (it spoke first), lost or failed.',
    labels: ['outcome'],
  },
  signalbox_rescues_total: {
    type: 'counter',
    help: 'Streams that broke off, by policy and outcome: restarted or continued unseen; unsafe to go on with, or failed.',
    labels: ['policy', 'outcome'],
  },
  signalbox_usage_rows_pending: {
    type: 'gauge',
    help: 'Usage rows waiting to be written.',
    labels: [],
  },
  signalbox_usage_rows_written_total: {
    type: 'counter',
    help: 'Usage rows handed to the journal.',
    labels: [],
  },
  signalbox_usage_rows_lost_total: {
    type: 'counter',
    help: 'Usage rows lost because the journal could not be written for too long. Anything above 0 is an alarm.',
    labels: [],
  },
  signalbox_open_streams: {
    type: 'gauge',
    help: 'Streamed answers that are running.',
    labels: [],
  },
  signalbox_requests_in_flight: {
    type: 'gauge',
    help: 'Requests that are being answered.',
    labels: [],
  },
  signalbox_budget_refusals_total: {
    type: 'counter',
    help: 'Requests or fallbacks that a budget did not cover.',
    labels: [],
  },
  signalbox_budget_over_use_usd_total: {
    type: 'counter',
    help: 'Charges beyond what was held for them, in US dollars. Anything above 0 is worth a look.',
    labels: [],
  },
  signalbox_budget_expired_holds_total: {
    type: 'counter',
    help: 'Holds that nobody settled and that were charged in full.',
    labels: [],
  },
  signalbox_secrets_unread: {
    type: 'gauge',
    help: 'Secrets whose last reading failed; those that were read before are used until key_vault.stale_ms is over.',
    labels: [],
  },
  signalbox_secrets_overdue: {
    type: 'gauge',
    help: 'Secrets in use that could not be read again for half of key_vault.stale_ms or longer.',
    labels: [],
  },
  signalbox_ledger_away: {
    type: 'gauge',
    help: '1 while this instance cannot hold money in the shared ledger, else 0; always 0 without Redis.',
    labels: [],
  },
  signalbox_ledger_losses_total: {
    type: 'counter',
    help: 'How often the shared ledger was lost: a step without an answer, a broken connection, another server.',
    labels: [],
  },
  signalbox_ledger_rebuilds_total: {
    type: 'counter',
    help: 'How often this instance led a rebuild of the shared counters, the first beginning counted.',
    labels: [],
  },
  signalbox_ledger_allowance_grants_total: {
    type: 'counter',
    help: 'Holds that were granted from what this instance held ahead, while the shared ledger was away.',
    labels: [],
  },
  signalbox_alerts_sent_total: {
    type: 'counter',
    help: 'Budget alerts delivered, each destination counted.',
    labels: [],
  },
  signalbox_alerts_failed_total: {
    type: 'counter',
    help: 'Deliveries of budget alerts that failed at all their attempts; they are tried again until the window ends.',
    labels: [],
  },
  signalbox_responses_kept_total: {
    type: 'counter',
    help: 'Responses that were kept in the store of responses.',
    labels: [],
  },
  signalbox_responses_not_kept_total: {
    type: 'counter',
    help: 'Responses that should have been kept and were not: too large, or the store was away.',
    labels: [],
  },
  signalbox_load_level: {
    type: 'gauge',
    help: 'Whom overload turns away: 0 nobody, 1 batch, 2 also normal that would have to wait, 3 all but critical.',
    labels: [],
  },
  signalbox_event_loop_delay_seconds: {
    type: 'gauge',
    help: 'How late the event loop was in the last half second: 99th percentile.',
    labels: [],
  },
  signalbox_memory_share: {
    type: 'gauge',
    help: 'Heap or all memory, the fuller, as a share of what may be used.',
    labels: [],
  },
  signalbox_shed_requests_total: {
    type: 'counter',
    help: 'Requests turned away because this process was overloaded, before their body was read.',
    labels: [],
  },
  signalbox_waiting_requests: {
    type: 'gauge',
    help: 'Requests that wait for a place at a target.',
    labels: [],
  },
  signalbox_queued_requests_total: {
    type: 'counter',
    help: 'Requests that had to wait for a place at a target.',
    labels: [],
  },
  signalbox_queue_refusals_total: {
    type: 'counter',
    help: 'Requests for which no place at a target came free in time; another target may have answered them.',
    labels: [],
  },
  signalbox_queue_wait_seconds_total: {
    type: 'counter',
    help: 'Time that requests waited for places at targets, all together.',
    labels: [],
  },
  signalbox_retries_total: {
    type: 'counter',
    help: 'Calls to providers that were repeated at the same model, other keys and regions included.',
    labels: [],
  },
  signalbox_retries_denied_total: {
    type: 'counter',
    help: 'Repetitions that the retry budget of a model did not allow.',
    labels: [],
  },
  signalbox_breakers_opened_total: {
    type: 'counter',
    help: 'Times that a track (a model at one address, with one key) was found broken here.',
    labels: [],
  },
  signalbox_hints_heard_total: {
    type: 'counter',
    help: 'What other instances found out about tracks and told this one.',
    labels: [],
  },
  signalbox_track_state: {
    type: 'gauge',
    help: 'Always 1; the label says how a track stands: closed, open, half-open, ejected or suspected.',
    labels: ['provider', 'region', 'model', 'credential', 'state'],
  },
  signalbox_track_cool_down_seconds: {
    type: 'gauge',
    help: "For how much longer a track's key is spared after a limit or a refusal; 0 when it is not.",
    labels: ['provider', 'region', 'model', 'credential'],
  },
  signalbox_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels say what is running.',
    labels: ['version', 'node'],
  },
} as const satisfies Readonly<Record<string, MetricKind>>

export type MetricName = keyof typeof metricTable

/** Metrics without labels whose value is asked for when somebody looks, not kept as it changes. */
export type ReadMetricName = {
  [Name in MetricName]: (typeof metricTable)[Name]['labels'] extends readonly [] ? Name : never
}[MetricName]
