import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'

const fold = (events: readonly ChatEvent[]) => {
  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  return builder.build()
}

test('deltas of one kind join; another kind, or a new beginning, opens a new part', () => {
  const { choices } = fold([
    { type: 'reasoning-delta', choice: 0, text: 'hm' },
    { type: 'reasoning-delta', choice: 0, text: 'm', begins: true },
    { type: 'text-delta', choice: 0, text: 'Hel' },
    { type: 'text-delta', choice: 0, text: 'lo' },
  ])
  assert.deepEqual(choices[0]?.parts, [
    { type: 'reasoning', text: 'hm' },
    { type: 'reasoning', text: 'm' },
    { type: 'text', text: 'Hello' },
  ])
})

test('interleaved parallel calls keep their arguments apart', () => {
  const { choices } = fold([
    { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'first', kind: 'function' },
    { type: 'tool-call-start', choice: 0, call: 1, id: 'b', name: 'second', kind: 'function' },
    { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"x":' },
    { type: 'tool-call-delta', choice: 0, call: 1, argumentsText: '{}' },
    { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '1}' },
  ])
  assert.deepEqual(
    choices[0]?.parts.map((part) => (part.type === 'tool_call' ? part.argumentsText : part.type)),
    ['{"x":1}', '{}'],
  )
})

test('a function called without arguments has an empty object, not an empty text', () => {
  const { choices } = fold([
    { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'now', kind: 'function' },
  ])
  assert.deepEqual(choices[0]?.parts, [
    { type: 'tool_call', id: 'a', name: 'now', kind: 'function', argumentsText: '{}' },
  ])
})

test('a signature belongs to the part before it, or to the call that it names', () => {
  const carry = { origin: 'gemini-generate', kind: 'thought_signature', value: 's' } as const
  const { choices } = fold([
    { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'f', kind: 'function' },
    { type: 'text-delta', choice: 0, text: 'x' },
    { type: 'carry', choice: 0, call: 0, carry },
    { type: 'carry', choice: 0, carry: { ...carry, value: 't' } },
  ])
  assert.deepEqual(
    choices[0]?.parts.map((part) => part.carry?.[0]?.value),
    ['s', 't'],
  )
})

test('several choices come out in their order, each with its own finish; the last usage counts', () => {
  const answer = fold([
    { type: 'start', id: 'x', model: 'm' },
    { type: 'text-delta', choice: 1, text: 'one' },
    { type: 'text-delta', choice: 0, text: 'zero' },
    { type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'stop' } },
  ])
  assert.deepEqual(
    answer.choices.map(({ index, finish }) => [index, finish.unified]),
    [
      [0, 'stop'],
      [1, 'other'],
    ],
  )
})

test('an answer that was built stays as it is when more is added', () => {
  const builder = createAnswerBuilder()
  const citation = { origin: 'openai-chat', value: null } as const
  builder.add({ type: 'text-delta', choice: 0, text: 'a' })
  builder.add({ type: 'citation', choice: 0, citation })
  builder.add({ type: 'citation', choice: 0, citation })
  const early = builder.build()
  builder.add({ type: 'citation', choice: 0, citation })
  const countOf = ({ choices }: typeof early) => {
    const part = choices[0]?.parts[0]
    return part?.type === 'text' ? part.citations?.length : undefined
  }
  assert.equal(countOf(early), 2)
  assert.equal(countOf(builder.build()), 3)
})

test('the tokens of a part that came complete are added to it, and its own list is left alone', () => {
  const carry = { origin: 'openai-chat', kind: 'item', value: 'a' } as const
  const part = { type: 'opaque', kind: 'x', origin: 'openai-chat', value: null, carry: [carry] } as const
  const { choices } = fold([
    { type: 'part', choice: 0, part },
    { type: 'carry', choice: 0, carry },
  ])
  assert.equal(choices[0]?.parts[0]?.carry?.length, 2)
  assert.equal(part.carry.length, 1)
})
