/** Cohere's stream grammar: what each frame becomes, wherever the bytes are cut and however they are spoiled. */
import assert from 'node:assert/strict'
import test from 'node:test'

import fc from 'fast-check'

import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { cohereChat } from '#services/llm-adapters/cohere/cohere.ts'
import { piecesOf } from '#tests/support/recording-verdict.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const target = recordedTarget({ dialect: 'cohere-chat', provider: 'cohere' })
const open = (isNative = false): StreamDecoder =>
  cohereChat.openStream({ target, isNative, isUsageWanted: true, mintId: () => 'minted' })

const frame = (type: string, rest: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
const content = (type: string, index: number, value: JsonObject, rest: JsonObject = {}): string =>
  frame(type, { index, delta: { message: { content: value } }, ...rest })
const toolCall = (type: string, index: number, tool_calls: JsonObject): string =>
  frame(type, { index, delta: { message: { tool_calls } } })
const started = frame('message-start', { id: 'a1', delta: { message: { role: 'assistant' } } })
const usage = {
  billed_units: { input_tokens: 12, output_tokens: 7 },
  tokens: { input_tokens: 507, output_tokens: 10 },
  cached_tokens: 448,
}
const end = (finish_reason: string, error?: string): string =>
  frame('message-end', {
    delta: { finish_reason, usage, ...(error === undefined ? {} : { error }) },
  })
const done = 'data: [DONE]\n\n'

const citation = { start: 0, end: 5, text: 'Grüße', sources: [], type: 'TEXT_CONTENT' }
const whole =
  started +
  content('content-start', 0, { type: 'thinking', thinking: '' }) +
  content('content-delta', 0, { thinking: 'Hm' }) +
  frame('content-end', { index: 0 }) +
  content('content-start', 1, { type: 'text', text: '' }) +
  content('content-delta', 1, { text: 'Grüße' }, { logprobs: { text: 'Grüße', token_ids: [1, 2] } }) +
  frame('citation-start', { index: 0, delta: { message: { citations: citation } } }) +
  frame('citation-end', { index: 0 }) +
  frame('debug', { prompt: 'unheard of' }) +
  frame('tool-plan-delta', { delta: { message: { tool_plan: 'I look.' } } }) +
  toolCall('tool-call-start', 0, { id: 'c1', function: { name: 'f', arguments: '' } }) +
  toolCall('tool-call-delta', 0, { function: { arguments: '{"a"' } }) +
  toolCall('tool-call-delta', 0, { function: { arguments: ':1}' } }) +
  frame('tool-call-end', { index: 0 }) +
  toolCall('tool-call-start', 1, { function: { name: 'now', arguments: '' } }) +
  toolCall('tool-call-delta', 1, { function: { arguments: 'nu' } }) +
  toolCall('tool-call-delta', 1, { function: { arguments: 'll' } }) +
  frame('tool-call-end', { index: 1 }) +
  end('TOOL_CALL') +
  done

function readAll(text: string, sizes: readonly number[] = [], decoder = open()) {
  const events: ChatEvent[] = []
  for (const bytes of piecesOf(Buffer.from(text), sizes)) events.push(...decoder.push(bytes))
  events.push(...decoder.end())
  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  return { events, answer: builder.build(), problem: decoder.problem, isComplete: decoder.isComplete }
}

test('every kind of frame becomes its part', () => {
  const { answer, problem, isComplete } = readAll(whole)
  assert.equal(problem, undefined)
  assert.equal(isComplete, true)
  const [choice] = answer.choices
  assert.deepEqual(choice?.parts, [
    { type: 'reasoning', text: 'Hm' },
    {
      type: 'text',
      text: 'Grüße',
      citations: [{ text: 'Grüße', start: 0, end: 5, origin: 'cohere-chat', value: citation }],
    },
    { type: 'text', text: 'I look.', isToolPlan: true },
    { type: 'tool_call', id: 'c1', name: 'f', kind: 'function', argumentsText: '{"a":1}' },
    { type: 'tool_call', id: 'minted', name: 'now', kind: 'function', argumentsText: '{}' },
  ])
  assert.deepEqual(choice?.finish, { unified: 'tool_calls', raw: 'TOOL_CALL' })
  assert.equal(choice?.logprobs?.tokenCount, 2)
})

test('what was counted and what is billed stay apart', () => {
  const answer = readAll(whole).answer
  assert.equal(answer.id, 'a1')
  assert.equal(answer.model, '')
  assert.equal(answer.usage.inputTokens, 507)
  assert.equal(answer.usage.outputTokens, 10)
  assert.equal(answer.usage.cachedInputTokens, 448)
  assert.deepEqual(answer.usage.billed, { inputTokens: 12, outputTokens: 7 })
})

test('a stream says the same wherever it is cut', () => {
  const expected = readAll(whole).answer
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }), (sizes) => {
      assert.deepEqual(readAll(whole, sizes).answer, expected)
      const { events, answer, isComplete } = readAll(whole, sizes, open(true))
      const bytes = events.flatMap((event) => (event.type === 'native' ? [event.bytes] : []))
      assert.equal(Buffer.concat(bytes).toString(), whole)
      assert.equal(isComplete, true)
      assert.deepEqual(answer.usage, expected.usage)
      assert.deepEqual(answer.choices[0]?.finish, expected.choices[0]?.finish)
    }),
    { numRuns: 60 },
  )
})

