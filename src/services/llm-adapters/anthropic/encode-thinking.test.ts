/** Thinking, caching and native requests in Anthropic's form. */
import assert from 'node:assert/strict'
import test from 'node:test'

import type { ChatMessage, ChatQuestion, NativeRequest, Part, TextSpan } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { anthropicMessages } from '#services/llm-adapters/anthropic/anthropic.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const text = (value: string): Part => ({ type: 'text', text: value })
const says = (role: ChatMessage['role'], ...parts: readonly Part[]): ChatMessage => ({ role, parts })

function encode(question: Partial<ChatQuestion>, quirks: readonly string[] = [], maxOutputTokens = 20_000) {
  const target = recordedTarget({ dialect: 'anthropic-messages', model: 'claude-x', modelQuirks: quirks })
  const asked = { messages: [says('user', text('Hello'))], isStreamed: false, ...question }
  const sent = anthropicMessages.encode(asked, target, { maxOutputTokens, requestId: 'r' })
  return { ...sent, json: JSON.parse(String(sent.body)) as JsonObject }
}

const adaptive = ['adaptive_thinking']
const weather = { kind: 'function', name: 'weather' } as const

test('a model that decides itself gets an effort, an older one a budget below the cap', () => {
  const high = encode({ reasoning: { effort: 'high', isShown: true } }, adaptive).json
  assert.deepEqual(high['thinking'], { type: 'adaptive', display: 'summarized' })
  assert.deepEqual(high['output_config'], { effort: 'high' })
  const nearest = encode({ reasoning: { budgetTokens: 9_000 } }, adaptive).json
  assert.deepEqual(nearest['output_config'], { effort: 'medium' })
  const clamped = encode({ reasoning: { effort: 'xhigh' } }, [...adaptive, 'no_xhigh_effort']).json
  assert.deepEqual(clamped['output_config'], { effort: 'high' })
  assert.deepEqual(encode({ reasoning: { effort: 'none' } }, adaptive).json['thinking'], { type: 'disabled' })

  const budget = (reasoning: ChatQuestion['reasoning'], cap: number) =>
    encode({ reasoning }, [], cap).json['thinking']
  assert.deepEqual(budget({ effort: 'medium' }, 20_000), { type: 'enabled', budget_tokens: 8_192 })
  assert.deepEqual(budget({ effort: 'high' }, 4_096), { type: 'enabled', budget_tokens: 3_072 })
  assert.deepEqual(budget({ budgetTokens: 10 }, 20_000), { type: 'enabled', budget_tokens: 1_024 })
  assert.equal(budget({ effort: 'none' }, 20_000), undefined)
})

test('a wish to think that cannot be met is left out and named', () => {
  const tooSmall = encode({ reasoning: { effort: 'high' } }, [], 1_000)
  assert.equal(tooSmall.json['thinking'], undefined)
  assert.deepEqual(tooSmall.dropped, ['reasoning'])
  const forced = { reasoning: { effort: 'low' }, tools: [weather], toolChoice: { mode: 'required' } } as const
  assert.deepEqual(encode(forced).dropped, ['reasoning'])
  assert.deepEqual(encode(forced).json['tool_choice'], { type: 'any' })
  assert.deepEqual(encode(forced, adaptive).dropped, [])
})

test('sampling goes without thinking only', () => {
  const thinking = encode({ reasoning: { effort: 'low' }, temperature: 0.5 })
  assert.equal(thinking.json['temperature'], undefined)
  assert.equal(encode({ temperature: 0.5 }).json['temperature'], 0.5)
})

const signed: Part = {
  type: 'reasoning',
  text: 'Hm.',
  carry: [{ origin: 'anthropic-messages', kind: 'signature', value: 'sig' }],
}
const redacted: Part = {
  type: 'reasoning',
  text: '',
  carry: [{ origin: 'anthropic-messages', kind: 'redacted', value: 'data' }],
}
const foreign: Part = {
  type: 'reasoning',
  text: 'Secret thought',
  carry: [{ origin: 'openai-responses', kind: 'encrypted', value: 'x' }],
}
const call: Part = { type: 'tool_call', id: 'c', name: 'weather', kind: 'function', argumentsText: '{}' }
const answer: Part = { type: 'tool_result', callId: 'c', parts: [text('sunny')], isError: true }

