/** Anthropic's stream grammar: what each frame becomes, wherever the bytes are cut and however they are spoiled. */
import assert from 'node:assert/strict'
import test from 'node:test'

import fc from 'fast-check'

import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { anthropicMessages } from '#services/llm-adapters/anthropic/anthropic.ts'
import { piecesOf } from '#tests/support/recording-verdict.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const target = recordedTarget({ dialect: 'anthropic-messages', provider: 'anthropic' })
const open = (isNative = false): StreamDecoder =>
  anthropicMessages.openStream({ target, isNative, isUsageWanted: true, mintId: () => 'minted' })

const frame = (data: JsonObject & { readonly type: string }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const block = (index: number, content_block: JsonObject, ...deltas: readonly JsonObject[]): string =>
  frame({ type: 'content_block_start', index, content_block }) +
  deltas.map((delta) => frame({ type: 'content_block_delta', index, delta })).join('') +
  frame({ type: 'content_block_stop', index })
const piece = (partial_json: string): JsonObject => ({ type: 'input_json_delta', partial_json })

const started = frame({
  type: 'message_start',
  message: {
    id: 'msg_1',
    model: 'claude-x',
    content: [],
    usage: {
      input_tokens: 10,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 7,
      cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
      output_tokens: 1,
    },
  },
})
const ended =
  frame({
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: {
      input_tokens: 20,
      cache_read_input_tokens: null,
      output_tokens: 30,
      output_tokens_details: { thinking_tokens: 8 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
    },
  }) + frame({ type: 'message_stop' })

const cited = { type: 'web_search_result_location', url: 'https://example.com', title: 'T', cited_text: 'C' }
const whole =
  started +
  frame({ type: 'ping' }) +
  ': a comment\n\n' +
  frame({ type: 'something_new', value: 1 }) +
  block(
    0,
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'Hm' },
    { type: 'signature_delta', signature: 'sig' },
  ) +
  block(1, { type: 'redacted_thinking', data: 'xyz' }) +
  block(
    2,
    { type: 'text', text: '' },
    { type: 'citations_delta', citation: cited },
    { type: 'text_delta', text: 'Grüße, 😀' },
    { type: 'new_delta', text: 'unheard of' },
  ) +
  block(3, { type: 'text', text: '' }, { type: 'text_delta', text: ' and more' }) +
  block(
    4,
    { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} },
    piece(''),
    piece('{"q":'),
    piece('"x"}'),
  ) +
  block(5, { type: 'web_search_tool_result', tool_use_id: 's1', content: [] }) +
  block(6, { type: 'compaction', content: null }, { type: 'compaction_delta', content: 'Summary' }) +
  block(7, { type: 'tool_use', id: 't1', name: 'now', input: {} }) +
  block(8, { type: 'tool_use', id: 't2', name: 'f', input: {}, caller: { type: 'code' } }, piece('{"a":1}')) +
  ended

function readAll(text: string, sizes: readonly number[] = [], decoder = open()) {
  const events: ChatEvent[] = []
  for (const bytes of piecesOf(Buffer.from(text), sizes)) events.push(...decoder.push(bytes))
  events.push(...decoder.end())
  return { events, answer: folded(events), problem: decoder.problem, isComplete: decoder.isComplete }
}

function folded(events: readonly ChatEvent[]): ChatAnswer {
  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  return builder.build()
}

const origin = 'anthropic-messages'

test('every kind of block becomes its part', () => {
  const { answer, problem, isComplete } = readAll(whole)
  assert.equal(problem, undefined)
  assert.equal(isComplete, true)
  const call = { type: 'server_tool_use', id: 's1', name: 'web_search', input: { q: 'x' } }
  const result = { type: 'web_search_tool_result', tool_use_id: 's1', content: [] }
  assert.deepEqual(answer.choices[0]?.parts, [
    { type: 'reasoning', text: 'Hm', carry: [{ origin, kind: 'signature', value: 'sig' }] },
    { type: 'reasoning', text: '', carry: [{ origin, kind: 'redacted', value: 'xyz' }] },
    {
      type: 'text',
      text: 'Grüße, 😀',
      citations: [{ text: 'C', url: 'https://example.com', title: 'T', origin, value: cited }],
    },
    { type: 'text', text: ' and more' },
    { type: 'server_tool', phase: 'call', name: 'web_search', origin, value: call },
    { type: 'server_tool', phase: 'result', name: 'web_search', origin, value: result },
    { type: 'opaque', kind: 'compaction', origin, value: { type: 'compaction', content: 'Summary' } },
    { type: 'tool_call', id: 't1', name: 'now', kind: 'function', argumentsText: '{}' },
    {
      type: 'tool_call',
      id: 't2',
      name: 'f',
      kind: 'function',
      argumentsText: '{"a":1}',
      carry: [{ origin, kind: 'item', value: 't2', extras: { caller: { type: 'code' } } }],
    },
  ])
})

test('usage is inclusive, and the later count wins unless it is null', () => {
  const { usage, choices } = readAll(whole).answer
  assert.equal(usage.inputTokens, 20 + 5 + 7)
  assert.equal(usage.cachedInputTokens, 5)
  assert.equal(usage.cacheWriteTokens, 7)
  assert.equal(usage.cacheWriteHourTokens, 4)
  assert.equal(usage.outputTokens, 30)
  assert.equal(usage.reasoningTokens, 8)
  assert.deepEqual(usage.serverToolUses, { web_search: 2 })
  assert.deepEqual(choices[0]?.finish, { unified: 'tool_calls', raw: 'tool_use' })
})

