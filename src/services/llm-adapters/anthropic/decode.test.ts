/** Whole replies and refusals of Anthropic. */
import assert from 'node:assert/strict'
import test from 'node:test'

import fc from 'fast-check'

import type { JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { anthropicMessages } from '#services/llm-adapters/anthropic/anthropic.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const target = recordedTarget({ dialect: 'anthropic-messages', provider: 'anthropic' })
const context = { target, isNative: true, isUsageWanted: true, mintId: () => 'minted' }
const reply = (body: JsonValue | string, status = 200, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content: [
    { type: 'text', text: 'Hello' },
    { type: 'mcp_tool_use', id: 'm1', name: 'echo', server_name: 's', input: {} },
    { type: 'mcp_tool_result', tool_use_id: 'm1', is_error: false, content: [] },
    { type: 'tool_use', id: 't1', name: 'f', input: { a: [1, 2] } },
  ],
  stop_reason: 'stop_sequence',
  stop_sequence: 'END',
  usage: { input_tokens: 3, output_tokens: 4, service_tier: 'standard' },
  container: null,
  context_management: { applied_edits: [] },
}

test('a message becomes an answer, with its bytes for a native caller', () => {
  const whole = reply(message)
  const answer = anthropicMessages.decode(whole, context)
  const [choice] = answer.choices
  assert.deepEqual(
    choice?.parts.map((part) => part.type),
    ['text', 'server_tool', 'server_tool', 'tool_call'],
  )
  assert.deepEqual(choice?.finish, { unified: 'stop', raw: 'stop_sequence', stopSequence: 'END' })
  assert.equal(answer.usage.inputTokens, 3)
  assert.equal(answer.usage.cachedInputTokens, null)
  assert.equal(answer.usage.serviceTier, 'standard')
  assert.deepEqual(answer.extras, { context_management: { applied_edits: [] } })
  assert.equal(answer.native?.bytes, whole.body)
})

test('an answer in fast mode is billed as such, whatever its tier is called', () => {
  const tierOf = (usage: JsonValue) =>
    anthropicMessages.decode(reply({ ...message, usage }), context).usage.serviceTier
  const counts = { input_tokens: 3, output_tokens: 4, service_tier: 'standard' }
  assert.equal(tierOf({ ...counts, speed: 'fast' }), 'fast')
  assert.equal(tierOf({ ...counts, speed: 'standard' }), 'standard')
  assert.equal(tierOf({ ...counts, speed: null }), 'standard')
})

test('a refusal keeps its explanation, and no content is no fault', () => {
  const details = { type: 'refusal', category: 'cyber', explanation: null }
  const refused = {
    ...message,
    content: [],
    stop_reason: 'refusal',
    stop_sequence: null,
    stop_details: details,
  }
  const [choice] = anthropicMessages.decode(reply(refused), context).choices
  assert.deepEqual(choice?.parts, [])
  assert.deepEqual(choice?.finish, { unified: 'content_filter', raw: 'refusal', detail: details })
})

function codeOf(
  status: number,
  error: JsonValue,
  headers: Readonly<Record<string, string>> = {},
): ProblemCode {
  return anthropicMessages.explain(reply({ type: 'error', error }, status, headers), target).code
}
const error = (type: string, text: string, error_code?: string) => ({
  type,
  message: text,
  ...(error_code === undefined ? {} : { details: { error_code } }),
})

test('every refusal has its code', () => {
  assert.equal(codeOf(400, error('invalid_request_error', 'messages: bad')), 'provider_rejected')
  assert.equal(
    codeOf(400, error('invalid_request_error', 'prompt is too long: 3 tokens > 2 maximum')),
    'context_length_exceeded',
  )
  assert.equal(
    codeOf(400, error('invalid_request_error', 'Your credit balance is too low to access the API')),
    'provider_quota',
  )
  assert.equal(codeOf(401, error('authentication_error', 'invalid x-api-key')), 'provider_auth')
  assert.equal(codeOf(402, error('billing_error', 'Pay')), 'provider_quota')
  assert.equal(codeOf(403, error('permission_error', 'No')), 'provider_auth')
  assert.equal(codeOf(404, error('not_found_error', 'model: x')), 'provider_model_missing')
  assert.equal(codeOf(413, error('request_too_large', 'Too large')), 'body_too_large')
  assert.equal(codeOf(500, error('api_error', 'Oops')), 'provider_error')
  assert.equal(codeOf(504, error('timeout_error', 'Slow')), 'provider_timeout')
  assert.equal(codeOf(529, error('overloaded_error', 'Overloaded')), 'provider_overloaded')
})

test('a limit that never passes by waiting is a matter of quota', () => {
  const limit = error('rate_limit_error', 'You have reached your limit for this month.')
  assert.equal(codeOf(429, limit), 'provider_quota')
  assert.equal(codeOf(429, limit, { 'retry-after': '17' }), 'provider_rate_limited')
  assert.equal(codeOf(429, error('rate_limit_error', 'over 5 requests per minute')), 'provider_rate_limited')
  const contract = error('rate_limit_error', 'Stop', 'contract_spend_limit_reached')
  assert.equal(codeOf(429, contract, { 'retry-after': '1' }), 'provider_quota')
  const waiting = anthropicMessages.explain(
    reply({ error: error('rate_limit_error', 'per minute') }, 429, { 'retry-after': '17' }),
    target,
  )
  assert.equal(waiting.details.retryAfterMs, 17_000)
})

test('an error that comes with a success status is an error', () => {
  const body = { type: 'error', error: error('overloaded_error', 'Overloaded') }
  assert.throws(
    () => anthropicMessages.decode(reply(body), context),
    (thrown) => thrown instanceof Problem && thrown.code === 'provider_overloaded',
  )
})

test('any body is an answer or a Problem of the provider', () => {
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map((block) => JSON.stringify({ ...message, content: [block, ...message.content] })),
    fc.jsonValue().map((usage) => JSON.stringify({ ...message, usage })),
  )
  fc.assert(
    fc.property(bodies, fc.integer({ min: 400, max: 599 }), (body, status) => {
      try {
        anthropicMessages.decode(reply(body), context)
      } catch (thrown) {
        assert.ok(thrown instanceof Problem && thrown.kind.fault === 'provider')
      }
      assert.ok(anthropicMessages.explain(reply(body, status), target) instanceof Problem)
    }),
  )
})
