/** The catalogue of errors: the one place where a code, its status and its advice are written. */
import type { ProblemKind } from '#core/domain/problem.ts'

const caller = { fault: 'caller', isRetryable: false, isReroutable: false } as const
const provider = { fault: 'provider', isRetryable: true, isReroutable: true } as const
const gateway = { fault: 'gateway', isRetryable: true, isReroutable: false } as const

export const problemCatalogue = {
  // The request itself.
  invalid_json: {
    ...caller,
    status: 400,
    sentence: 'The request body is not valid JSON.',
    mend: 'Send one JSON object; check quotes and commas near the position named.',
  },
  invalid_value: {
    ...caller,
    status: 400,
    sentence: 'A field of the request has a wrong value.',
    mend: 'Correct the field named in `param`.',
  },
  missing_field: {
    ...caller,
    status: 400,
    sentence: 'A required field is missing.',
    mend: 'Add the field named in `param`.',
  },
  unknown_field: {
    ...caller,
    status: 400,
    sentence: 'The request has a field that this endpoint does not know.',
    mend: 'Remove the field or use the nearest name.',
  },
  duplicate_field: {
    ...caller,
    status: 400,
    sentence: 'A field that decides on money or authority appears twice.',
    mend: 'Send each field once.',
  },
  empty_prompt: {
    ...caller,
    status: 400,
    sentence: 'There is nothing to answer: the prompt is empty.',
    mend: 'Send a non-empty `prompt` or at least one message with content.',
  },
  unknown_task_type: {
    ...caller,
    status: 400,
    sentence: 'The task type is not known.',
    mend: 'Use one of the documented task types, or leave `task_type` out.',
  },
  invalid_media: {
    ...caller,
    status: 400,
    sentence: 'An image or file could not be read.',
    mend: 'Send a data URL of the form data:<type>;base64,<data>, or an http(s) URL.',
  },
  unsupported_media_type: {
    ...caller,
    status: 400,
    sentence: 'This kind of image or file is not supported.',
    mend: 'Use PNG, JPEG, GIF or WebP images, PDF documents, WAV or MP3 audio.',
  },
  unsupported_feature: {
    ...caller,
    status: 400,
    sentence: 'The chosen model cannot do something that the request needs.',
    mend: 'Choose a model that can, named in `nearest`, or leave the feature out.',
  },
  body_too_large: {
    ...caller,
    status: 413,
    sentence: 'The request body is larger than the limit.',
    mend: 'Send a smaller body; the limit is named in `facts`.',
  },
  body_too_deep: {
    ...caller,
    status: 400,
    sentence: 'The request body is nested too deeply.',
    mend: 'Flatten the body; the limit is named in `facts`.',
  },
  unsupported_content_type: {
    ...caller,
    status: 415,
    sentence: 'The request body is not JSON.',
    mend: 'Send `content-type: application/json`.',
  },
  request_timeout: {
    ...caller,
    status: 408,
    isRetryable: true,
    sentence: 'The request body did not arrive in time.',
    mend: 'Send the body without pauses.',
  },
  malformed_request: {
    ...caller,
    status: 400,
    sentence: 'The HTTP request could not be understood.',
    mend: 'Send a well-formed HTTP/1.1 request.',
  },
  not_found: {
    ...caller,
    status: 404,
    sentence: 'There is nothing at this address.',
    mend: 'See /docs for every endpoint.',
  },
  method_not_allowed: {
    ...caller,
    status: 405,
    sentence: 'This address does not answer to this method.',
    mend: 'Use the method named in the `allow` header.',
  },

  // Who asks.
  missing_key: {
    ...caller,
    status: 401,
    sentence: 'No API key was sent.',
    mend: 'Send `Authorization: Bearer <key>` or `x-api-key: <key>`.',
  },
  invalid_key: {
    ...caller,
    status: 401,
    sentence: 'The API key is not valid.',
    mend: 'Check the key, or ask an administrator for a new one.',
  },
  revoked_key: {
    ...caller,
    status: 401,
    sentence: 'The API key was revoked.',
    mend: 'Ask an administrator for a new key.',
  },
  expired_key: {
    ...caller,
    status: 401,
    sentence: 'The API key has expired.',
    mend: 'Ask an administrator for a new key.',
  },
  too_many_failed_keys: {
    ...caller,
    status: 429,
    isRetryable: true,
    sentence: 'Too many wrong keys came from this address.',
    mend: 'Wait as long as `retry-after` says.',
  },
  not_permitted: {
    ...caller,
    status: 403,
    sentence: 'This key may not do this.',
    mend: 'Use a key with the permission named in `facts`.',
  },
  model_not_permitted: {
    ...caller,
    status: 403,
    sentence: 'This key may not use this model.',
    mend: 'Use a model that the key allows, or ask an administrator.',
  },

  // Models and routes.
  model_not_found: {
    ...caller,
    status: 404,
    sentence: 'No model or route has this name.',
    mend: 'Use one of the nearest names, or see GET /v1/models.',
  },
  no_capable_model: {
    ...caller,
    status: 400,
    sentence: 'No configured model can do everything that the request needs.',
    mend: 'Leave out a feature named in `facts`, or configure a provider that offers it.',
  },
  provider_not_configured: {
    ...gateway,
    status: 503,
    isRetryable: false,
    isReroutable: true,
    sentence: 'The provider of this model has no key here.',
    mend: 'Set the provider key in the environment or the key vault.',
  },
  price_unknown: {
    ...gateway,
    status: 503,
    isRetryable: false,
    isReroutable: true,
    sentence: 'The price of this model is not known, so it cannot be paid for.',
    mend: 'Add the price to the model catalogue, or set `pricing.unknown_model: ceiling`.',
  },
  context_length_exceeded: {
    ...caller,
    status: 400,
    isReroutable: true,
    sentence: 'The request is longer than the model can read.',
    mend: 'Shorten the conversation, or choose a model with a larger window.',
  },
  content_filtered: {
    ...caller,
    status: 400,
    sentence: 'The provider refused the content of the request.',
    mend: 'Change the content; the provider names its reason.',
  },

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
  request_cost_exceeded: {
    ...caller,
    status: 402,
    sentence: 'The request could cost more than the most that it allows itself.',
    mend: 'Raise `max_cost_usd`, lower `max_tokens`, or choose a cheaper model.',
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