test('a stream says the same wherever it is cut', () => {
  const expected = readAll(whole).answer
  const native = Buffer.from(whole)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }), (sizes) => {
      assert.deepEqual(readAll(whole, sizes).answer, expected)
      const { events, answer } = readAll(whole, sizes, open(true))
      const bytes = events.flatMap((event) => (event.type === 'native' ? [event.bytes] : []))
      assert.deepEqual(Buffer.concat(bytes), native)
      assert.deepEqual(answer.usage, expected.usage)
      assert.deepEqual(answer.choices[0]?.finish, expected.choices[0]?.finish)
    }),
    { numRuns: 60 },
  )
})

test('a native caller gets whole frames only, with the count of what was content', () => {
  const decoder = open(true)
  const first = decoder.push(Buffer.from(started + 'event: content_blo'))
  assert.deepEqual(
    first.map((event) => event.type),
    ['start', 'usage', 'native'],
  )
  const [, , native] = first
  assert.ok(native?.type === 'native')
  assert.equal(Buffer.from(native.bytes).toString(), started)
  assert.equal(native.deltas, 0)
  const whole = block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'A' })
  const passed = decoder
    .push(Buffer.from(whole.slice('event: content_blo'.length)))
    .filter((event) => event.type === 'native')
  assert.equal(Buffer.concat(passed.map(({ bytes }) => bytes)).toString(), whole)
  assert.equal(
    passed.reduce((sum, { deltas }) => sum + deltas, 0),
    1,
  )
})

test('an error inside the stream ends it, and its frame is not handed on', () => {
  const before = started + block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'Part' })
  const error = frame({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
  const { answer, problem } = readAll(before + error + ended)
  assert.equal(problem?.code, 'provider_overloaded')
  assert.deepEqual(answer.choices[0]?.parts, [{ type: 'text', text: 'Part' }])
  const native = readAll(before + error + ended, [], open(true))
  assert.equal(native.problem?.code, 'provider_overloaded')
  const bytes = native.events.flatMap((event) => (event.type === 'native' ? [event.bytes] : []))
  assert.equal(Buffer.concat(bytes).toString(), before)
})

test('a stream without its last frame is cut, one with a second start is malformed', () => {
  const stop = frame({ type: 'message_stop' })
  assert.equal(readAll(whole.slice(0, -stop.length)).problem?.code, 'stream_cut')
  assert.equal(readAll('').problem?.code, 'stream_cut')
  assert.equal(readAll(started + whole).problem?.code, 'provider_malformed')
  assert.equal(readAll(ended).problem?.code, 'provider_malformed')
  assert.equal(readAll('data: nonsense\n\n').problem?.code, 'provider_malformed')
})

test('words for a block that has stopped or never started are words of the answer; pieces of such a call are nothing', () => {
  const text = (index: number, piece: string) =>
    frame({ type: 'content_block_delta', index, delta: { type: 'text_delta', text: piece } })
  const stopped = block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'Said' })
  const late = readAll(started + stopped + text(0, ' late') + text(4, ' and unannounced') + ended)
  assert.equal(late.problem, undefined)
  const said = late.answer.choices[0]?.parts.map((part) => (part.type === 'text' ? part.text : part.type))
  assert.deepEqual(said?.join(''), 'Said late and unannounced')
  const call = frame({ type: 'content_block_delta', index: 3, delta: piece('{"a":1}') })
  assert.equal(readAll(started + stopped + call + ended).problem?.code, 'provider_malformed')
})

test('a message may start with blocks already in it', () => {
  const message = {
    id: 'm',
    model: 'c',
    content: [{ type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }],
    usage: {},
    container: { id: 'box' },
  }
  const { answer } = readAll(frame({ type: 'message_start', message }) + ended)
  assert.deepEqual(answer.choices[0]?.parts, [
    { type: 'tool_call', id: 't', name: 'f', kind: 'function', argumentsText: '{"a":1}' },
  ])
  assert.deepEqual(answer.extras, { container: { id: 'box' } })
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
      const events = [...decoder.push(spoiled), ...decoder.end()]
      folded(events)
      assert.ok(decoder.isComplete || decoder.problem !== undefined)
      if (decoder.problem) assert.equal(decoder.problem.kind.fault, 'provider')
    }),
    { numRuns: 400 },
  )
})

const fragments = [
  'null',
  '[]',
  '{}',
  '"',
  '\n\n',
  'data: null\n\n',
  'data: {"type":null}\n\n',
  '\u0000',
].map((fragment) => new Uint8Array(Buffer.from(fragment)))

test('a caller of the same API has not been answered before something was said', () => {
  const decoder = open(true)
  const deltasIn = (text: string) =>
    decoder
      .push(Buffer.from(text))
      .reduce((sum, event) => sum + (event.type === 'native' ? event.deltas : 0), 0)
  const delta = (text: string) =>
    frame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })
  const begun = frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })
  assert.equal(deltasIn(started + begun + delta('') + delta('')), 0)
  assert.equal(deltasIn(delta('Yes')), 1)
  assert.equal(deltasIn(delta('') + delta('.')), 2)
})
