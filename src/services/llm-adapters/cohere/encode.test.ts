/** A question in Cohere's form. */
import assert from 'node:assert/strict'
import test from 'node:test'

import type { ChatMessage, ChatQuestion, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { cohereChat } from '#services/llm-adapters/cohere/cohere.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const text = (value: string): Part => ({ type: 'text', text: value })
const says = (role: ChatMessage['role'], ...parts: readonly Part[]): ChatMessage => ({ role, parts })
const hello = says('user', text('Hello'))
const call = (id: string, argumentsText = '{"a":1}'): Part => ({
  type: 'tool_call',
  id,
  name: 'weather',
  kind: 'function',
  argumentsText,
})
const result = (callId: string, isError: boolean, ...parts: readonly Part[]): Part => ({
  type: 'tool_result',
  callId,
  parts,
  isError,
})
const weather = { kind: 'function', name: 'weather' } as const
const time = { kind: 'function', name: 'time', parameters: { type: 'object' }, isStrict: true } as const
const emptySchema = { type: 'object', properties: {} }

function encode(question: Partial<ChatQuestion>) {
  const target = recordedTarget({ dialect: 'cohere-chat', model: 'command-x' })
  const terms = { maxOutputTokens: 4_096, requestId: 'r' }
  return cohereChat.encode({ messages: [hello], isStreamed: false, ...question }, target, terms)
}

const bodyOf = (question: Partial<ChatQuestion>) => JSON.parse(String(encode(question).body)) as JsonObject

function refusal(question: Partial<ChatQuestion>, code: ProblemCode): void {
  assert.throws(
    () => encode(question),
    (thrown) => thrown instanceof Problem && thrown.code === code,
  )
}

test('everything that Cohere has a word for is said in that word', () => {
  assert.equal(encode({}).path, '/chat')
  const body = bodyOf({
    messages: [says('developer', text('Be brief.')), hello],
    isStreamed: true,
    temperature: 0.3,
    topP: 1,
    topK: 900,
    seed: 7,
    frequencyPenalty: 0.5,
    presencePenalty: 0,
    stopSequences: ['END'],
    logprobs: {},
    reasoning: { effort: 'high' },
    responseFormat: { type: 'json_schema', name: 'x', schema: { type: 'object' } },
    endUser: 'u-1',
  })
  assert.deepEqual(body, {
    model: 'command-x',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ],
    max_tokens: 4_096,
    stream: true,
    response_format: { type: 'json_object', json_schema: { type: 'object' } },
    thinking: { type: 'enabled', token_budget: 3_072 },
    temperature: 0.3,
    p: 0.99,
    k: 500,
    seed: 7,
    frequency_penalty: 0.5,
    presence_penalty: 0,
    stop_sequences: ['END'],
    logprobs: true,
  })
})

test('calls, plans and results have their own places', () => {
  const plan: Part = { type: 'text', text: 'I will look.', isToolPlan: true }
  const image: Part = {
    type: 'image',
    source: { kind: 'inline', base64: 'AAAA' },
    mediaType: 'image/png',
    detail: 'low',
  }
  const document: Part = { type: 'document', source: { kind: 'text', text: 'Facts' }, filename: 'facts.txt' }
  const body = bodyOf({
    messages: [
      hello,
      says('assistant', plan, call('c1'), call('c2', '')),
      says('tool', result('c1', false, text('sunny'))),
      says('tool', result('c2', true, text('broken'), document)),
      says('user', text('And this?'), image, document),
      says('assistant', { type: 'reasoning', text: 'Hm' }, text('Fine.')),
    ],
  })
  const fact = { type: 'document', document: { data: { title: 'facts.txt', text: 'Facts' } } }
  assert.deepEqual((body['messages'] as readonly JsonObject[]).slice(1), [
    {
      role: 'assistant',
      tool_plan: 'I will look.',
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"a":1}' } },
        { id: 'c2', type: 'function', function: { name: 'weather', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
    {
      role: 'tool',
      tool_call_id: 'c2',
      content: [{ type: 'text', text: 'Error:' }, { type: 'text', text: 'broken' }, fact],
    },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'And this?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
        { type: 'text', text: 'Facts' },
      ],
    },
    { role: 'assistant', content: 'Fine.' },
  ])
})

