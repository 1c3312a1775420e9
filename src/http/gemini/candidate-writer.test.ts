/** Parts written from events, and read back into the turn that they came from. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { createCandidateWriter } from '#http/gemini/candidate-writer.ts'
import type { CandidateEvent } from '#http/gemini/candidate-writer.ts'
import { readContents } from '#http/gemini/contents.ts'
import { createOwnMembers } from '#http/gemini/own-members.ts'
import { eventsOf } from '#http/stream-form.ts'

const signature: Carry = { origin: 'anthropic-messages', kind: 'signature', value: 'sig' }
const redacted: Carry = { origin: 'anthropic-messages', kind: 'redacted', value: 'hidden' }
const ofGemini = (value: string): Carry => ({ origin: 'gemini-generate', kind: 'thought_signature', value })
const call = (id: string, carry?: readonly Carry[]): Part => ({
  type: 'tool_call',
  id,
  name: 'look',
  kind: 'function',
  argumentsText: '{"at":1}',
  ...(carry ? { carry } : {}),
})
const search: Part = {
  type: 'server_tool',
  phase: 'call',
  name: 'web_search',
  origin: 'anthropic-messages',
  value: { type: 'server_tool_use', id: 's1' },
}

const isOfCandidate = (event: ChatEvent): event is CandidateEvent =>
  event.type !== 'start' && event.type !== 'usage' && event.type !== 'extras' && event.type !== 'native'

function eventsFor(parts: readonly Part[]): readonly CandidateEvent[] {
  const finish = { unified: 'stop', raw: null } as const
  const usage = {} as never
  return eventsOf({ id: '', model: '', choices: [{ index: 0, parts, finish }], usage }).filter(isOfCandidate)
}

/** Written as one object, or in pieces as a stream is. */
function written(events: readonly CandidateEvent[], showsThoughts: boolean, isStreamed = false) {
  const writer = createCandidateWriter(showsThoughts)
  const texts: string[] = []
  for (const event of events) {
    writer.add(event)
    if (isStreamed) texts.push(...writer.take(false))
  }
  texts.push(...writer.take(true))
  return texts.map((text) => JSON.parse(text) as JsonObject)
}

function readBack(parts: readonly JsonObject[]): readonly Part[] {
  // A client that streamed has a content for each piece.
  const contents = [
    { role: 'user', parts: [{ text: 'x' }] },
    ...parts.map((part) => ({ role: 'model', parts: [part] })),
  ]
  const [, turn] = readContents({ value: { contents }, path: '' }, createOwnMembers())
  return turn?.parts ?? []
}

const turns: Readonly<Record<string, readonly Part[]>> = {
  'thinking, words and a call': [
    { type: 'reasoning', text: 'Hm', carry: [signature] },
    { type: 'text', text: 'I look.' },
    call('a'),
  ],
  'hidden thinking between two calls': [
    { type: 'reasoning', text: '', carry: [redacted] },
    call('a'),
    { type: 'reasoning', text: 'Ah', carry: [signature] },
    call('b'),
  ],
  'a tool that the provider ran': [search, { type: 'text', text: 'Found.' }],
  'thinking and nothing else': [{ type: 'reasoning', text: 'Hm', carry: [signature] }],
  'a plan before a call': [{ type: 'text', text: 'I will look.', isToolPlan: true }, call('a')],
  'an item of its own on a call': [
    call('a', [{ origin: 'openai-responses', kind: 'item', value: 'fc', itemId: 'fc', extras: { x: 1 } }]),
  ],
  'a refusal': [{ type: 'refusal', text: 'No.' }],
}

for (const [name, parts] of Object.entries(turns)) {
  for (const isStreamed of [false, true]) {
    test(`${name} come back as they were (${isStreamed ? 'streamed' : 'whole'})`, () => {
      assert.deepEqual(readBack(written(eventsFor(parts), false, isStreamed)), parts)
    })
  }
}

test('shown thinking is a part of its own, and comes back once with its token', () => {
  const parts = turns['thinking, words and a call'] ?? []
  const shown = written(eventsFor(parts), true)
  assert.deepEqual(shown[0], { text: 'Hm', thought: true })
  const back = readBack(shown)
  assert.deepEqual(
    back.filter(({ carry }) => carry),
    [parts[0]],
  )
})

test("Gemini's own signature stands on its part as it is", () => {
  const parts: readonly Part[] = [
    { type: 'text', text: 'a' },
    { type: 'text', text: '', carry: [ofGemini('s1')] },
    call('a', [ofGemini('s2'), { origin: 'gemini-generate', kind: 'item', value: 'a', itemId: 'a' }]),
    call('b'),
  ]
  assert.deepEqual(written(eventsFor(parts), false), [
    { text: 'a' },
    { text: '', thoughtSignature: 's1' },
    { functionCall: { id: 'a', name: 'look', args: { at: 1 } }, thoughtSignature: 's2' },
    { functionCall: { id: 'b', name: 'look', args: { at: 1 } } },
  ])
})

test('calls go out whole, side by side, though their pieces came mixed', () => {
  const events: readonly CandidateEvent[] = [
    { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'x', kind: 'function' },
    { type: 'tool-call-start', choice: 0, call: 1, id: 'b', name: 'y', kind: 'function' },
    { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"n":12345678901234567890' },
    { type: 'tool-call-delta', choice: 0, call: 1, argumentsText: 'null' },
    { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: ',\n"m":1}' },
  ]
  const writer = createCandidateWriter(false)
  for (const event of events) writer.add(event)
  assert.deepEqual(writer.take(false), [])
  assert.deepEqual(writer.take(true), [
    '{"functionCall":{"id":"a","name":"x","args":{"n":12345678901234567890, "m":1}}}',
    '{"functionCall":{"id":"b","name":"y","args":{}}}',
  ])
})

test('words of one batch are one part', () => {
  const words = (text: string): CandidateEvent => ({ type: 'text-delta', choice: 0, text })
  assert.deepEqual(written([words('a'), words('b')], false), [{ text: 'ab' }])
})
