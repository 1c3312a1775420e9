/** Whole replies and refusals of Cohere. */
import assert from 'node:assert/strict'
import test from 'node:test'

import fc from 'fast-check'

import type { JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { cohereChat } from '#services/llm-adapters/cohere/cohere.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const target = recordedTarget({ dialect: 'cohere-chat', provider: 'cohere' })
const context = { target, isNative: false, isUsageWanted: true, mintId: () => 'minted' }
const reply = (body: JsonValue, status = 200, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

const answered = {
  id: 'a1',
  message: {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Hm' },
      { type: 'text', text: 'One' },
      { type: 'text', text: 'Two' },
    ],
    tool_plan: 'I look.',
    tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'f', arguments: 'null' } },
      { type: 'function', function: { name: 'g', arguments: '{"a":1}' } },
    ],
    citations: [
      { text: 'Two', content_index: 2, sources: [{ type: 'document', document: { url: 'u', title: 't' } }] },
      { text: 'One', content_index: 1 },
      { text: 'look', type: 'PLAN' },
      { text: 'last' },
    ],
  },
  finish_reason: 'TOOL_CALL',
  usage: {
    billed_units: { input_tokens: 1, output_tokens: 2 },
    tokens: { input_tokens: 3, output_tokens: 4 },
  },
  logprobs: [{ text: 'One', token_ids: [1, 2], logprobs: [-1, -2] }, { token_ids: [3] }],
}

test('content, plan, calls and citations find their places', () => {
  const answer = cohereChat.decode(reply(answered), context)
  const [choice] = answer.choices
  const shown = choice?.parts.map((part) =>
    part.type === 'text' ? [part.text, (part.citations ?? []).map((one) => one.text)] : part.type,
  )
  assert.deepEqual(shown, [
    'reasoning',
    ['One', ['One']],
    ['Two', ['Two', 'last']],
    ['I look.', ['look']],
    'tool_call',
    'tool_call',
  ])
  const calls = choice?.parts.filter((part) => part.type === 'tool_call') ?? []
  assert.deepEqual(
    calls.map((call) => [call.id, call.argumentsText]),
    [
      ['c1', '{}'],
      ['minted', '{"a":1}'],
    ],
  )
  assert.equal(choice?.logprobs?.tokenCount, 3)
  assert.equal(answer.usage.inputTokens, 3)
  assert.equal(answer.usage.cachedInputTokens, null)
  assert.deepEqual(answer.usage.billed, { inputTokens: 1, outputTokens: 2 })
})

test('an answer that failed without a word is a Problem, one that had begun is an answer', () => {
  const failed = { ...answered, message: { role: 'assistant' }, finish_reason: 'TIMEOUT' }
  assert.throws(
    () => cohereChat.decode(reply(failed), context),
    (thrown) => thrown instanceof Problem && thrown.code === 'provider_timeout',
  )
  const begun = cohereChat.decode(reply({ ...answered, finish_reason: 'ERROR' }), context)
  assert.equal(begun.choices[0]?.finish.unified, 'error')
})

test('every refusal has its code', () => {
  const codeOf = (status: number, message: string): ProblemCode =>
    cohereChat.explain(reply({ id: 'x', message }, status), target).code
  assert.equal(codeOf(400, 'invalid request: k is too large'), 'provider_rejected')
  assert.equal(codeOf(400, 'too many tokens: size limit exceeded by 5 tokens'), 'context_length_exceeded')
  assert.equal(codeOf(401, 'Incorrect API key provided: ***.'), 'provider_auth')
  assert.equal(codeOf(402, 'Pay'), 'provider_quota')
  assert.equal(codeOf(404, 'model not found'), 'provider_model_missing')
  assert.equal(codeOf(422, 'invalid'), 'provider_rejected')
  assert.equal(codeOf(429, 'You are limited to 20 API calls / minute'), 'provider_rate_limited')
  assert.equal(codeOf(429, 'You are limited to 1000 API calls / month'), 'provider_quota')
  assert.equal(codeOf(498, 'blocked'), 'content_filtered')
  assert.equal(codeOf(500, 'oops'), 'provider_error')
  assert.equal(codeOf(503, 'busy'), 'provider_overloaded')
  assert.equal(codeOf(504, 'slow'), 'provider_timeout')
})

test('any body is an answer or a Problem of the provider', () => {
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map((message) => JSON.stringify({ ...answered, message })),
    fc.jsonValue().map((value) =>
      JSON.stringify({
        message: { content: [value], tool_calls: [value], citations: [value] },
        usage: value,
      }),
    ),
  )
  fc.assert(
    fc.property(bodies, fc.integer({ min: 400, max: 599 }), (body, status) => {
      try {
        cohereChat.decode(reply(body), context)
      } catch (thrown) {
        assert.ok(thrown instanceof Problem && thrown.kind.fault === 'provider')
      }
      assert.ok(cohereChat.explain(reply(body, status), target) instanceof Problem)
    }),
  )
})
