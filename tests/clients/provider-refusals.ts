/** What providers answer when they refuse, in the form of each: written after their references, for nobody records them. */
import type { Dialect } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { TargetName } from '#tests/clients/targets.ts'
import type { Recording } from '#tests/support/recording.ts'

export type RefusalKind = 'badRequest' | 'rateLimited' | 'serverError'

export interface ProviderRefusal {
  readonly status: number
  readonly message: string
}

export const refusalOf: Readonly<Record<RefusalKind, ProviderRefusal>> = {
  badRequest: { status: 400, message: 'The value of max tokens is out of range here' },
  rateLimited: { status: 429, message: 'Too many requests reached this account' },
  serverError: { status: 500, message: 'The server had an error while processing this' },
}

/** What the refusal asks to wait; tiny, so that no test waits long. */
export const retryAfterMs = 25

interface Words {
  readonly type: string
  readonly code: string
  readonly grpc: string
}

const words: Readonly<Record<RefusalKind, Words>> = {
  badRequest: { type: 'invalid_request_error', code: 'invalid_value', grpc: 'INVALID_ARGUMENT' },
  rateLimited: { type: 'rate_limit_error', code: 'rate_limit_exceeded', grpc: 'RESOURCE_EXHAUSTED' },
  serverError: { type: 'api_error', code: 'server_error', grpc: 'INTERNAL' },
}

const bodies: Readonly<Record<TargetName, (refusal: ProviderRefusal, words: Words) => JsonObject>> = {
  'openai-chat': openaiBody,
  'openai-responses': openaiBody,
  'anthropic-messages': ({ message }, { type }) => ({
    type: 'error',
    error: { type, message },
    request_id: 'req_of_this_test',
  }),
  'gemini-generate': ({ status, message }, { grpc }) => ({ error: { code: status, message, status: grpc } }),
  'cohere-chat': ({ message }) => ({ id: 'id-of-this-test', message }),
  mistral: ({ message }, { type }) => ({ object: 'error', message, type, param: null, code: '1000' }),
}

function openaiBody({ message }: ProviderRefusal, { type, code }: Words): JsonObject {
  return { error: { message, type, param: null, code } }
}

/** A refusal as the double plays it. */
export function refusalRecording(target: TargetName, dialect: Dialect, kind: RefusalKind): Recording {
  const refusal = refusalOf[kind]
  return {
    name: `a refusal with ${refusal.status}`,
    dialect,
    provider: target,
    model: 'any',
    source: { repository: 'this one', commit: '', path: '', licence: 'MIT' },
    features: [],
    reply: {
      status: refusal.status,
      headers: {
        'content-type': 'application/json',
        ...(kind === 'rateLimited' ? { 'retry-after': '1', 'retry-after-ms': String(retryAfterMs) } : {}),
      },
      body: bodies[target](refusal, words[kind]),
    },
    expect: { outcome: 'error' },
  }
}
