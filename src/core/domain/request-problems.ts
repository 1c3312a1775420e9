/** The catalogue's first half: what can be wrong with a request, with who sends it, and with the model it names. */
import type { ProblemKind } from '#core/domain/problem.ts'

const caller = { fault: 'caller', isRetryable: false, isReroutable: false } as const
const gateway = { fault: 'gateway', isRetryable: true, isReroutable: false } as const

export const requestProblems = {
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
  previous_response_not_found: {
    ...caller,
    status: 400,
    sentence: 'The response that the request goes on from is not kept.',
    mend: 'Send the earlier items themselves in `input`: responses expire, and each belongs to the owner of its key.',
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
} as const satisfies Record<string, ProblemKind>
