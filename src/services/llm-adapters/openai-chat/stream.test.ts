/** Facts about streamed chat completions, translated for callers of any dialect. */
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { framesOf, readStream } from '#tests/support/adapter-reading.ts'

const adapter = openAiChat
const chunk = (delta: JsonObject, finish: string | null = null, rest: JsonObject = {}) => ({
  id: 'c1',
  model: 'm',
  created: 7,
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...rest,
})
const read = (...values: readonly unknown[]) => readStream({ adapter }, framesOf(...values))
const callDelta = (call: JsonObject) => chunk({ tool_calls: [call] })
const callsOf = (outcome: ReturnType<typeof read>) =>
  outcome.answer.choices[0]?.parts.flatMap((part) =>
    part.type === 'tool_call' ? [[part.id, part.name, part.argumentsText]] : [],
  )

test('text, finish, usage and the end are read from the plain form', () => {
  const outcome = read(
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hel' }),
    chunk({ content: 'lo' }),
    chunk({}, 'stop'),
    { id: 'c1', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } },
    '[DONE]',
  )
  assert.deepEqual(
    outcome.events.map((event) => event.type),
    ['start', 'text-delta', 'text-delta', 'finish', 'usage'],
  )
  assert.deepEqual(outcome.answer.choices[0]?.parts, [{ type: 'text', text: 'Hello' }])
  assert.equal(outcome.answer.usage.outputTokens, 2)
  assert.equal(outcome.isComplete, true)
  assert.equal(outcome.problem, undefined)
})

test('the last usage wins, wherever it stands', () => {
  const usage = (count: number) => ({ usage: { prompt_tokens: 3, completion_tokens: count } })
  const outcome = read(
    chunk({ content: 'a' }, null, usage(1)),
    chunk({ content: 'b' }, 'stop', { x_groq: usage(2) }),
    '[DONE]',
  )
  assert.equal(outcome.answer.usage.outputTokens, 2)
})

test('a verdict before the answer, repeated roles and repeated finishes disturb nothing', () => {
  const outcome = read(
    { id: '', model: '', choices: [], prompt_filter_results: [] },
    chunk({ role: 'assistant', content: 'a' }),
    chunk({ role: 'assistant', content: 'b' }, 'length'),
    chunk({ role: 'assistant', content: '' }, 'length'),
    '[DONE]',
  )
  assert.equal(outcome.answer.id, 'c1')
  assert.equal(outcome.events.filter((event) => event.type === 'finish').length, 1)
})

