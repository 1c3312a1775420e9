import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatAnswer } from '#core/domain/answer.ts'
import type { Carry, Part } from '#core/domain/chat.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import { eventsOf } from '#http/stream-form.ts'

const carry: Carry = { origin: 'gemini-generate', kind: 'thought_signature', value: 'a' }
const value = { executableCode: {} }
const parts: readonly Part[] = [
  { type: 'reasoning', text: 'hm', carry: [carry] },
  { type: 'text', text: 'one', citations: [{ origin: 'gemini-generate', value: null }] },
  { type: 'text', text: 'two', carry: [carry] },
  { type: 'tool_call', id: 'c', name: 'f', kind: 'function', argumentsText: '{}', carry: [carry, carry] },
  {
    type: 'server_tool',
    phase: 'call',
    name: 's',
    origin: 'gemini-generate',
    value,
    carry: [carry],
  },
  { type: 'image', source: { kind: 'inline', base64: 'AAAA' }, mediaType: 'image/png', carry: [carry] },
  { type: 'refusal', text: 'no' },
]

describe('a whole answer as the events of a stream', () => {
  it('folds into the same answer again, with each token once', () => {
    const answer: ChatAnswer = {
      id: 'a',
      model: 'm',
      createdAtS: 1,
      choices: [{ index: 0, parts, finish: { unified: 'stop', raw: 'STOP' }, logprobs: undefined }],
      usage: unknownUsage,
      extras: { b: 1 },
    }
    const builder = createAnswerBuilder()
    for (const event of eventsOf(answer)) builder.add(event)
    assert.deepEqual(builder.build(), answer)
  })
})