test('a named tool is the only one sent, and must be called', () => {
  const chosen = (question: Partial<ChatQuestion>) => {
    const body = bodyOf({ tools: [weather, time], ...question })
    const names = (body['tools'] as readonly { function: { name: string } }[]).map(
      (tool) => tool.function.name,
    )
    return [body['tool_choice'], names]
  }
  assert.deepEqual(chosen({}), [undefined, ['weather', 'time']])
  assert.deepEqual(chosen({ toolChoice: { mode: 'none' } }), ['NONE', ['weather', 'time']])
  assert.deepEqual(chosen({ toolChoice: { mode: 'required' } }), ['REQUIRED', ['weather', 'time']])
  assert.deepEqual(chosen({ toolChoice: { mode: 'named', name: 'time' } }), ['REQUIRED', ['time']])
  assert.deepEqual(chosen({ toolChoice: { mode: 'allowed', names: ['time'], isRequired: false } }), [
    undefined,
    ['time'],
  ])
  assert.deepEqual(bodyOf({ tools: [weather] })['tools'], [
    { type: 'function', function: { name: 'weather', parameters: emptySchema } },
  ])
  assert.equal(bodyOf({ tools: [weather] })['strict_tools'], undefined)
  assert.equal(bodyOf({ tools: [time] })['strict_tools'], true)
})

test('thinking can be switched off, and left to the model', () => {
  assert.deepEqual(bodyOf({ reasoning: { effort: 'none' } })['thinking'], { type: 'disabled' })
  assert.deepEqual(bodyOf({ reasoning: { isShown: true } })['thinking'], { type: 'enabled' })
  assert.deepEqual(bodyOf({ reasoning: { budgetTokens: 100 } })['thinking'], {
    type: 'enabled',
    token_budget: 100,
  })
})

test('what would change the answer and has no form is refused by name', () => {
  refusal({ answerCount: 2 }, 'unsupported_feature')
  refusal({ logprobs: { top: 3 } }, 'unsupported_feature')
  refusal({ stopSequences: ['1', '2', '3', '4', '5', '6'] }, 'unsupported_feature')
  refusal({ presencePenalty: -1 }, 'unsupported_feature')
  refusal({ tools: [weather], responseFormat: { type: 'json' } }, 'unsupported_feature')
  refusal({ tools: [weather], isParallelToolUseAllowed: false }, 'unsupported_feature')
  refusal({ tools: [{ kind: 'custom', name: 'grep' }] }, 'unsupported_feature')
  refusal({ toolChoice: { mode: 'required' } }, 'missing_field')
  const pdf: Part = { type: 'document', source: { kind: 'inline', base64: 'JVBERi0' } }
  refusal({ messages: [says('user', pdf)] }, 'unsupported_media_type')
  refusal({ messages: [hello, says('tool', result('c9', false))] }, 'invalid_value')
  refusal({ messages: [hello, says('assistant', call('c1')), hello] }, 'invalid_value')
  refusal({ messages: [says('user', text(' '))] }, 'empty_prompt')
})

test('a request of the same dialect keeps every character but the model and the cap', () => {
  const source = '{"model":"alias", "brand_new": 1.50, "messages":[]}'
  const native = {
    dialect: 'cohere-chat',
    text: source,
    body: JSON.parse(source) as JsonObject,
    members: new Map([['model', { start: 9, end: 16 }]]),
  } as const
  assert.equal(
    encode({ native }).body,
    '{"model":"command-x", "brand_new": 1.50, "messages":[],"max_tokens":4096}',
  )
})
