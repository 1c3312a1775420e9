/** What a provider's refusal means: the one table from statuses, codes and wordings to our catalogue. */
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { entryOf } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { isContextOverflow } from '#services/llm-adapters/wire/context-overflow.ts'
import { redactProviderText } from '#services/llm-adapters/wire/redact.ts'
import { retryAfterMs } from '#services/llm-adapters/wire/retry-after.ts'

/** A refusal, taken apart by the dialect that knows where everything stands. */
export interface UpstreamRefusal {
  readonly provider: string
  /** HTTP status; an error inside a stream has the status that it names, or none. */
  readonly status: number | undefined
  /** The provider's own words for the kind of error, most precise first. */
  readonly codes: readonly string[]
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: JsonValue | undefined
  readonly param?: string | undefined
}

/** Provider words in lower case, of every dialect, to our codes. */
const codeTable: Readonly<Record<string, ProblemCode>> = {
  context_length_exceeded: 'context_length_exceeded',
  too_many_prompt_tokens: 'context_length_exceeded',

  insufficient_quota: 'provider_quota',
  billing_error: 'provider_quota',
  billing_hard_limit_reached: 'provider_quota',
  enforced_spend_limit_reached: 'provider_quota',
  insufficient_balance: 'provider_quota',
  account_deactivated: 'provider_quota',
  billing_not_active: 'provider_quota',
  payment_required: 'provider_quota',
  credit_balance_too_low: 'provider_quota',

  invalid_api_key: 'provider_auth',
  api_key_invalid: 'provider_auth',
  authentication_error: 'provider_auth',
  invalid_authentication: 'provider_auth',
  unauthenticated: 'provider_auth',
  unauthorized: 'provider_auth',
  permission_error: 'provider_auth',
  permission_denied: 'provider_auth',
  permissiondenied: 'provider_auth',
  unsupported_country_region_territory: 'provider_auth',

  model_not_found: 'provider_model_missing',
  deploymentnotfound: 'provider_model_missing',
  model_decommissioned: 'provider_model_missing',
  not_found_error: 'provider_model_missing',
  not_found: 'provider_model_missing',
  unknown_model: 'provider_model_missing',

  rate_limit_exceeded: 'provider_rate_limited',
  rate_limit_error: 'provider_rate_limited',
  ratelimitreached: 'provider_rate_limited',
  rate_limited: 'provider_rate_limited',
  resource_exhausted: 'provider_rate_limited',
  throttlingexception: 'provider_rate_limited',
  too_many_requests: 'provider_rate_limited',

  overloaded_error: 'provider_overloaded',
  engine_overloaded: 'provider_overloaded',
  overloaded: 'provider_overloaded',
  server_overloaded: 'provider_overloaded',
  unavailable: 'provider_overloaded',
  service_unavailable: 'provider_overloaded',
  serviceunavailable: 'provider_overloaded',

  timeout_error: 'provider_timeout',
  deadline_exceeded: 'provider_timeout',
  timeout: 'provider_timeout',

  content_filter: 'content_filtered',
  content_policy_violation: 'content_filtered',
  responsibleaipolicyviolation: 'content_filtered',
  moderation_blocked: 'content_filtered',

  server_error: 'provider_error',
  internal_error: 'provider_error',
  internal_server_error: 'provider_error',
  internal: 'provider_error',
}

/** Whole refusals of the kind "invalid request", which say something else in their text. */
const wordings: readonly { readonly phrase: string; readonly code: ProblemCode }[] = [
  { phrase: 'incorrect api key', code: 'provider_auth' },
  { phrase: 'api key not valid', code: 'provider_auth' },
  { phrase: 'invalid api key', code: 'provider_auth' },
  { phrase: 'exceeded your current quota', code: 'provider_quota' },
  { phrase: 'credit balance is too low', code: 'provider_quota' },
  { phrase: 'insufficient balance', code: 'provider_quota' },
  { phrase: 'monthly spend limit', code: 'provider_quota' },
  { phrase: 'content management policy', code: 'content_filtered' },
  { phrase: 'your input was flagged', code: 'content_filtered' },
]

/** The Problem that a refusal is, with its delay and the provider's words made safe to show. */
export function upstreamProblem(refusal: UpstreamRefusal): Problem {
  const code = problemCodeOf(refusal)
  const text = redactProviderText(refusal.message)
  const upstreamCode = refusal.codes[0]
  const delayMs = retryAfterMs({ headers: refusal.headers, body: refusal.body, text: refusal.message })
  const isTooLarge = code === 'provider_rate_limited' && isLargerThanLimit(refusal.message)
  return new Problem(code, {
    provider: refusal.provider,
    ...(text === '' ? {} : { detail: `${refusal.provider}: ${text}` }),
    ...(refusal.status === undefined ? {} : { upstreamStatus: refusal.status }),
    ...(upstreamCode === undefined ? {} : { upstreamCode: redactProviderText(upstreamCode).slice(0, 100) }),
    ...(delayMs === undefined || isTooLarge ? {} : { retryAfterMs: delayMs }),
    ...(refusal.param === undefined ? {} : { param: refusal.param.slice(0, 200) }),
    // Waiting cannot help: the request alone is above the limit of this account.
    ...(isTooLarge ? { facts: { neverFits: true }, mend: largerThanLimitAdvice } : {}),
  })
}

/** Our code for a refusal: its text for overflow, then its own codes, then its wording, then its status. */
export function problemCodeOf(refusal: UpstreamRefusal): ProblemCode {
  const { status, codes, message } = refusal
  const isTheirs = status === undefined || status < 500
  if (isTheirs && codes.some((code) => isContextOverflow(code, ''))) return 'context_length_exceeded'
  if (isTheirs && status !== 429 && isContextOverflow(undefined, message)) return 'context_length_exceeded'
  const lower = message.slice(0, 4_000).toLowerCase()
  const worded = wordings.find(({ phrase }) => lower.includes(phrase))
  if (worded && isTheirs) return worded.code
  for (const code of codes) {
    const known = entryOf(codeTable, code.toLowerCase())
    if (known) return known
  }
  return codeOfStatus(status, codes)
}

function codeOfStatus(status: number | undefined, codes: readonly string[]): ProblemCode {
  switch (status) {
    case 401:
    case 403:
      return 'provider_auth'
    case 402:
      return 'provider_quota'
    case 404:
      return 'provider_model_missing'
    case 408:
    case 504:
      return 'provider_timeout'
    case 409:
    case 425:
      // A conflict or a bad moment lies at the provider, never in the question: the same request will do later.
      return 'provider_error'
    case 413:
      return 'body_too_large'
    case 429:
      return 'provider_rate_limited'
    case 498:
      return 'content_filtered'
    case 503:
    case 529:
      return 'provider_overloaded'
    default:
  }
  if (status !== undefined && status >= 400 && status < 500) return 'provider_rejected'
  if (codes.some((code) => code.toLowerCase().startsWith('invalid'))) return 'provider_rejected'
  return 'provider_error'
}

const largerThanLimitAdvice = 'Ask for less in one request; this account may not send one of this size.'

function isLargerThanLimit(message: string): boolean {
  return message.startsWith('Request too large')
}
