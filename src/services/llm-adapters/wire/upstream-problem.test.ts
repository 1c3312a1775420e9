/** Facts about what refusals mean and what of their text may be shown. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { isContextOverflow } from '#services/llm-adapters/wire/context-overflow.ts'
import { redactProviderText } from '#services/llm-adapters/wire/redact.ts'
import { nineCharacterId, plainId } from '#services/llm-adapters/wire/tool-ids.ts'
import { problemCodeOf, upstreamProblem } from '#services/llm-adapters/wire/upstream-problem.ts'

const codeOf = (status: number | undefined, codes: readonly string[], message = '') =>
  problemCodeOf({ provider: 'p', status, codes, message, headers: {} })

test('statuses alone have a meaning', () => {
  assert.equal(codeOf(400, []), 'provider_rejected')
  assert.equal(codeOf(401, []), 'provider_auth')
  assert.equal(codeOf(402, []), 'provider_quota')
  assert.equal(codeOf(404, []), 'provider_model_missing')
  assert.equal(codeOf(408, []), 'provider_timeout')
  assert.equal(codeOf(409, []), 'provider_error')
  assert.equal(codeOf(422, []), 'provider_rejected')
  assert.equal(codeOf(425, []), 'provider_error')
  assert.equal(codeOf(429, []), 'provider_rate_limited')
  assert.equal(codeOf(500, []), 'provider_error')
  assert.equal(codeOf(503, []), 'provider_overloaded')
  assert.equal(codeOf(529, []), 'provider_overloaded')
  assert.equal(codeOf(undefined, []), 'provider_error')
})

test("a provider's code says more than its status", () => {
  assert.equal(codeOf(429, ['insufficient_quota']), 'provider_quota')
  assert.equal(codeOf(400, ['model_not_found', 'invalid_request_error']), 'provider_model_missing')
  assert.equal(codeOf(404, ['DeploymentNotFound']), 'provider_model_missing')
  assert.equal(codeOf(400, ['content_filter']), 'content_filtered')
  assert.equal(codeOf(undefined, ['overloaded_error']), 'provider_overloaded')
})

test('a wrong key is the gateway’s fault even when the status blames the request', () => {
  assert.equal(codeOf(400, ['invalid-argument'], 'Incorrect API key provided.'), 'provider_auth')
  assert.equal(codeOf(400, ['API_KEY_INVALID', 'INVALID_ARGUMENT']), 'provider_auth')
})

test('context overflow is one code whatever the wording', () => {
  for (const text of [
    'prompt is too long: 210000 tokens > 200000 maximum',
    'Your input exceeds the context window of this model.',
    "This model's maximum context length is 8192 tokens.",
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    'too many tokens: size limit exceeded by 120 tokens',
    'Input Tokens Exceeded: 300000',
    'prompt too long; exceeded max context length by 1119046 tokens',
    'The total length of all messages is too long.',
  ]) {
    assert.equal(codeOf(400, [], text), 'context_length_exceeded', text)
  }
  assert.equal(isContextOverflow('context_length_exceeded', ''), true)
  assert.equal(isContextOverflow(undefined, 'Invalid value for max_tokens.'), false)
})

test('a request that alone is above the limit asks nobody to wait', () => {
  const message = 'Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 31538.'
  const problem = upstreamProblem({
    provider: 'openai',
    status: 429,
    codes: ['rate_limit_exceeded'],
    message,
    headers: { 'retry-after': '5' },
  })
  assert.equal(problem.code, 'provider_rate_limited')
  assert.equal(problem.details.retryAfterMs, undefined)
  assert.deepEqual(problem.details.facts, { neverFits: true })
})

test('keys, tokens and accounts never leave in an error text', () => {
  for (const secret of [
    'sk-proj-abcDEF1234567890',
    'gsk_1234567890abcdef',
    'AIzaSyA1234567890abcdefg',
    'AKIAIOSFODNN7EXAMPLE',
    'org-Abc123Def456',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    'test-con****-key',
    '0123456789abcdef0123456789abcdef',
  ]) {
    const text = redactProviderText(`Incorrect API key provided: ${secret}. See the docs.`)
    assert.ok(!text.includes(secret), text)
    assert.ok(text.endsWith('See the docs.'), text)
  }
  assert.ok(!redactProviderText('sent Authorization: Bearer abcdefgh12345').includes('abcdefgh12345'))
  assert.ok(!redactProviderText('GET https://x.example/v1?key=abc123def').includes('abc123def'))
})

test('ordinary error text stays as it is, on one line and at most 1,000 characters', () => {
  const text = 'The model `gpt-9` does not exist or you do not have access to it.'
  assert.equal(redactProviderText(text), text)
  assert.equal(redactProviderText('a\r\nb\u0000c'), 'a b c')
  assert.equal(redactProviderText('x'.repeat(5_000)).length, 1_000)
})

test('ids that a provider cannot take map to the same ones every time', () => {
  assert.equal(nineCharacterId('abcDEF123'), 'abcDEF123')
  const short = nineCharacterId('call_0123456789abcdef')
  assert.match(short, /^[A-Za-z0-9]{9}$/)
  assert.equal(nineCharacterId('call_0123456789abcdef'), short)
  assert.equal(nineCharacterId(short), short)
  const ids = Array.from({ length: 5_000 }, (_, at) => nineCharacterId(`call_${at}`))
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(plainId('toolu_01A', 64), 'toolu_01A')
  assert.match(plainId('functions.f:0', 64), /^call_[A-Za-z0-9]{24}$/)
  assert.ok(plainId('x'.repeat(300), 64).length <= 64)
})

test('a code that every object has as a member is a word like any other', () => {
  for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.equal(codeOf(429, [word]), 'provider_rate_limited')
  }
})
