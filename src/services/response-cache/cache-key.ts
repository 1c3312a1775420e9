/** The key of a question: equal for equal questions of one tenant, different for everything that may change the answer. */
import { hash } from 'node:crypto'
import type { ChatQuestion, NativeRequest } from '#core/domain/chat.ts'
import type { CacheRequest } from '#services/response-cache/known-answer.ts'

/** Whether a tenant's users share known answers, or each has their own. */
export type CacheSharing = 'tenant' | 'user'

/** Raised when the form below changes, so that a store that outlives the program holds no keys of another form. */
const formVersion = 1

/** Fields of a native body that are about who asks, not about what is answered; `model` and `stream` are in the key already. */
const fieldsApart: ReadonlySet<string> = new Set([
  'metadata',
  'model',
  'prompt_cache_key',
  'safety_identifier',
  'stream',
  'stream_options',
  'user',
])

/**
 * `<tenant>/<SHA-256>`: the tenant stands before the digest, so that no collision and no mistake below can join two
 * tenants. A native question is told by the exact text of its top-level fields, whose order does not matter; spaces and
 * order inside a field do, which costs a hit and never an answer. Any other question is told by its JSON, which is
 * written by our own readers and so in one order.
 */
export function cacheKey(request: CacheRequest, sharing: CacheSharing): string {
  const { tenantId, userScope, door, modelAsked, question } = request
  const scope = sharing === 'user' ? ['user', userScope ?? null] : ['tenant']
  const { native } = question
  const head = JSON.stringify([
    formVersion,
    tenantId,
    scope,
    door,
    modelAsked,
    question.isStreamed,
    native ? [native.dialect, native.isUsageWanted ?? false, native.headers ?? null] : null,
  ])
  return `${tenantId}/${hash('sha256', head + (native ? nativeForm(native) : questionForm(question)), 'base64url')}`
}

function nativeForm({ members, text }: NativeRequest): string {
  let form = ''
  for (const name of [...members.keys()].sort()) {
    const span = members.get(name)
    if (!span || fieldsApart.has(name)) continue
    // With its length before it, no field's text can pass for the beginning of the next field.
    form += `${JSON.stringify(name)}${span.end - span.start}:${text.slice(span.start, span.end)}`
  }
  return form
}

/** Everything but who asks; streaming is in the key's head. */
function questionForm(question: ChatQuestion): string {
  return JSON.stringify({ ...question, endUser: undefined, isStreamed: undefined, native: undefined })
}