test('a call in fragments is one call, with names and ids repeated or not', () => {
  const repeated = (text: string) => ({ index: 0, id: 'a', function: { name: 'f', arguments: text } })
  const once = read(
    callDelta({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
    callDelta({ index: 0, function: { arguments: '{"x"' } }),
    callDelta({ index: 0, function: { arguments: ':1}' } }),
    chunk({}, 'tool_calls'),
    '[DONE]',
  )
  const always = read(
    callDelta(repeated('{"x"')),
    callDelta(repeated(':1}')),
    callDelta(repeated('')),
    chunk({}, 'stop'),
  )
  for (const outcome of [once, always]) {
    assert.deepEqual(callsOf(outcome), [['a', 'f', '{"x":1}']])
    assert.equal(outcome.answer.choices[0]?.finish.unified, 'tool_calls')
  }
})

test('parallel calls stay apart when they share an index or have none', () => {
  const whole = (call: JsonObject) => callDelta({ function: { name: 'f', arguments: '{"x":1}' }, ...call })
  const shared = read(whole({ index: 0, id: 'a' }), whole({ index: 0, id: 'b' }), chunk({}, 'tool_calls'))
  assert.deepEqual(
    callsOf(shared)?.map(([id]) => id),
    ['a', 'b'],
  )
  const bare = read(whole({}), whole({}), chunk({}, 'tool_calls'))
  assert.deepEqual(callsOf(bare), [
    ['minted-1', 'f', '{"x":1}'],
    ['minted-2', 'f', '{"x":1}'],
  ])
  const interleaved = read(
    callDelta({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
    callDelta({ index: 1, id: 'b', function: { name: 'g', arguments: '{' } }),
    callDelta({ index: 0, function: { arguments: '}' } }),
    callDelta({ index: 1, function: { arguments: '}' } }),
    chunk({}, 'tool_calls'),
  )
  assert.deepEqual(callsOf(interleaved), [
    ['a', 'f', '{}'],
    ['b', 'g', '{}'],
  ])
})

test('calls are numbered from 0, whatever index they start at', () => {
  const outcome = read(callDelta({ index: 3, id: 'a', function: { name: 'f' } }), chunk({}, 'tool_calls'))
  const start = outcome.events.find((event) => event.type === 'tool-call-start')
  assert.equal(start?.type === 'tool-call-start' && start.call, 0)
  assert.deepEqual(callsOf(outcome), [['a', 'f', '{}']])
})

test('reasoning details that grow are one token at their end, before the text', () => {
  const detail = (rest: JsonObject) =>
    chunk({ reasoning_details: [{ type: 'reasoning.text', index: 0, ...rest }] })
  const outcome = read(
    detail({ text: 'a', format: 'x' }),
    detail({ text: 'b' }),
    detail({ signature: 'SIG' }),
    chunk({ content: 'c' }, 'stop'),
  )
  const [reasoning, text] = outcome.answer.choices[0]?.parts ?? []
  assert.equal(reasoning?.type === 'reasoning' && reasoning.text, 'ab')
  assert.deepEqual(reasoning?.carry, [
    {
      origin: 'openai-chat',
      kind: 'signature',
      value: 'SIG',
      extras: { type: 'reasoning.text', index: 0, text: 'ab', format: 'x' },
    },
  ])
  assert.equal(text?.type, 'text')
})

test('thinking inside tags is told apart where the row says so, wherever the tags are cut', () => {
  const text = '<think>why</think>because <think> is a word'
  const cut = (size: number) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      chunk({ content: text.slice(at * size, (at + 1) * size) }),
    )
  for (const size of [1, 3, 7, 100]) {
    const stream = framesOf(...cut(size), chunk({}, 'stop'))
    const [reasoning, answer] =
      readStream({ adapter, quirks: ['think_tags'] }, stream).answer.choices[0]?.parts ?? []
    assert.equal(reasoning?.type === 'reasoning' && reasoning.text, 'why')
    assert.equal(answer?.type === 'text' && answer.text, 'because <think> is a word')
    const [untouched] = readStream({ adapter }, stream).answer.choices[0]?.parts ?? []
    assert.equal(untouched?.type === 'text' && untouched.text, text)
  }
})

test('an error in any form ends the stream as a Problem', () => {
  const begun = framesOf(chunk({ content: 'a' }))
  for (const [failure, code] of [
    [framesOf({ error: { code: 'insufficient_quota', message: 'x' } }), 'provider_quota'],
    [
      'event: error\ndata: {"error":{"message":"x","status_code":400,"code":"tool_use_failed"}}\n\n',
      'provider_rejected',
    ],
    ['error: {"error":{"message":"failed to decode"}}\n\n', 'provider_error'],
    [framesOf(chunk({}, 'error', { error: { code: 502, message: 'x' } })), 'provider_error'],
    ['data: {broken\n\n', 'provider_malformed'],
  ] as const) {
    const outcome = readStream({ adapter }, begun + failure + framesOf(chunk({ content: 'late' })))
    assert.equal(outcome.problem?.code, code)
    assert.deepEqual(outcome.answer.choices[0]?.parts, [{ type: 'text', text: 'a' }])
  }
})

test('a missing end is forgiven after a finish only', () => {
  assert.equal(read(chunk({ content: 'a' }, 'stop')).isComplete, true)
  const cut = read(chunk({ content: 'a' }))
  assert.equal(cut.problem?.code, 'stream_cut')
  assert.equal(cut.isComplete, false)
  assert.equal(read().problem?.code, 'stream_cut')
  assert.equal(read('[DONE]').problem?.code, 'provider_malformed')
})

test('an end without a finish is a plain stop', () => {
  const outcome = read(chunk({ content: 'a' }), '[DONE]')
  assert.deepEqual(outcome.answer.choices[0]?.finish, { unified: 'stop', raw: null })
})

test('log-probabilities of all chunks come together', () => {
  const withToken = (token: string) => ({
    choices: [
      { index: 0, delta: { content: token }, logprobs: { content: [{ token }] }, finish_reason: null },
    ],
  })
  const outcome = read(withToken('a'), withToken('b'), chunk({}, 'stop'))
  assert.equal(outcome.answer.choices[0]?.logprobs?.tokenCount, 2)
})

test('whatever a server streams, reading it ends in events or a Problem, the same at any cut', () => {
  const value = fc.jsonValue({ maxDepth: 2 })
  const member = fc.constantFrom('content', 'tool_calls', 'reasoning', 'reasoning_details', 'function_call')
  const event = fc.oneof(
    fc.constant('[DONE]'),
    value,
    fc.record({
      id: value,
      usage: value,
      choices: fc.array(
        fc.record({ index: value, delta: fc.dictionary(member, value), finish_reason: value }),
      ),
    }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 5 }), fc.boolean(), (values, isNative) => {
      const text = framesOf(...values)
      const whole = readStream({ adapter, isNative }, text)
      const cut = readStream({ adapter, isNative }, ...text.split(/(?<=,)/))
      assert.equal(whole.problem?.code, cut.problem?.code)
      assert.notEqual(whole.problem?.code, 'internal_error')
      assert.ok(whole.problem === undefined || whole.problem instanceof Problem)
      if (!isNative) assert.deepEqual(whole.answer, cut.answer)
    }),
    { numRuns: 500 },
  )
})
