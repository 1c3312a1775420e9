/** What a request of the Responses API comes to as a question. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type {
  ResponseCreateParams,
  ResponseInput,
  ResponseReasoningItem,
} from 'openai/resources/responses/responses'
import type { ChatQuestion, Part } from '#core/domain/chat.ts'
import { writeForeignPart } from '#http/openai/foreign-part.ts'
import { writeEncrypted } from '#http/openai/responses/carried-reasoning.ts'
import { readResponseQuestion } from '#http/openai/responses/response-question.ts'
import { responseRequest } from '#http/openai/responses/response-request-schema.ts'
import { parseWith } from '#http/schema-problem.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'

const read = (request: ResponseCreateParams): ChatQuestion =>
  readResponseQuestion(parseWith(responseRequest, JSON.parse(JSON.stringify(request))))
const messagesOf = (input: ResponseInput) => read({ model: 'm', input }).messages
/** The parts of the assistant's only turn. */
const assistant = (...items: ResponseInput): readonly Part[] =>
  messagesOf(items).find(({ role }) => role === 'assistant')?.parts ?? []

const call = (id: string) =>
  ({ type: 'function_call', call_id: id, name: 'f', arguments: '{"a":1}' }) as const
const callPart = { type: 'tool_call', name: 'f', kind: 'function', argumentsText: '{"a":1}' } as const
const vessel = (encrypted_content: string | null): ResponseReasoningItem => ({
  type: 'reasoning',
  id: 'rs_1',
  summary: [],
  encrypted_content,
})
const signature = { origin: 'gemini-generate', kind: 'thought_signature', value: 'sig' } as const

describe('the conversation', () => {
  test('text alone is what the user says, after the instructions', () => {
    assert.deepEqual(read({ instructions: 'Be brief.', input: 'Hi' }).messages, [
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
    ])
  })

  test('messages may leave out their type, and parts of every kind are read', () => {
    const [system, user] = messagesOf([
      { role: 'developer', content: 'Be brief.' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'Look' },
          { type: 'input_image', image_url: tinyImages.png, detail: 'low' },
          { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' },
          { type: 'input_image', file_id: 'file-1', detail: 'auto' },
          { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0xLjc=', filename: 'a.pdf' },
          { type: 'input_file', file_url: 'https://example.com/a.pdf' },
          { type: 'input_file', file_id: 'file-2' },
        ],
      },
    ])
    assert.equal(system?.role, 'developer')
    assert.deepEqual(
      user?.parts.map((part) => [part.type, 'source' in part ? part.source.kind : '']),
      [
        ['text', ''],
        ['image', 'inline'],
        ['image', 'url'],
        ['image', 'file'],
        ['document', 'inline'],
        ['document', 'url'],
        ['document', 'file'],
      ],
    )
    assert.deepEqual(
      user?.parts.map((part) => ('detail' in part ? part.detail : undefined)),
      [undefined, 'low', 'auto', 'auto', undefined, undefined, undefined],
    )
  })

  test('a mark for the prompt cache is a hint on its part', () => {
    const [user] = messagesOf([
      {
        role: 'user',
        content: [{ type: 'input_text', text: 'Long', prompt_cache_breakpoint: { mode: 'explicit' } }],
      },
    ])
    assert.deepEqual(user?.parts, [{ type: 'text', text: 'Long', cacheHint: {} }])
  })

  test('what the assistant did in one turn is one message, in its order', () => {
    const messages = messagesOf([
      { role: 'user', content: 'Go' },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }] },
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        phase: 'commentary',
        content: [{ type: 'output_text', text: 'Wait.', annotations: [] }],
      },
      call('c1'),
      { type: 'custom_tool_call', call_id: 'c2', name: 'sql', input: 'select 1' },
      { type: 'function_call_output', call_id: 'c1', output: 'one' },
      {
        type: 'custom_tool_call_output',
        call_id: 'c2',
        output: [
          { type: 'input_text', text: 'two' },
          { type: 'input_image', image_url: tinyImages.png, detail: 'auto' },
        ],
      },
    ])
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['user', 'assistant', 'tool', 'tool'],
    )
    assert.deepEqual(
      messages[1]?.parts.map(({ type }) => type),
      ['reasoning', 'text', 'tool_call', 'tool_call'],
    )
    assert.deepEqual(messages[1]?.parts[1]?.carry?.[0]?.extras, { phase: 'commentary' })
    const results = messages.slice(2).flatMap(({ parts }) => parts)
    assert.deepEqual(
      results.map((part) => part.type === 'tool_result' && [part.callId, part.parts.length]),
      [
        ['c1', 1],
        ['c2', 2],
      ],
    )
  })

  test('items of other kinds are kept whole for their own API, in their place', () => {
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed' }
    const future = { type: 'item_of_tomorrow', id: 'x', more: [1] }
    const parts = assistant(...([search, future] as unknown as ResponseInput))
    assert.deepEqual(parts, [
      { type: 'opaque', kind: 'web_search_call', origin: 'openai-responses', value: search },
      { type: 'opaque', kind: 'item_of_tomorrow', origin: 'openai-responses', value: future },
    ])
  })

  test('a picture that a model made is a picture again', () => {
    const result = tinyImages.png.slice(tinyImages.png.indexOf(',') + 1)
    const [part] = assistant({ type: 'image_generation_call', id: 'ig_1', status: 'completed', result })
    assert.deepEqual(part, {
      type: 'image',
      source: { kind: 'inline', base64: result },
      mediaType: 'image/png',
    })
  })
})

