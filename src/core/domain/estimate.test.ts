import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatQuestion, Part } from '#core/domain/chat.ts'
import { estimateInput } from '#core/domain/estimate.ts'
import { abilitiesNeeded } from '#core/domain/needs.ts'

const ask = (parts: readonly Part[], rest: Partial<ChatQuestion> = {}): ChatQuestion => ({
  messages: [{ role: 'user', parts }],
  isStreamed: false,
  ...rest,
})

test('the bound for holding money is above the likely count, and both grow with the text', () => {
  const short = estimateInput(ask([{ type: 'text', text: 'x'.repeat(100) }]))
  const long = estimateInput(ask([{ type: 'text', text: 'x'.repeat(10_000) }]))
  assert.ok(short.bound > short.likely)
  assert.equal(long.bound - short.bound, 9_900 / 2)
  assert.equal(long.likely - short.likely, 9_900 / 4)
})

test('everything that a provider counts is counted: media, tools, schemas, tool results', () => {
  const plain = estimateInput(ask([{ type: 'text', text: 'look' }])).bound
  const source = { kind: 'inline', base64: 'A'.repeat(100_000) } as const
  const heavier: ChatQuestion[] = [
    ask([
      { type: 'text', text: 'look' },
      { type: 'image', source },
    ]),
    ask([
      { type: 'text', text: 'look' },
      { type: 'document', source },
    ]),
    ask([{ type: 'text', text: 'look' }], {
      tools: [{ kind: 'function', name: 'f', parameters: { type: 'object' } }],
    }),
    ask([{ type: 'text', text: 'look' }], {
      responseFormat: { type: 'json_schema', name: 's', schema: { type: 'object', title: 'x'.repeat(200) } },
    }),
    ask([
      {
        type: 'tool_result',
        callId: 'a',
        isError: false,
        parts: [{ type: 'text', text: 'long '.repeat(100) }],
      },
    ]),
  ]
  for (const question of heavier) assert.ok(estimateInput(question).bound > plain)
})

test('what a question needs is read from the question', () => {
  const question = ask(
    [
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
      { type: 'document', source: { kind: 'text', text: 'plain' } },
      {
        type: 'tool_result',
        callId: 'a',
        isError: false,
        parts: [{ type: 'audio', source: { kind: 'inline', base64: '' } }],
      },
    ],
    {
      tools: [{ kind: 'function', name: 'f' }],
      toolChoice: { mode: 'named', name: 'f' },
      responseFormat: { type: 'json' },
      answerCount: 2,
      logprobs: {},
      outputModalities: ['text', 'audio'],
    },
  )
  assert.deepEqual([...abilitiesNeeded(question)].sort(), [
    'audio_input',
    'audio_output',
    'image_input',
    'json_object',
    'logprobs',
    'multiple_answers',
    'tool_choice',
    'tools',
  ])
  assert.deepEqual([...abilitiesNeeded(ask([{ type: 'text', text: 'hi' }]))], [])
})
