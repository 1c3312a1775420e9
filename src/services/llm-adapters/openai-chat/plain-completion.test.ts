/** Facts about whole completions that pass on as they came. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import { parseCompletion, readCompletion } from '#services/llm-adapters/openai-chat/decode.ts'
import { readPlainCompletion } from '#services/llm-adapters/openai-chat/plain-completion.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const context = {
  target: recordedTarget({ dialect: 'openai-chat' }),
  isNative: true,
  isUsageWanted: false,
  mintId: () => 'minted',
}
const completionOf = (body: unknown) =>
  parseCompletion({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) }, context)

/** What metering takes from an answer. */
const metered = (body: unknown) => {
  const whole = completionOf(body)
  const plain = readPlainCompletion(whole, context)
  const full = readCompletion(whole, context)
  return { plain, full }
}

const completion = (content: string, changes: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'length' }],
  usage: {
    prompt_tokens: 5,
    completion_tokens: 7,
    total_tokens: 12,
    prompt_tokens_details: { cached_tokens: 2 },
  },
  ...changes,
})

test('whatever the model writes, the numbers are those of the full reading', () => {
  const tricky = fc.constantFrom('"usage":{', '"finish_reason":"stop"', '"error"', '\\', '}', '{"id":"')
  const content = fc
    .array(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), tricky))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(content, (text) => {
      const { plain, full } = metered(completion(text))
      assert.ok(plain)
      assert.deepEqual([plain.id, plain.model, plain.usage], [full.id, full.model, full.usage])
      assert.deepEqual(plain.native?.finish, full.choices[0]?.finish)
      assert.deepEqual(plain.choices, full.choices)
    }),
  )
})

test('every recorded reply is either read in full or read the same', () => {
  let plainOnes = 0
  for (const { reply } of readGoldenRecordings('openai-chat')) {
    if (reply.status !== 200 || reply.body === undefined) continue
    const whole = completionOf(reply.body)
    const plain = readPlainCompletion(whole, context)
    if (!plain) continue
    plainOnes++
    const full = readCompletion(whole, context)
    assert.deepEqual([plain.id, plain.model, plain.usage], [full.id, full.model, full.usage])
    assert.deepEqual(plain.native?.finish, full.choices[0]?.finish)
  }
  assert.ok(plainOnes >= 5, `${plainOnes} plain replies`)
})

test('anything but one choice of text with its usage is read in full', () => {
  const choice = { index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }
  const others: object[] = [
    completion('x', { usage: null }),
    completion('x', { choices: [choice, { ...choice, index: 1 }] }),
    completion('x', { choices: [{ ...choice, finish_reason: null }] }),
    completion('x', { choices: [{ ...choice, message: { content: null, tool_calls: [call] } }] }),
    completion('x', { choices: [{ ...choice, error: { message: 'no' } }] }),
    completion('x', { choices: [{ ...choice, message: { content: [{ type: 'text', text: 'x' }] } }] }),
    completion('x', { choices: [{ ...choice, message: 'x' }] }),
  ]
  for (const body of others) assert.equal(readPlainCompletion(completionOf(body), context), undefined)
})

test('what is no completion, or a cut one, is a failure of the provider', () => {
  const text = JSON.stringify(completion('x'))
  const others = [
    text.slice(0, -1),
    '[]',
    '{}',
    '{"choices":[]}',
    JSON.stringify({ error: { message: 'no' } }),
  ]
  for (const body of others) {
    const reply = { status: 200, headers: {}, body: Buffer.from(body) }
    assert.throws(() => parseCompletion(reply, context), Problem)
  }
})