describe('thinking', () => {
  test("comes back with OpenAI's own token as it was", () => {
    const summary = [
      { type: 'summary_text', text: 'One. ' },
      { type: 'summary_text', text: 'Two.' },
    ] as const
    const [part] = assistant({
      type: 'reasoning',
      id: 'rs_1',
      summary: [...summary],
      encrypted_content: 'gAAAA',
    })
    assert.deepEqual(part, {
      type: 'reasoning',
      text: 'One. Two.',
      carry: [
        {
          origin: 'openai-responses',
          kind: 'encrypted',
          value: 'gAAAA',
          itemId: 'rs_1',
          extras: { summary },
        },
      ],
    })
  })

  test('comes back with the tokens of any provider', () => {
    const carry = [{ origin: 'anthropic-messages', kind: 'signature', value: 'sig' }] as const
    const item = {
      ...vessel(writeEncrypted(carry)),
      summary: [{ type: 'summary_text' as const, text: 'Hm' }],
    }
    assert.deepEqual(assistant(item), [{ type: 'reasoning', text: 'Hm', carry }])
  })

  test('a token finds its call, before it or after it', () => {
    const token = vessel(writeEncrypted([signature], { kind: 'call', callId: 'c2' }))
    const expected = [
      { ...callPart, id: 'c1' },
      { ...callPart, id: 'c2', carry: [signature] },
    ]
    assert.deepEqual(assistant(call('c1'), call('c2'), token), expected)
    assert.deepEqual(assistant(token, call('c1'), call('c2')), expected)
  })

  test('a token finds its text, or stands on an empty one', () => {
    const token = vessel(writeEncrypted([signature], { kind: 'text' }))
    assert.deepEqual(assistant({ role: 'assistant', content: 'Yes.' }, token), [
      { type: 'text', text: 'Yes.', carry: [signature] },
    ])
    assert.deepEqual(assistant(call('c1'), token).at(-1), { type: 'text', text: '', carry: [signature] })
  })

  test('a part of another provider is that part again, with its tokens', () => {
    const part = {
      type: 'server_tool',
      phase: 'result',
      name: 'web_search',
      origin: 'anthropic-messages',
      value: { type: 'web_search_tool_result', content: [] },
      carry: [signature],
    } as const
    assert.deepEqual(assistant(vessel(writeForeignPart(part))), [part])
    const unknown = { type: 'opaque', kind: 'x', origin: 'gemini-generate', value: { x: 1 } } as const
    assert.deepEqual(assistant(vessel(writeForeignPart(unknown))), [unknown])
  })

  test('text alone may be what its provider wants back, and nothing is nothing', () => {
    const [part] = assistant({
      type: 'reasoning',
      id: 'rs_1',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'Hm' }],
    })
    assert.equal(part?.type === 'reasoning' && part.text, 'Hm')
    assert.equal(part?.carry?.[0]?.kind, 'reasoning_content')
    assert.deepEqual(assistant(vessel(null)), [])
  })
})
