/** The grammar of a message stream, whatever order the pieces of an answer come in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Asked } from '#core/gateway/asked.ts'
import { contentBlocks } from '#http/anthropic/answer-blocks.ts'
import { readCarriedThinking } from '#http/anthropic/carried-thinking.ts'
import { createMessageForm } from '#http/anthropic/message-stream.ts'
import { receiptOf } from '#tests/support/fake-door.ts'

const receipt = receiptOf({ requestId: 'r1' } as Asked)
const head = { id: 'msg_r1', stopSequences: [], estimateInputTokens: () => 40 }

interface Frame extends JsonObject {
  readonly type: string
  readonly index?: number
}

/** The frames of a stream; each `event:` must say the type of its data. */
function framesOf(text: string): readonly Frame[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [event = '', data = ''] = frame.split('\n')
      const value = JSON.parse(data.slice('data: '.length)) as Frame
      assert.equal(event, `event: ${value.type}`)
      return value
    })
}

function written(events: readonly ChatEvent[]): readonly Frame[] {
  const form = createMessageForm(head)
  let text = ''
  for (const event of events) text += String(form.batch([event], receipt) ?? '')
  return framesOf(text + form.end(receipt))
}

/** What a client gathers: the blocks, in order. Fails where the grammar is broken. */
function gathered(frames: readonly Frame[]): readonly JsonObject[] {
  const types = frames.map(({ type }) => type)
  assert.deepEqual(types.slice(0, 2), ['message_start', 'ping'])
  assert.deepEqual(types.slice(-2), ['message_delta', 'message_stop'])
  const blocks: Array<Record<string, unknown>> = []
  let open: number | undefined
  let json = ''
  for (const frame of frames.slice(2, -2)) {
    if (frame.type === 'content_block_start') {
      assert.equal(open, undefined, 'a block starts inside another')
      assert.equal(frame.index, blocks.length)
      open = frame.index
      json = ''
      blocks.push({ ...(frame['content_block'] as JsonObject) })
      continue
    }
    assert.equal(frame.index, open)
    const block = blocks.at(-1) ?? {}
    if (frame.type === 'content_block_stop') {
      if (block['type'] === 'tool_use') block['input'] = JSON.parse(json)
      open = undefined
      continue
    }
    assert.equal(frame.type, 'content_block_delta')
    const delta = frame['delta'] as Readonly<Record<string, string>>
    if (delta['type'] === 'input_json_delta') json += delta['partial_json']
    else if (delta['type'] === 'citations_delta') {
      block['citations'] = [...((block['citations'] as unknown[] | null) ?? []), delta['citation']]
    } else {
      const name = delta['type']?.replace('_delta', '') ?? ''
      block[name] = name === 'signature' ? delta[name] : `${String(block[name])}${delta[name] ?? ''}`
    }
  }
  assert.equal(open, undefined)
  return blocks as readonly JsonObject[]
}

const start: ChatEvent = { type: 'start', id: 'up', model: 'm' }
const finish = (unified: 'stop' | 'tool_calls' | 'error'): ChatEvent => ({
  type: 'finish',
  choice: 0,
  finish: { unified, raw: null },
})
const call = (number: number, name: string): ChatEvent => ({
  type: 'tool-call-start',
  choice: 0,
  call: number,
  id: `call_${number}`,
  name,
  kind: 'function',
})
const piece = (number: number, argumentsText: string): ChatEvent => ({
  type: 'tool-call-delta',
  choice: 0,
  call: number,
  argumentsText,
})
const text = (words: string, rest: object = {}): ChatEvent => ({
  type: 'text-delta',
  choice: 0,
  text: words,
  ...rest,
})
const signature: Carry = { origin: 'gemini-generate', kind: 'thought_signature', value: 'c2ln' }

