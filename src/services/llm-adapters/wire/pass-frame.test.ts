/** Facts about frames that are handed on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { ChatEvent } from '#core/domain/answer.ts'
import { passFrame } from '#services/llm-adapters/wire/pass-frame.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'

const frameOf = (bytes: Uint8Array | undefined): Frame => ({
  event: undefined,
  data: '',
  fields: undefined,
  bytes,
})

test('frames side by side in one chunk are one event over the same memory', () => {
  const chunk = Buffer.from('onetwothree')
  const events: ChatEvent[] = []
  passFrame(frameOf(chunk.subarray(0, 3)), 'openai-chat', 1, events)
  passFrame(frameOf(chunk.subarray(3, 6)), 'openai-chat', 0, events)
  passFrame(frameOf(chunk.subarray(6)), 'openai-chat', 1, events)
  const [native] = events
  assert.equal(events.length, 1)
  assert.ok(native?.type === 'native')
  assert.equal(Buffer.from(native.bytes).toString(), 'onetwothree')
  assert.equal(native.bytes.buffer, chunk.buffer)
  assert.equal(native.deltas, 2)
})

test('what lies elsewhere, or after something else, is an event of its own', () => {
  const chunk = Buffer.from('onetwo')
  const events: ChatEvent[] = []
  passFrame(frameOf(Buffer.from('before')), 'openai-chat', 1, events)
  passFrame(frameOf(chunk.subarray(0, 3)), 'openai-chat', 1, events)
  events.push({ type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'stop' } })
  passFrame(frameOf(chunk.subarray(3)), 'openai-chat', 0, events)
  assert.deepEqual(
    events.map((event) => (event.type === 'native' ? Buffer.from(event.bytes).toString() : event.type)),
    ['before', 'one', 'finish', 'two'],
  )
})

test('a frame whose reader keeps no bytes is not handed on', () => {
  const events: ChatEvent[] = []
  passFrame(frameOf(undefined), 'openai-chat', 1, events)
  assert.deepEqual(events, [])
})