test('thinking returns with its token and in its place; thinking of others never does', () => {
  const messages = [
    says('user', text('Hello')),
    says('assistant', signed, redacted, foreign, text('I look.'), call),
    says('tool', answer),
  ]
  const sent = encode({ messages, tools: [weather], reasoning: { effort: 'low' } })
  const turns = sent.json['messages'] as unknown as { content: JsonObject[] }[]
  assert.deepEqual(turns[1]?.content.slice(0, 3), [
    { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
    { type: 'redacted_thinking', data: 'data' },
    { type: 'text', text: 'I look.' },
  ])
  assert.equal(turns[2]?.content[0]?.['is_error'], true)
  assert.equal((sent.json['thinking'] as JsonObject)['type'], 'enabled')
  assert.doesNotMatch(String(sent.body), /Secret thought/)

  const bare = [messages[0] ?? says('user'), says('assistant', foreign, call), says('tool', answer)]
  assert.deepEqual(encode({ messages: bare, tools: [weather], reasoning: { effort: 'low' } }).dropped, [
    'reasoning',
  ])
})

test('items of Anthropic go back whole, items of others stay out', () => {
  const value = { type: 'web_search_tool_result', tool_use_id: 's', content: [] }
  const own: Part = {
    type: 'server_tool',
    phase: 'result',
    name: 'web_search',
    origin: 'anthropic-messages',
    value,
  }
  const other: Part = { ...own, origin: 'openai-responses' }
  const sent = encode({ messages: [says('user', text('Q')), says('assistant', own, other, text('A'))] })
  const turns = sent.json['messages'] as unknown as { content: JsonObject[] }[]
  assert.deepEqual(turns[1]?.content, [value, { type: 'text', text: 'A' }])
})

test('at most four cache marks go out, and they are the last ones', () => {
  const marked = (value: string, ttl?: string): Part => ({ type: 'text', text: value, cacheHint: { ttl } })
  const sent = encode({
    tools: [{ ...weather, cacheHint: {} }],
    messages: [
      says('system', marked('S')),
      says('user', marked('1', '1h'), marked('2'), marked('3'), marked('4', 'forever')),
    ],
  })
  const parts = (sent.json['messages'] as unknown as { content: JsonObject[] }[])[0]?.content ?? []
  assert.deepEqual(
    parts.map((part) => part['cache_control']),
    [{ type: 'ephemeral', ttl: '1h' }, { type: 'ephemeral' }, { type: 'ephemeral' }, { type: 'ephemeral' }],
  )
  assert.equal(sent.json['system'], 'S')
  assert.equal((sent.json['tools'] as unknown as JsonObject[])[0]?.['cache_control'], undefined)
})

function nativeRequest(source: string, spans: Readonly<Record<string, TextSpan>>): NativeRequest {
  return {
    dialect: 'anthropic-messages',
    body: JSON.parse(source) as JsonObject,
    text: source,
    members: new Map(Object.entries(spans)),
    headers: { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'brand-new' },
  }
}

test('a request of the same dialect keeps every character but the model and the cap', () => {
  const source = '{ "new_field" : 1.0, "model":"alias", "max_tokens": 99999 ,"messages":[] }'
  const at = (piece: string): TextSpan => ({
    start: source.indexOf(piece),
    end: source.indexOf(piece) + piece.length,
  })
  const native = nativeRequest(source, {
    new_field: at('1.0'),
    model: at('"alias"'),
    max_tokens: at('99999'),
    messages: at('[]'),
  })
  const sent = encode({ native }, [], 500)
  assert.equal(sent.body, '{ "new_field" : 1.0, "model":"claude-x", "max_tokens": 500 ,"messages":[] }')
  assert.equal(sent.headers['anthropic-version'], '2026-10-21')
  assert.equal(sent.headers['anthropic-beta'], 'brand-new')
})

test('sampling parameters decide the version of the API', () => {
  const source = '{"model":"claude-x","max_tokens":0,"temperature":1}'
  const sent = encode({ native: nativeRequest(source, { max_tokens: { start: 33, end: 34 } }) })
  assert.equal(sent.body, source)
  assert.equal(sent.headers['anthropic-version'], '2023-06-01')
})
