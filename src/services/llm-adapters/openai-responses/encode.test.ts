/** Facts about response requests; bodies are compared with the types of OpenAI's own client. */
import type { ResponseCreateParams } from 'openai/resources/responses/responses'
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChatMessage, ChatQuestion, Part } from '#core/domain/chat.ts'
import { openAiResponses } from '#services/llm-adapters/openai-responses/openai-responses.ts'
import {
  call,
  encodeWith,
  hello,
  inline,
  isUnsupported,
  nativeOf,
  result,
  says,
  sentBody,
  text,
} from '#tests/support/adapter-writing.ts'
import type { Circumstances } from '#tests/support/adapter-writing.ts'

const encode = (question: Partial<ChatQuestion>, circumstances?: Circumstances) =>
  encodeWith(openAiResponses, question, circumstances)
const bodyOf = (question: Partial<ChatQuestion>, circumstances?: Circumstances) =>
  sentBody(encode(question, circumstances))
const inputOf = (messages: readonly ChatMessage[]) => bodyOf({ messages })['input']

test('nothing is stored, and thinking comes along encrypted', () => {
  const expected: ResponseCreateParams = {
    model: 'gpt-x',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }],
    max_output_tokens: 100,
    store: false,
    include: ['reasoning.encrypted_content'],
    stream: true,
  }
  assert.deepEqual(bodyOf({ isStreamed: true }), expected)
  assert.equal(encode({}).path, '/responses')
  assert.equal(bodyOf({}, { without: ['reasoning'] })['include'], undefined)
})

test('tools are flat and never strict unless asked for', () => {
  const expected: Partial<ResponseCreateParams> = {
    tools: [
      { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
      { type: 'custom', name: 'sql', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
    ],
    tool_choice: { type: 'function', name: 'f' },
    parallel_tool_calls: false,
  }
  const body = bodyOf({
    tools: [
      { kind: 'function', name: 'f' },
      {
        kind: 'custom',
        name: 'sql',
        format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } },
      },
    ],
    toolChoice: { mode: 'named', name: 'f' },
    isParallelToolUseAllowed: false,
  })
  const { tools, tool_choice, parallel_tool_calls } = body
  assert.deepEqual({ tools, tool_choice, parallel_tool_calls }, expected)
})

test('a conversation with thinking, calls and results keeps its order and its tokens, without ids', () => {
  const thought: Part = {
    type: 'reasoning',
    text: 'why',
    carry: [{ origin: 'openai-responses', kind: 'encrypted', value: 'ENC', itemId: 'rs_1' }],
  }
  const foreign: Part = {
    type: 'reasoning',
    text: 'other',
    carry: [{ origin: 'anthropic-messages', kind: 'signature', value: 'SIG' }],
  }
  const final: Part = {
    type: 'text',
    text: 'Done.',
    carry: [{ origin: 'openai-responses', kind: 'item', value: '', extras: { phase: 'final_answer' } }],
  }
  const expected: ResponseCreateParams['input'] = [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"a":1}' },
    {
      type: 'function_call_output',
      call_id: 'a',
      output: [
        { type: 'input_text', text: 'seen' },
        { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,QUJD' },
      ],
    },
  ]
  const input = inputOf([
    says('developer', text('Be brief.')),
    hello,
    says('assistant', thought, foreign, call('a')),
    says('tool', result('a', [text('seen'), inline('image', 'image/png')])),
    says('assistant', final),
  ]) as unknown[]
  const reasoning = {
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: 'why' }],
    encrypted_content: 'ENC',
  }
  const closing = {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'Done.', annotations: [] }],
    phase: 'final_answer',
  }
  assert.deepEqual(input, [...expected.slice(0, 2), reasoning, ...expected.slice(2), closing])
})

test('results of custom calls are told apart, errors say so, and long ids are shortened as pairs', () => {
  const long = 'x'.repeat(90)
  const custom: Part = { type: 'tool_call', id: 'c', name: 'sql', kind: 'custom', argumentsText: 'select 1' }
  const items = inputOf([
    says('assistant', custom, call(long)),
    says('tool', result('c', [text('1')]), result(long, [text('broken')], true)),
  ]) as { type: string; call_id: string; output?: string }[]
  assert.deepEqual(
    items.map((item) => item.type),
    ['custom_tool_call', 'function_call', 'custom_tool_call_output', 'function_call_output'],
  )
  assert.equal(items[1]?.call_id, items[3]?.call_id)
  assert.ok((items[1]?.call_id.length ?? 0) <= 64)
  assert.equal(items[3]?.output, 'Error: broken')
})

test('formats, effort and the wish to see thinking have their members', () => {
  const body = bodyOf({
    responseFormat: { type: 'json_schema', name: 'city', schema: { type: 'object' }, isStrict: true },
    reasoning: { effort: 'high', isShown: true },
    logprobs: { top: 2 },
  })
  assert.deepEqual(body['text'], {
    format: { type: 'json_schema', name: 'city', schema: { type: 'object' }, strict: true },
  })
  assert.deepEqual(body['reasoning'], { effort: 'high', summary: 'auto' })
  assert.deepEqual(body['include'], ['reasoning.encrypted_content', 'message.output_text.logprobs'])
})

test('what a response cannot be asked is refused', () => {
  assert.throws(() => encode({ answerCount: 2 }), isUnsupported)
  assert.throws(() => encode({ stopSequences: ['x'] }), isUnsupported)
  assert.throws(() => encode({ outputModalities: ['audio'] }), isUnsupported)
  for (const wish of [{ seed: 1 }, { topK: 2 }, { frequencyPenalty: 0.5 }, { presencePenalty: 0.5 }]) {
    assert.throws(() => encode(wish), isUnsupported)
  }
})

test("a caller's own request keeps every character but the model and the cap", () => {
  const body = { model: 'alias', input: 'Hi', store: true, future: 1.5 }
  const native = nativeOf('openai-responses', body)
  assert.equal(
    String(encode({ native }).body),
    native.text.replace('"alias"', '"gpt-x"').replace(/ }$/, ' ,"max_output_tokens":100}'),
  )
  const capped = nativeOf('openai-responses', { ...body, max_output_tokens: 40 })
  assert.equal(String(encode({ native: capped }).body), capped.text.replace('"alias"', '"gpt-x"'))
})
