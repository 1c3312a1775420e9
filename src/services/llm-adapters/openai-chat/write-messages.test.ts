/** Facts about conversations in chat completion requests; messages have the types of OpenAI's own client. */
import type { ChatCompletionMessageParam } from 'openai/resources'
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChatMessage, Part } from '#core/domain/chat.ts'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import {
  call,
  encodeWith,
  hello,
  inline,
  isUnsupported,
  result,
  says,
  sentBody,
  text,
} from '#tests/support/adapter-writing.ts'
import type { Circumstances } from '#tests/support/adapter-writing.ts'

const messagesOf = (messages: readonly ChatMessage[], circumstances?: Circumstances) =>
  sentBody(encodeWith(openAiChat, { messages }, circumstances))['messages']

test('media have their forms, and what has none is refused', () => {
  const expected: ChatCompletionMessageParam[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look' },
        { type: 'image_url', image_url: { url: 'data:image/webp;base64,QUJD' } },
        { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'low' } },
        { type: 'file', file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,QUJD' } },
        { type: 'input_audio', input_audio: { data: 'QUJD', format: 'mp3' } },
      ],
    },
  ]
  const url: Part = { type: 'image', detail: 'low', source: { kind: 'url', url: 'https://a.example/b.png' } }
  assert.deepEqual(
    messagesOf([
      says(
        'user',
        text('Look'),
        inline('image', 'image/webp'),
        url,
        inline('document', 'application/pdf'),
        inline('audio', 'audio/mpeg'),
      ),
    ]),
    expected,
  )
  const foreign = { kind: 'file', fileId: 'file_1', origin: 'anthropic-messages' } as const
  assert.throws(() => messagesOf([says('user', { type: 'document', source: foreign })]), isUnsupported)
})

test('calls, results, errors and pictures in results make a valid conversation', () => {
  const expected: ChatCompletionMessageParam[] = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
        { id: 'b', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'a', content: 'seen' },
    { role: 'tool', tool_call_id: 'b', content: 'Error: broken' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'From the result of tool call a:' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
      ],
    },
    { role: 'assistant', content: 'Done.' },
  ]
  assert.deepEqual(
    messagesOf([
      says('developer', text('Be brief.')),
      hello,
      says('assistant', call('a'), call('b')),
      says('tool', result('a', [text('seen'), inline('image', 'image/png')])),
      says('tool', result('b', [text('broken')], true)),
      says('assistant', text('Done.')),
    ]),
    expected,
  )
})

test('results inside a user message come first, as messages of their own', () => {
  const messages = [says('assistant', call('a')), says('user', result('a', [text('1')]), text('And now?'))]
  assert.deepEqual((messagesOf(messages) as unknown[]).slice(1), [
    { role: 'tool', tool_call_id: 'a', content: '1' },
    { role: 'user', content: 'And now?' },
  ])
})

test('thinking goes back only to those who want it, tokens only to where they came from', () => {
  const detail = { type: 'reasoning.text', text: 'why', format: 'x', index: 0 }
  const thought: Part = {
    type: 'reasoning',
    text: 'why',
    carry: [
      { origin: 'openai-chat', kind: 'signature', value: 'SIG', extras: detail },
      { origin: 'anthropic-messages', kind: 'signature', value: 'OTHER' },
    ],
  }
  const turn = [says('assistant', thought, text('because'))]
  const plain = { role: 'assistant', content: 'because' }
  assert.deepEqual(messagesOf(turn), [plain])
  assert.deepEqual(messagesOf(turn, { quirks: ['reasoning_content_returned'] }), [
    { ...plain, reasoning_content: 'why' },
  ])
  assert.deepEqual(messagesOf(turn, { quirks: ['reply_members_returned'] }), [
    { ...plain, reasoning_details: [{ ...detail, signature: 'SIG' }] },
  ])
})

test('a cousin gets the roles and ids that it takes', () => {
  const written = messagesOf(
    [says('developer', text('x')), says('assistant', call('call_123')), says('tool', result('call_123', []))],
    { quirks: ['no_developer_role', 'nine_character_tool_ids'] },
  ) as { role: string; tool_calls?: { id: string }[]; tool_call_id?: string }[]
  assert.equal(written[0]?.role, 'system')
  assert.match(written[1]?.tool_calls?.[0]?.id ?? '', /^[A-Za-z0-9]{9}$/)
  assert.equal(written[2]?.tool_call_id, written[1]?.tool_calls?.[0]?.id)
})
