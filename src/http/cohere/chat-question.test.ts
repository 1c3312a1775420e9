/** Requests of POST /v2/chat as questions, and as what Cohere itself is sent. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChatQuestion, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { writeCarriedToken } from '#http/carried-token.ts'
import { readChatQuestion } from '#http/cohere/chat-question.ts'
import { chatRequest } from '#http/cohere/chat-schema.ts'
import { readJsonBody } from '#http/json-body.ts'
import { parseWith } from '#http/schema-problem.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'

const hello = { role: 'user', content: 'Hi' }

function read(body: unknown): ChatQuestion {
  const json = readJsonBody(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
  return readChatQuestion(parseWith(chatRequest, json.value), json)
}

const wordsOf = (more: JsonObject) => {
  const { native: _native, ...words } = read({ model: 'm', messages: [hello], ...more })
  return words
}
const partsOf = (message: unknown): readonly Part[] => read({ messages: [message] }).messages[0]?.parts ?? []

describe('the words', () => {
  test('every setting has its word, and what says nothing has none', () => {
    const { messages: _messages, ...settings } = wordsOf({
      stream: true,
      max_tokens: 9,
      stop_sequences: ['END'],
      temperature: 0,
      p: 0.5,
      k: 3,
      seed: 0,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      logprobs: true,
      priority: 5,
    })
    assert.deepEqual(settings, {
      isStreamed: true,
      maxOutputTokens: 9,
      stopSequences: ['END'],
      temperature: 0,
      topP: 0.5,
      topK: 3,
      seed: 0,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      logprobs: {},
    })
    const bare = wordsOf({
      stream: null,
      stop_sequences: [],
      k: 0,
      logprobs: false,
      tools: [],
      tool_choice: null,
      response_format: null,
      documents: null,
      safety_mode: 'CONTEXTUAL',
      citation_options: { mode: 'OFF' },
    })
    assert.deepEqual(bare, {
      isStreamed: false,
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    })
  })

  test('tools are strict together, and a choice is theirs', () => {
    const tools = [
      { type: 'function', function: { name: 'f', description: 'F', parameters: { type: 'object' } } },
      { type: 'function', function: { name: 'g' } },
    ]
    const words = wordsOf({ tools, strict_tools: true, tool_choice: 'REQUIRED' })
    assert.deepEqual(words.tools, [
      { kind: 'function', name: 'f', description: 'F', parameters: { type: 'object' }, isStrict: true },
      { kind: 'function', name: 'g', isStrict: true },
    ])
    assert.deepEqual(words.toolChoice, { mode: 'required' })
    assert.deepEqual(wordsOf({ tools, tool_choice: 'NONE' }).toolChoice, { mode: 'none' })
    assert.equal(
      wordsOf({ tools }).tools?.some((tool) => 'isStrict' in tool),
      false,
    )
  })

  test('a schema goes by either of its names', () => {
    const schema = { type: 'object' }
    const wanted = { type: 'json_schema', name: 'answer', schema }
    const formOf = (response_format: JsonObject) => wordsOf({ response_format }).responseFormat
    assert.deepEqual(formOf({ type: 'json_object', json_schema: schema }), wanted)
    assert.deepEqual(formOf({ type: 'json_object', schema }), wanted)
    assert.deepEqual(formOf({ type: 'json_object' }), { type: 'json' })
    assert.deepEqual(formOf({ type: 'text' }), { type: 'text' })
  })

  test('thinking has a budget, its own measure, or is off', () => {
    const thinkingOf = (thinking: JsonObject) => wordsOf({ thinking }).reasoning
    assert.deepEqual(thinkingOf({ type: 'enabled', token_budget: 500 }), { budgetTokens: 500, isShown: true })
    assert.deepEqual(thinkingOf({ type: 'enabled' }), { budgetTokens: -1, isShown: true })
    assert.deepEqual(thinkingOf({ type: 'disabled' }), { effort: 'none' })
  })

  test('the strict safety mode is an instruction before all others', () => {
    const { messages } = wordsOf({ safety_mode: 'STRICT' })
    assert.equal(messages[0]?.role, 'system')
    assert.equal(messages.length, 2)
    assert.equal(wordsOf({ safety_mode: 'NONE' }).messages.length, 1)
  })

  test('citations that are asked for by name bind the request to Cohere', () => {
    const { messages } = wordsOf({ citation_options: { mode: 'FAST' } })
    assert.deepEqual(messages[0]?.parts.at(-1), {
      type: 'opaque',
      kind: 'citation_options',
      origin: 'cohere-chat',
      value: { mode: 'FAST' },
    })
  })
})

describe('messages', () => {
  test('documents stand before the last thing that the user said', () => {
    const documents = [
      'Plain.',
      { data: { text: 'Only text.' } },
      { data: { title: 'Rules', snippet: 'Stop.', page: 3 } },
      { id: 'doc:1', data: 'With an id.' },
    ]
    const messages = [hello, { role: 'assistant', content: 'Yes?' }, { role: 'user', content: 'Where?' }]
    const words = wordsOf({ messages, documents })
    const document = (text: string, filename?: string) => ({
      type: 'document',
      source: { kind: 'text', text },
      mediaType: 'text/plain',
      ...(filename ? { filename } : {}),
    })
    assert.deepEqual(words.messages[2]?.parts, [
      document('Plain.'),
      document('Only text.'),
      document('snippet: Stop.\npage: 3', 'Rules'),
      document('id: doc:1\ntext: With an id.'),
      { type: 'text', text: 'Where?' },
    ])
    assert.equal(words.messages[0]?.parts.length, 1)
    assert.equal(wordsOf({ messages: [{ role: 'system', content: 'x' }], documents }).messages.length, 2)
  })

  test('a user shows text, pictures and documents', () => {
    const parts = partsOf({
      role: 'user',
      content: [
        { type: 'text', text: 'See' },
        { type: 'image_url', image_url: { url: tinyImages.gif, detail: 'low' } },
        { type: 'image_url', image_url: { url: 'https://a.example/x.png' } },
        { type: 'document', document: { data: { text: 'T' } } },
        { type: 'hologram', data: 1 },
      ],
    })
    assert.deepEqual(
      parts.map((part) => [part.type, 'detail' in part ? part.detail : undefined]),
      [
        ['text', undefined],
        ['image', 'low'],
        ['image', undefined],
        ['document', undefined],
        ['opaque', undefined],
      ],
    )
  })

  test('an assistant thinks, speaks, plans and calls', () => {
    const parts = partsOf({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm' },
        { type: 'text', text: 'So' },
        { type: 'text', text: 'No.', is_refusal: true },
      ],
      tool_plan: 'I look.',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: 'null' } },
        { id: 'b', function: { name: 'g', arguments: '{"x":1}' } },
      ],
      citations: [{ start: 0 }],
      images: [{ type: 'image_url', image_url: { url: tinyImages.png } }],
    })
    const carry = [{ origin: 'openai-chat', kind: 'reasoning_content', value: 'Hm' }]
    assert.deepEqual(parts.slice(0, 3), [
      { type: 'reasoning', text: 'Hm', carry },
      { type: 'text', text: 'So' },
      { type: 'refusal', text: 'No.' },
    ])
    assert.equal(parts[3]?.type, 'image')
    assert.deepEqual(parts.slice(4), [
      { type: 'text', text: 'I look.', isToolPlan: true },
      { type: 'tool_call', id: 'a', name: 'f', kind: 'function', argumentsText: '{}' },
      { type: 'tool_call', id: 'b', name: 'g', kind: 'function', argumentsText: '{"x":1}' },
    ])
    assert.deepEqual(partsOf({ role: 'assistant', content: '' }), [])
  })

  test('a tool answers in one text, its documents as JSON', () => {
    const content = [
      { type: 'text', text: 'Two:' },
      { type: 'document', document: { data: { degrees: 21 } } },
      { type: 'document', document: { id: '7', data: 'warm' } },
    ]
    const [part] = partsOf({ role: 'tool', tool_call_id: 'c', content })
    assert.deepEqual(part, {
      type: 'tool_result',
      callId: 'c',
      isError: false,
      parts: [{ type: 'text', text: 'Two:\n{"degrees":21}\n{"id":"7","data":"warm"}' }],
    })
  })
})

describe('what Cohere itself is sent', () => {
  const carried = writeCarriedToken([{ origin: 'gemini-generate', kind: 'thought_signature', value: 's' }])

  test('is the text as it came when nothing in it is ours', () => {
    const text = '{ "messages" : [{"role":"user","content":"Hi","brand_new":1.0}],\n "future": [] }'
    const { native } = read(text)
    assert.equal(native?.text, text)
    assert.deepEqual(native?.members.get('future'), {
      start: text.indexOf('[]'),
      end: text.indexOf('[]') + 2,
    })
  })

  test('has none of our members, and its other members stay as they were written', () => {
    const messages = [
      { role: 'developer', content: 'Be brief.' },
      hello,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '', carried },
          { type: 'text', text: 'No.', is_refusal: true },
        ],
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, carried }],
        images: [],
      },
      { role: 'assistant', content: [{ type: 'thinking', thinking: '', carried }] },
      { role: 'tool', tool_call_id: 'a', content: 'x' },
    ]
    const text = `{"p":0.50,"messages":${JSON.stringify(messages)},"new": 1e2}`
    const { native } = read(text)
    const clean = [
      { role: 'system', content: 'Be brief.' },
      hello,
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'No.' }],
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'assistant', content: '' },
      messages[4],
    ]
    assert.equal(native?.text, `{"p":0.50,"messages":${JSON.stringify(clean)},"new": 1e2}`)
    assert.deepEqual(native.body['messages'], clean)
    const span = native.members.get('new')
    assert.equal(native.text.slice(span?.start, span?.end), '1e2')
  })
})