test('the last marker may be missing, the end of the message may not', () => {
  const withoutMarker = whole.slice(0, -done.length)
  assert.equal(readAll(withoutMarker).isComplete, true)
  assert.equal(readAll(withoutMarker, [], open(true)).isComplete, true)
  assert.equal(readAll(withoutMarker.slice(0, -end('TOOL_CALL').length)).problem?.code, 'stream_cut')
  assert.equal(readAll(started + done).problem?.code, 'stream_cut')
  assert.equal(readAll('').problem?.code, 'stream_cut')
})

test('an answer that failed says so, and what it cost still counts', () => {
  const begun = started + content('content-delta', 0, { text: 'Part' })
  const failed = readAll(begun + end('ERROR', 'the model broke') + done)
  assert.equal(failed.problem?.code, 'provider_error')
  assert.equal(failed.answer.usage.inputTokens, 507)
  assert.equal(readAll(begun + end('TIMEOUT') + done).problem?.code, 'provider_timeout')
  assert.equal(readAll(begun + 'data: {"message":"internal"}\n\n').problem?.code, 'provider_error')
  assert.equal(readAll(begun + started).problem?.code, 'provider_malformed')
  assert.equal(readAll(begun + 'data: nonsense\n\n').problem?.code, 'provider_malformed')
  const toxic = readAll(begun + end('ERROR_TOXIC') + done)
  assert.equal(toxic.problem, undefined)
  assert.equal(toxic.answer.choices[0]?.finish.unified, 'content_filter')
})

test('what comes between the end of the message and the marker is no part of the answer', () => {
  const decoder = open(true)
  const text = started + end('COMPLETE') + end('MAX_TOKENS') + done
  const events = [...decoder.push(Buffer.from(text)), ...decoder.end()]
  const finishes = events.filter((event) => event.type === 'finish')
  assert.deepEqual(
    finishes.map(({ finish }) => finish.unified),
    ['stop'],
  )
  assert.equal(decoder.isComplete, true)
})

test('a spoiled stream ends in an answer or in a Problem of the provider, never in anything else', () => {
  const bytes = Buffer.from(whole)
  const spoiling = fc.record({
    at: fc.nat(bytes.length - 1),
    drop: fc.nat(40),
    insert: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(...fragments)),
    isNative: fc.boolean(),
  })
  fc.assert(
    fc.property(spoiling, ({ at, drop, insert, isNative }) => {
      const spoiled = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + drop)])
      const decoder = open(isNative)
      const builder = createAnswerBuilder()
      for (const event of [...decoder.push(spoiled), ...decoder.end()]) builder.add(event)
      builder.build()
      assert.ok(decoder.isComplete || decoder.problem !== undefined)
      if (decoder.problem) assert.equal(decoder.problem.kind.fault, 'provider')
    }),
    { numRuns: 400 },
  )
})

const fragments = ['null', '[]', '{}', '"', '\n\n', 'data: null\n\n', 'data: {"type":null}\n\n', done].map(
  (fragment) => new Uint8Array(Buffer.from(fragment)),
)

test('a caller of the same API has not been answered before something was said', () => {
  const decoder = open(true)
  const deltasIn = (text: string) =>
    decoder
      .push(Buffer.from(text))
      .reduce((sum, event) => sum + (event.type === 'native' ? event.deltas : 0), 0)
  const delta = (text: string) => content('content-delta', 0, { text })
  assert.equal(deltasIn(started + content('content-start', 0, { type: 'text', text: '' }) + delta('')), 0)
  assert.equal(deltasIn(delta('Yes')), 1)
  assert.equal(deltasIn(delta('') + delta('.')), 2)
})