test('calls whose pieces come by turns are written one after the other', () => {
  const frames = written([
    start,
    text('Let me see. '),
    call(0, 'a'),
    call(1, 'b'),
    piece(1, '{"x"'),
    piece(0, '{"y":'),
    piece(1, ':1}'),
    piece(0, '[2]}'),
    finish('tool_calls'),
  ])
  assert.deepEqual(
    gathered(frames).map(({ type, name, input }) => [type, name, input]),
    [
      ['text', undefined, undefined],
      ['tool_use', 'a', { y: [2] }],
      ['tool_use', 'b', { x: 1 }],
    ],
  )
  assert.equal(asObject(frames.at(-2)?.['delta'])?.['stop_reason'], 'tool_use')
})

test('a call starts with an empty input and says its arguments at least once', () => {
  const frames = written([start, call(0, 'now'), finish('tool_calls')])
  const [opened, said] = frames.slice(2)
  assert.deepEqual(asObject(opened?.['content_block'])?.['input'], {})
  assert.deepEqual(said?.['delta'], { type: 'input_json_delta', partial_json: '{}' })
})

test('a call is handed out as it grows, and the next one as soon as it is whole', () => {
  const form = createMessageForm(head)
  const said = (...events: ChatEvent[]) => framesOf(String(form.batch(events, receipt) ?? '')).length
  assert.equal(said(start), 2)
  assert.equal(said(call(0, 'a')), 0)
  assert.equal(said(piece(0, '{"x":')), 2)
  assert.equal(said(piece(0, '1}')), 1)
  assert.equal(said(call(1, 'b'), piece(1, '{')), 3)
})

test('a token of a call travels in the thinking before it, or in a block of its own', () => {
  const carry: ChatEvent = { type: 'carry', choice: 0, call: 0, carry: signature }
  const thought: ChatEvent = { type: 'reasoning-delta', choice: 0, text: 'Hm.' }
  const [thinking, use] = gathered(written([start, thought, call(0, 'a'), carry, piece(0, '{}')]))
  assert.equal(thinking?.['thinking'], 'Hm.')
  assert.equal(use?.['type'], 'tool_use')
  const [alone] = gathered(written([start, call(0, 'a'), carry, piece(0, '{}')]))
  const late = gathered(written([start, call(0, 'a'), piece(0, '{}'), carry]))
  for (const token of [thinking?.['signature'], alone?.['data'], late[1]?.['data']]) {
    const read = readCarriedThinking(asString(token) ?? '', 'token')
    assert.deepEqual(read?.calls, [{ id: 'call_0', carry: [signature] }])
  }
})

test('a token of a call that comes when its block has ended still names the call', () => {
  const carry: ChatEvent = { type: 'carry', choice: 0, call: 0, carry: signature }
  const blocks = gathered(written([start, call(0, 'a'), piece(0, '{}'), text('So.'), carry]))
  assert.deepEqual(
    blocks.map(({ type }) => type),
    ['tool_use', 'text', 'redacted_thinking'],
  )
  const read = readCarriedThinking(asString(blocks[2]?.['data']) ?? '', 'token')
  assert.deepEqual(read?.calls, [{ id: 'call_0', carry: [signature] }])
})

test('what other models think bears a signature of this gateway, which says nothing', () => {
  const [block] = gathered(
    written([start, { type: 'reasoning-delta', choice: 0, text: 'Hm.' }, text('Yes.')]),
  )
  assert.deepEqual(readCarriedThinking(asString(block?.['signature']) ?? '', 'x'), {
    own: [],
    isPlan: false,
    calls: [],
    before: [],
    parts: [],
  })
})

test('an error of the model ends the stream as one, and so does a break', () => {
  const failed = written([start, text('Half'), finish('error')]).at(-1)
  assert.equal(failed?.type, 'error')
  assert.equal(asObject(failed?.['error'])?.['type'], 'api_error')
  const form = createMessageForm(head)
  form.batch([start, text('Half')], receipt)
  const [broken] = framesOf(form.fail(new Problem('provider_overloaded'), 'r1') ?? '')
  assert.equal(asObject(broken?.['error'])?.['type'], 'overloaded_error')
  assert.equal(broken?.['request_id'], 'r1')
})

