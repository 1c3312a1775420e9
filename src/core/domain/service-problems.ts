/** The catalogue's second half: limits, money, providers, and the gateway itself. */
import type { ProblemKind } from '#core/domain/problem.ts'

const caller = { fault: 'caller', isRetryable: false, isReroutable: false } as const
const provider = { fault: 'provider', isRetryable: true, isReroutable: true } as const
const gateway = { fault: 'gateway', isRetryable: true, isReroutable: false } as const

export const serviceProblems = {
  // Limits and money.
  rate_limited: {
    ...caller,
    status: 429,
    isRetryable: true,
    sentence: 'Too many requests or tokens in this window.',
    mend: 'Wait as long as `retry-after` says.',
  },
  too_many_concurrent: {
    ...caller,
    status: 429,
    isRetryable: true,
    sentence: 'Too many requests are running at once.',
    mend: 'Wait for one of them to end.',
  },
  budget_exceeded: {
    ...caller,
    status: 402,
    sentence: 'The budget does not cover this request.',
    mend: 'Wait for the reset named in `facts`, or ask an administrator to raise the limit.',
  },
  budget_paced: {
    ...caller,
    status: 429,
    isRetryable: true,
    sentence: 'The budget must last until its window ends, and more of it is spent than is due by now.',
    mend: 'Wait as long as `retry-after` says.',
  },
  request_cost_exceeded: {
    ...caller,
    status: 402,
    sentence: 'The request could cost more than the most that it allows itself.',
    mend: 'Raise `max_cost_usd`, lower `max_tokens`, or choose a cheaper model.',
  },

  // Calls that are sent again under their idempotency key.
  idempotency_key_reused: {
    ...caller,
    status: 422,
    sentence: 'This idempotency key was used for another request.',
    mend: 'Send the same request as the first time, or a new key.',
  },
  idempotency_in_progress: {
    ...caller,
    status: 409,
    isRetryable: true,
    sentence: 'A call with this idempotency key is still running.',
    mend: 'Send the same request again after as long as `retry-after` says.',
  },
  already_completed: {
    ...caller,
    status: 409,
    sentence: 'A call with this idempotency key was answered and charged, and its answer is not kept.',
    mend: 'The usage and the first request are named in `facts`; to ask anew, and pay anew, send another key.',
  },

  // Providers.
  provider_rejected: {
    ...provider,
    fault: 'caller',
    status: 400,
    isRetryable: false,
    isReroutable: false,
    sentence: 'The provider refused the request as invalid.',
    mend: 'Correct what the provider names.',
  },
  provider_rate_limited: {
    ...provider,
    status: 429,
    sentence: 'The provider is limiting our requests.',
    mend: 'Wait as long as `retry-after` says.',
  },
  provider_quota: {
    ...provider,
    status: 503,
    isRetryable: false,
    sentence: 'The account at the provider has no quota left.',
    mend: 'The operator of this gateway must settle the account or choose another provider.',
  },
  provider_auth: {
    ...provider,
    status: 502,
    isRetryable: false,
    sentence: "The provider refused this gateway's own key.",
    mend: 'The operator of this gateway must replace the provider key.',
  },
  provider_model_missing: {
    ...provider,
    status: 502,
    isRetryable: false,
    sentence: 'The provider does not know the model.',
    mend: 'Choose another model; the operator should update the model catalogue.',
  },
  provider_overloaded: {
    ...provider,
    status: 503,
    sentence: 'The provider is overloaded.',
    mend: 'Try again shortly.',
  },
  provider_error: { ...provider, status: 502, sentence: 'The provider failed.', mend: 'Try again shortly.' },
  provider_unreachable: {
    ...provider,
    status: 502,
    sentence: 'The provider could not be reached.',
    mend: 'Try again shortly.',
  },
  provider_timeout: {
    ...provider,
    status: 504,
    sentence: 'The provider did not answer in time.',
    mend: 'Try again, or allow more time.',
  },
  provider_malformed: {
    ...provider,
    status: 502,
    sentence: 'The provider sent something that is not a valid answer.',
    mend: 'Try again shortly.',
  },
  stream_cut: {
    ...provider,
    status: 502,
    sentence: "The provider's answer broke off before its end.",
    mend: 'Try again; what was received is incomplete.',
  },
  all_targets_failed: {
    ...provider,
    status: 502,
    sentence: 'Every model that could answer failed.',
    mend: 'Try again shortly; `facts` names each attempt.',
  },
  circuit_open: {
    ...provider,
    status: 503,
    sentence: 'The provider failed too often lately and is being left alone.',
    mend: 'Wait as long as `retry-after` says.',
  },

  // The gateway.
  target_busy: {
    ...gateway,
    status: 503,
    isReroutable: true,
    sentence: 'The model is answering as many requests as it can take.',
    mend: 'Wait as long as `retry-after` says, or allow other models.',
  },
  reader_stalled: {
    ...gateway,
    status: 499,
    isRetryable: false,
    sentence: 'The caller did not read its answer for too long.',
    mend: 'Read the stream as it comes.',
  },
  deadline_exceeded: {
    ...gateway,
    status: 504,
    sentence: 'The deadline of the request passed.',
    mend: 'Allow more time, or ask for less.',
  },
  caller_left: {
    ...gateway,
    status: 499,
    isRetryable: false,
    sentence: 'The caller closed the connection before the answer was complete.',
    mend: 'Keep the connection open until the answer ends.',
  },
  overloaded: {
    ...gateway,
    status: 503,
    sentence: 'This gateway has more work than it can do.',
    mend: 'Wait as long as `retry-after` says.',
  },
  draining: {
    ...gateway,
    status: 503,
    sentence: 'This instance is shutting down.',
    mend: 'Send the request again; another instance will answer.',
  },
  store_unavailable: {
    ...gateway,
    status: 503,
    sentence: 'A store that this request needs cannot be reached.',
    mend: 'Try again shortly; the operator should look at /health/detailed.',
  },
  secret_missing: {
    ...gateway,
    status: 503,
    isRetryable: false,
    sentence: 'A secret that this request needs is not in the key vault.',
    mend: 'Add the secret named in `facts` to the vault or the environment.',
  },
  config_invalid: {
    ...gateway,
    status: 400,
    isRetryable: false,
    sentence: 'The configuration is not valid.',
    mend: 'Correct the line named.',
  },
  already_exists: {
    ...caller,
    status: 409,
    sentence: 'Something with this name exists already.',
    mend: 'Choose another name, or change the existing one.',
  },
  internal_error: {
    ...gateway,
    status: 500,
    sentence: 'Something went wrong inside the gateway.',
    mend: 'Report the request id to the operator of this gateway.',
  },
} as const satisfies Record<string, ProblemKind>
