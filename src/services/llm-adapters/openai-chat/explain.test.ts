/** Facts about the errors of chat-completions servers. */
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { replyOf } from '#tests/support/adapter-reading.ts'
import { targetFor } from '#tests/support/adapter-writing.ts'

const target = targetFor('openai-chat')
const explain = (status: number, body: unknown) => openAiChat.explain(replyOf(body, status), target)

test('the precise code, the text and the field are kept', () => {
  const problem = explain(400, {
    error: {
      message: 'Bad role.',
      type: 'invalid_request_error',
      param: 'messages[0].role',
      code: 'unsupported_value',
    },
  })
  assert.equal(problem.code, 'provider_rejected')
  assert.equal(problem.message, 'recorded: Bad role.')
  assert.deepEqual(problem.details, {
    provider: 'recorded',
    detail: 'recorded: Bad role.',
    upstreamStatus: 400,
    upstreamCode: 'unsupported_value',
    param: 'messages[0].role',
  })
})

test('each cousin has its own shape of error', () => {
  const shapes = [
    [400, { error: { message: 'm', code: null, type: 'invalid_request_error' } }, 'provider_rejected'],
    [404, { error: { code: 'DeploymentNotFound', message: 'm' } }, 'provider_model_missing'],
    [
      400,
      { object: 'error', message: 'm', type: 'invalid_function_call', code: '3280' },
      'provider_rejected',
    ],
    [400, { code: 'invalid-argument', error: 'Incorrect API key provided.' }, 'provider_auth'],
    [400, [{ error: { code: 400, message: 'm', status: 'INVALID_ARGUMENT' } }], 'provider_rejected'],
    [422, { detail: [{ loc: ['body', 'stop'], msg: 'too long' }] }, 'provider_rejected'],
    [502, { error: { code: 502, message: 'm', metadata: { raw: 'deep' } } }, 'provider_error'],
    [503, '<html><head><title>503 Service Unavailable</title></head></html>', 'provider_overloaded'],
    [500, 'upstream connect error', 'provider_error'],
    [429, '', 'provider_rate_limited'],
  ] as const
  for (const [status, body, code] of shapes)
    assert.equal(explain(status, body).code, code, JSON.stringify(body))
})

test('the words of whoever failed behind a router are shown, and pages are reduced to their title', () => {
  assert.match(
    explain(502, { error: { message: 'Failed', metadata: { raw: 'deep' } } }).message,
    /Failed: deep/,
  )
  assert.equal(explain(503, '<html><title>Busy</title><body>long</body></html>').message, 'recorded: Busy')
  assert.match(
    explain(422, { detail: [{ loc: ['body', 'stop'], msg: 'too long' }] }).message,
    /body\.stop: too long/,
  )
})

test('whatever stands in a refusal, explaining it never throws', () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), fc.oneof(fc.jsonValue(), fc.string()), (status, body) => {
      const problem = explain(status, body)
      assert.equal(problem.details.upstreamStatus, status)
      assert.ok((problem.details.detail ?? '').length < 1_100)
    }),
    { numRuns: 500 },
  )
})