test('usage is stated at the end, each kind of input apart', () => {
  const usage = {
    ...unknownUsage,
    inputTokens: 100,
    cachedInputTokens: 60,
    cacheWriteTokens: 30,
    outputTokens: 7,
  }
  const form = createMessageForm(head)
  form.batch([start, text('x')], receipt)
  const [ending] = framesOf(form.end({ ...receipt, usage })).slice(-2)
  assert.deepEqual(ending?.['usage'], {
    input_tokens: 10,
    cache_creation_input_tokens: 30,
    cache_read_input_tokens: 60,
    output_tokens: 7,
    output_tokens_details: null,
    server_tool_use: null,
  })
})

test('a stream starts with what the provider counted, or else with an estimate', () => {
  const startOf = (...events: ChatEvent[]) =>
    asObject(framesOf(String(createMessageForm(head).batch(events, receipt)))[0]?.['message'])?.['usage']
  assert.equal(asObject(startOf(start))?.['input_tokens'], 40)
  const counted: ChatEvent = { type: 'usage', usage: { ...unknownUsage, inputTokens: 25, outputTokens: 3 } }
  const usage = asObject(startOf(start, text('Hi'), counted))
  assert.deepEqual([usage?.['input_tokens'], usage?.['output_tokens']], [25, 0])
})

test('what is sent while there is nothing to say is the ping of the API', () => {
  assert.equal(createMessageForm(head).heartbeat, 'event: ping\ndata: {"type":"ping"}\n\n')
})

test('bytes of Anthropic itself pass as they are, and nothing is added', () => {
  const form = createMessageForm(head)
  const bytes = Buffer.from('event: brand_new\ndata: {"type":"brand_new"}\n\n')
  const native: ChatEvent = { type: 'native', dialect: 'anthropic-messages', bytes, deltas: 1 }
  assert.equal(form.batch([start, native], receipt), bytes)
  assert.equal(form.batch([text('said already')], receipt), undefined)
  assert.equal(form.end(receipt), '')
})

type WildEvent = ChatEvent | { readonly call: number }
const anyEvents: fc.Arbitrary<WildEvent[]> = fc.array(
  fc.oneof(
    fc
      .record({ words: fc.string(), begins: fc.boolean() })
      .map(({ words, begins }) => text(words, { begins })),
    fc
      .record({ words: fc.string(), begins: fc.boolean() })
      .map(({ words, begins }): ChatEvent => ({ type: 'reasoning-delta', choice: 0, text: words, begins })),
    fc.constant<ChatEvent>({ type: 'carry', choice: 0, carry: signature }),
    fc.record({ call: fc.nat(3) }),
  ),
)

/** Each call's arguments in three pieces, its start before the first: pieces of different calls in any order. */
function asEvents(wild: readonly WildEvent[]): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const said = new Map<number, number>()
  const pieces = ['{"a":', '[1,', '2]}']
  const say = (number: number) => {
    const count = said.get(number) ?? 0
    if (count === 0) events.push(call(number, `tool_${number}`))
    if (count < pieces.length) events.push(piece(number, pieces[count] ?? ''))
    said.set(number, count + 1)
  }
  for (const one of wild) {
    if ('type' in one) events.push(one)
    else say(one.call)
  }
  for (const [number, count] of said) for (let at = count; at < pieces.length; at++) say(number)
  return events
}

test('streamed in any order, an answer has the blocks that it has whole', () => {
  fc.assert(
    fc.property(anyEvents, (wild) => {
      const events = asEvents(wild)
      const builder = createAnswerBuilder()
      for (const event of events) builder.add(event)
      const parts = builder.build().choices[0]?.parts ?? []
      const kept = (blocks: readonly JsonObject[]) =>
        blocks
          .filter(({ type }) => type !== 'redacted_thinking')
          .map(({ type, text: words, thinking, input, id }) => ({ type, words, thinking, input, id }))
      assert.deepEqual(kept(gathered(written([start, ...events]))), kept(contentBlocks(parts)))
    }),
  )
})
