import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ChatQuestion, NativeRequest, TextSpan } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { cacheKey } from '#services/response-cache/cache-key.ts'
import type { CacheRequest } from '#services/response-cache/known-answer.ts'

const question = (changes: Partial<ChatQuestion> = {}): ChatQuestion => ({
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  isStreamed: false,
  ...changes,
})

const request = (changes: Partial<CacheRequest> = {}): CacheRequest => ({
  tenantId: 'tenant-a',
  userScope: 'user-a',
  modelAsked: 'gpt-4o',
  door: 'generate',
  wish: 'default',
  question: question(),
  ...changes,
})

/** A native request as the door makes it: the text, and where each top-level value stands in it. */
function nativeOf(
  fields: Readonly<Record<string, unknown>>,
  extra: Partial<NativeRequest> = {},
): NativeRequest {
  const members = new Map<string, TextSpan>()
  let text = '{'
  for (const [name, value] of Object.entries(fields)) {
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(name)}:`
    const start = text.length
    text += JSON.stringify(value)
    members.set(name, { start, end: text.length })
  }
  return { dialect: 'openai-chat', body: fields as JsonObject, text: `${text}}`, members, ...extra }
}

const nativeRequest = (fields: Readonly<Record<string, unknown>>, extra?: Partial<NativeRequest>) =>
  request({ question: question({ native: nativeOf(fields, extra) }) })

const key = (changes: Partial<CacheRequest> = {}) => cacheKey(request(changes), 'tenant')

test('everything that may change the answer changes the key', () => {
  const changed: CacheRequest[] = [
    request(),
    request({ tenantId: 'tenant-b' }),
    request({ modelAsked: 'gpt-4' }),
    request({ door: 'openai-chat' }),
    request({ question: question({ isStreamed: true }) }),
    request({ question: question({ temperature: 0 }) }),
    request({ question: question({ topP: 0 }) }),
    request({ question: question({ seed: 7 }) }),
    request({ question: question({ maxOutputTokens: 5 }) }),
    request({ question: question({ stopSequences: ['x'] }) }),
    request({ question: question({ responseFormat: { type: 'json' } }) }),
    request({ question: question({ tools: [{ kind: 'function', name: 'f' }] }) }),
    request({ question: question({ reasoning: { effort: 'low' } }) }),
    request({
      question: question({ messages: [{ role: 'system', parts: [{ type: 'text', text: 'Hello' }] }] }),
    }),
    nativeRequest({ messages: [1] }),
    nativeRequest({ messages: [2] }),
    nativeRequest({ messages: [1], custom_field: true }),
    nativeRequest({ messages: [1] }, { isUsageWanted: true }),
    nativeRequest({ messages: [1] }, { headers: { 'anthropic-beta': 'x' } }),
    nativeRequest({ messages: [1] }, { dialect: 'anthropic-messages' }),
  ]
  const keys = changed.map((one) => cacheKey(one, 'tenant'))
  assert.equal(new Set(keys).size, keys.length)
})

test('who asks, and the order of fields, do not change the key', () => {
  assert.equal(key({ question: question({ endUser: 'somebody' }) }), key())
  assert.equal(key({ userScope: 'user-b' }), key())
  assert.equal(key({ question: question({ temperature: undefined }) }), key())
  const one = nativeRequest({ model: 'a', messages: [1], n: 1, user: 'u', metadata: { a: 1 } })
  const other = nativeRequest({ n: 1, messages: [1], model: 'b', stream_options: { include_usage: false } })
  assert.equal(cacheKey(one, 'tenant'), cacheKey(other, 'tenant'))
})

test('users share within their tenant only where the settings say so', () => {
  const keyOf = (userScope: string | undefined) => cacheKey(request({ userScope }), 'user')
  const keys = [keyOf('a'), keyOf('b'), keyOf(undefined), keyOf('null'), key()]
  assert.equal(new Set(keys).size, keys.length)
})

test("a field's text never passes for another field", () => {
  const pairs = fc.uniqueArray(
    fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), fc.json({ maxDepth: 1 })),
    {
      selector: ([name]) => name,
      maxLength: 4,
    },
  )
  const apart = new Set([
    'metadata',
    'model',
    'prompt_cache_key',
    'safety_identifier',
    'stream',
    'stream_options',
    'user',
  ])
  fc.assert(
    fc.property(pairs, pairs, (one, other) => {
      const form = (fields: readonly (readonly [string, string])[]) =>
        JSON.stringify(fields.filter(([name]) => !apart.has(name)).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      const keyOf = (fields: readonly (readonly [string, string])[]) =>
        cacheKey(nativeRequest(Object.fromEntries(fields)), 'tenant')
      assert.equal(keyOf(one) === keyOf(other), form(one) === form(other))
    }),
  )
})

test('two tenants never share a key, whatever they are called and whatever they ask', () => {
  const anyRequest = fc.record({
    tenantId: fc.string({ maxLength: 12 }),
    userScope: fc.option(fc.string({ maxLength: 4 }), { nil: undefined }),
    modelAsked: fc.constantFrom('gpt-4o', 'auto', ''),
    door: fc.constantFrom('generate', 'openai-chat'),
    text: fc.string({ maxLength: 8 }),
  })
  const keyOf = ({ text, ...rest }: { text: string } & Partial<CacheRequest>) =>
    key({ ...rest, question: question({ messages: [{ role: 'user', parts: [{ type: 'text', text }] }] }) })
  fc.assert(
    fc.property(anyRequest, fc.string({ maxLength: 12 }), (one, tenantId) => {
      fc.pre(tenantId !== one.tenantId)
      assert.notEqual(keyOf(one), keyOf({ ...one, tenantId }))
    }),
    { numRuns: 5_000 },
  )
})

test('unequal texts have unequal keys, halves of characters included', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '\ud800', '\udc00', '"', '\\', 'é', '\u0000'),
    maxLength: 5,
  })
  const keyOf = (said: string) =>
    key({ question: question({ messages: [{ role: 'user', parts: [{ type: 'text', text: said }] }] }) })
  fc.assert(
    fc.property(text, text, (one, other) => {
      assert.equal(keyOf(one) === keyOf(other), one === other)
    }),
    { numRuns: 2_000 },
  )
})
