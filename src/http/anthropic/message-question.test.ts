/** What a request of the Messages API says, in the gateway's own words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatQuestion } from '#core/domain/chat.ts'
import { readMessageQuestion } from '#http/anthropic/message-question.ts'
import { messageRequest } from '#http/anthropic/message-schema.ts'
import { readJsonBody } from '#http/json-body.ts'
import { writeCarriedToken } from '#http/carried-token.ts'

const hello = { role: 'user', content: 'hi' }

function read(changes: object, headers: Readonly<Record<string, string>> = {}): ChatQuestion {
  const value = { model: 'm', max_tokens: 10, messages: [hello], ...changes }
  const body = readJsonBody(Buffer.from(JSON.stringify(value)))
  return readMessageQuestion(messageRequest.parse(body.value), body, headers)
}

/** The same without the request itself. */
function words(changes: object): Partial<ChatQuestion> {
  const { native: _, isStreamed: __, maxOutputTokens: ___, ...question } = read(changes)
  return question
}

test('instructions come first, and later ones stay where they are', () => {
  const { messages } = words({
    system: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }],
    messages: [hello, { role: 'assistant', content: 'ho' }, { role: 'system', content: 'Be brief.' }],
  })
  assert.deepEqual(
    messages?.map(({ role }) => role),
    ['system', 'user', 'assistant', 'system'],
  )
  assert.deepEqual(messages?.[0]?.parts, [{ type: 'text', text: 'Be kind.', cacheHint: {} }])
})

test('results of tools are a message of their own, before what the user says with them', () => {
  const call = { type: 'tool_use', id: 'a', name: 'look', input: { x: 1 }, caller: { type: 'direct' } }
  const results = [
    {
      type: 'tool_result',
      tool_use_id: 'a',
      is_error: true,
      content: [{ type: 'text', text: 'no' }],
      cache_control: { type: 'ephemeral', ttl: '1h' },
    },
    { type: 'text', text: 'Try again.' },
  ]
  const { messages } = words({
    messages: [hello, { role: 'assistant', content: [call] }, { role: 'user', content: results }],
  })
  assert.deepEqual(messages?.slice(1), [
    {
      role: 'assistant',
      parts: [{ type: 'tool_call', id: 'a', name: 'look', kind: 'function', argumentsText: '{"x":1}' }],
    },
    {
      role: 'tool',
      parts: [
        {
          type: 'tool_result',
          callId: 'a',
          parts: [{ type: 'text', text: 'no' }],
          isError: true,
          cacheHint: { ttl: '1h' },
        },
      ],
    },
    { role: 'user', parts: [{ type: 'text', text: 'Try again.' }] },
  ])
})

test('tools, strict ones and those that Anthropic runs, and who may be called', () => {
  const schema = { type: 'object', properties: {} }
  const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 2 }
  const tools = [{ name: 'look', input_schema: schema, strict: true, defer_loading: true }, search]
  assert.deepEqual(words({ tools }).tools, [
    { kind: 'function', name: 'look', parameters: schema, isStrict: true, extras: { defer_loading: true } },
    { kind: 'server', name: 'web_search', origin: 'anthropic-messages', value: search },
  ])
  for (const [choice, mode, isParallel] of [
    [{ type: 'auto' }, { mode: 'auto' }, undefined],
    [{ type: 'any', disable_parallel_tool_use: true }, { mode: 'required' }, false],
    [{ type: 'tool', name: 'look', disable_parallel_tool_use: false }, { mode: 'named', name: 'look' }, true],
    [{ type: 'none' }, { mode: 'none' }, undefined],
  ] as const) {
    const { toolChoice, isParallelToolUseAllowed } = words({ tools, tool_choice: choice })
    assert.deepEqual([toolChoice, isParallelToolUseAllowed], [mode, isParallel])
  }
})

test('how much to think, and whether it is shown', () => {
  const cases = [
    [{ thinking: { type: 'enabled', budget_tokens: 2_000 } }, { budgetTokens: 2_000, isShown: true }],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, { isShown: false }],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } },
      { effort: 'max', isShown: true },
    ],
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }],
    [{ thinking: { type: 'between_tools' } }, { effort: 'none' }],
    [{ output_config: { effort: 'low' } }, { effort: 'low' }],
    [{}, undefined],
  ] as const
  for (const [changes, wish] of cases) assert.deepEqual(words(changes).reasoning, wish)
})

test('a schema in either of its places, strict where it leaves nothing open', () => {
  const closed = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  }
  const format = { type: 'json_schema', schema: closed }
  const wish = { type: 'json_schema', name: 'answer', schema: closed, isStrict: true }
  assert.deepEqual(words({ output_config: { format } }).responseFormat, wish)
  assert.deepEqual(words({ output_format: format }).responseFormat, wish)
  const open = { ...closed, required: [] }
  const { responseFormat } = words({ output_format: { type: 'json_schema', schema: open } })
  assert.deepEqual(responseFormat, { type: 'json_schema', name: 'answer', schema: open })
})

test("the caller's headers and own members travel with the request", () => {
  const question = read({ inference_geo: 'eu', container: null }, { 'anthropic-beta': 'a,b', 'x-other': 'c' })
  assert.deepEqual(question.native?.headers, { 'anthropic-beta': 'a,b' })
  assert.deepEqual(question.unsaid, ['inference_geo'])
})

test('a mark for the whole request stands at its end', () => {
  const { messages } = words({ cache_control: { type: 'ephemeral', ttl: '5m' } })
  assert.deepEqual(messages?.at(-1)?.parts.at(-1)?.cacheHint, { ttl: '5m' })
})

const token = writeCarriedToken([
  { origin: 'anthropic-messages', kind: 'item', value: 'call', itemId: 'a' },
  { origin: 'gemini-generate', kind: 'thought_signature', value: 'c2ln' },
])
const round = (id: string) => [
  hello,
  {
    role: 'assistant',
    content: [
      { type: 'redacted_thinking', data: token },
      { type: 'tool_use', id, name: 'look', input: { big: 1 } },
    ],
  },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: id }] },
]

test('what only this gateway understands is left out of what Anthropic gets', () => {
  const { native } = read({ messages: round('a'), brand_new: 1 })
  assert.ok(native && !native.text.includes('signalbx'))
  assert.equal(native.body['brand_new'], 1)
  const span = native.members.get('brand_new')
  assert.equal(native.text.slice(span?.start, span?.end), '1')
})

test('a conversation that Anthropic would refuse is written anew', () => {
  assert.equal(read({ messages: round('functions.look:0') }).native, undefined)
  const thinking = { type: 'enabled', budget_tokens: 1_024 }
  assert.equal(read({ max_tokens: 2_000, messages: round('a'), thinking }).native, undefined)
})
