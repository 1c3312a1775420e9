import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatQuestion } from '#core/domain/chat.ts'
import { continuationOf, continuationWay, isContinuable } from '#core/domain/continuation.ts'
import { fakeTarget } from '#tests/support/fake-rooms.ts'

const plain: ChatQuestion = {
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Tell me a story' }] }],
  isStreamed: true,
}

test('plain text may be gone on with, also where tools are offered; anything else may not', () => {
  const tool = { kind: 'function', name: 'f' } as const
  assert.equal(isContinuable(plain), true)
  assert.equal(isContinuable({ ...plain, tools: [tool], toolChoice: { mode: 'auto' } }), true)
  assert.equal(isContinuable({ ...plain, responseFormat: { type: 'text' } }), true)
  const others: readonly Partial<ChatQuestion>[] = [
    { answerCount: 2 },
    { logprobs: {} },
    { responseFormat: { type: 'json' } },
    { responseFormat: { type: 'json_schema', name: 'x', schema: {} } },
    { outputModalities: ['text', 'audio'] },
    { toolChoice: { mode: 'required' } },
    { toolChoice: { mode: 'named', name: 'f' } },
    { toolChoice: { mode: 'allowed', names: ['f'], isRequired: true } },
    { tools: [{ kind: 'server', name: 'web_search', origin: 'anthropic-messages', value: {} }] },
    { messages: [...plain.messages, { role: 'assistant', parts: [{ type: 'text', text: 'Once' }] }] },
  ]
  for (const other of others)
    assert.equal(isContinuable({ ...plain, ...other }), false, JSON.stringify(other))
})

test('only a model known to do so goes on by itself, and only while it does not think', () => {
  const target = fakeTarget('some')
  const able = { ...target, card: { ...target.card, quirks: new Set(['continues_answers']) } }
  assert.equal(continuationWay(target, plain), 'asked')
  assert.equal(continuationWay(able, plain), 'by-itself')
  assert.equal(continuationWay(able, { ...plain, reasoning: { effort: 'high' } }), 'asked')
  assert.equal(continuationWay(able, { ...plain, reasoning: { effort: 'none' } }), 'by-itself')
})

test('what was shown stands last, or before the request to go on from its last words', () => {
  const byItself = continuationOf(plain, 'Once upon a time ', 'by-itself')
  assert.deepEqual(byItself.question.messages.at(-1), {
    role: 'assistant',
    parts: [{ type: 'text', text: 'Once upon a time' }],
  })
  assert.equal(byItself.anchor, undefined)
  const asked = continuationOf(plain, 'Once upon a time ', 'asked')
  assert.equal(asked.anchor, 'Once upon a time')
  assert.deepEqual(
    asked.question.messages.map(({ role }) => role),
    ['user', 'assistant', 'user'],
  )
  const [part] = asked.question.messages.at(-1)?.parts ?? []
  assert.ok(part?.type === 'text' && part.text.includes('\nOnce upon a time\n'))
})
