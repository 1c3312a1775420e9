/** A question in Anthropic's form: the body is compared with the types of Anthropic's own client. */
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages'
import assert from 'node:assert/strict'
import test from 'node:test'

import type { ChatMessage, ChatQuestion, Part } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { anthropicMessages } from '#services/llm-adapters/anthropic/anthropic.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const text = (value: string): Part => ({ type: 'text', text: value })
const says = (role: ChatMessage['role'], ...parts: readonly Part[]): ChatMessage => ({ role, parts })
const hello = says('user', text('Hello'))
const call = (id: string, argumentsText = '{}'): Part => ({
  type: 'tool_call',
  id,
  name: 'weather',
  kind: 'function',
  argumentsText,
})
const result = (callId: string, ...parts: readonly Part[]): Part => ({
  type: 'tool_result',
  callId,
  parts,
  isError: false,
})
const weather = { kind: 'function', name: 'weather' } as const

interface Circumstances {
  readonly quirks?: readonly string[]
  readonly maxOutputTokens?: number
}

function encode(question: Partial<ChatQuestion>, circumstances: Circumstances = {}) {
  const target = recordedTarget({
    dialect: 'anthropic-messages',
    model: 'claude-x',
    modelQuirks: circumstances.quirks,
  })
  const terms = { maxOutputTokens: circumstances.maxOutputTokens ?? 20_000, requestId: 'r' }
  const call = anthropicMessages.encode({ messages: [hello], isStreamed: false, ...question }, target, terms)
  return { call, body: JSON.parse(String(call.body)) as Record<string, unknown> }
}

const bodyOf = (question: Partial<ChatQuestion>, circumstances?: Circumstances) =>
  encode(question, circumstances).body
const messagesOf = (messages: readonly ChatMessage[], circumstances?: Circumstances) =>
  bodyOf({ messages }, circumstances)['messages']

function refusal(question: Partial<ChatQuestion>, code: ProblemCode): void {
  assert.throws(
    () => encode(question),
    (thrown) => thrown instanceof Problem && thrown.code === code,
  )
}

test('a plain question is a model, a cap and one message', () => {
  const { call: sent, body } = encode({})
  assert.equal(sent.path, '/messages')
  assert.equal(sent.headers['anthropic-version'], '2023-06-01')
  const expected: MessageCreateParams = {
    model: 'claude-x',
    max_tokens: 20_000,
    messages: [{ role: 'user', content: 'Hello' }],
  }
  assert.deepEqual(body, expected)
})

test('everything that Anthropic has a word for is said in that word', () => {
  const expected: MessageCreateParams = {
    model: 'claude-x',
    max_tokens: 20_000,
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Hello' }],
    tools: [
      {
        name: 'weather',
        description: 'Tells the weather',
        input_schema: { type: 'object', properties: { city: { type: 'string' } } },
        strict: true,
      },
    ],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    output_config: {
      format: {
        type: 'json_schema',
        schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
      },
    },
    stop_sequences: ['END'],
    metadata: { user_id: 'u-1' },
    stream: true,
  }
  const { body } = encode({
    messages: [says('developer', text('Be brief.')), hello],
    isStreamed: true,
    tools: [
      {
        ...weather,
        description: 'Tells the weather',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
        isStrict: true,
      },
    ],
    isParallelToolUseAllowed: false,
    responseFormat: {
      type: 'json_schema',
      name: 'answer',
      schema: { type: 'object', properties: { a: { type: 'string' } } },
    },
    temperature: 1.4,
    topP: 0.9,
    topK: 5,
    seed: 1,
    presencePenalty: 0.5,
    stopSequences: ['END', '\n'],
    endUser: 'u-1',
  })
  // The client's newest types have no sampling parameters; version 2023-06-01 still takes them.
  assert.deepEqual(body, { ...expected, temperature: 1, top_k: 5 })
  assert.equal(encode({ temperature: 1, topP: 0.9 }).body['top_p'], 0.9)
  assert.equal(encode({ temperature: 1, topP: 0.9 }).body['temperature'], undefined)
})

test('later instructions are tagged, or follow the turn of the user where the model takes them', () => {
  const messages = [
    says('system', text('A')),
    hello,
    says('assistant', text('Hi'), call('c1')),
    says('system', text('B')),
    says('tool', result('c1', text('sunny'))),
    says('user', text('And now?')),
  ]
  const answered = { type: 'tool_result', tool_use_id: 'c1', content: 'sunny' }
  const turns = messagesOf(messages) as { content: unknown }[]
  assert.deepEqual(turns[2]?.content, [
    answered,
    { type: 'text', text: '<system>\nB\n</system>' },
    { type: 'text', text: 'And now?' },
  ])
  const kept = messagesOf(messages, { quirks: ['mid_conversation_system'] }) as unknown[]
  assert.deepEqual(kept.slice(2), [
    { role: 'user', content: [answered, { type: 'text', text: 'And now?' }] },
    { role: 'system', content: 'B' },
  ])
})

test('an instruction stays where it stood, as far as Anthropic lets it', () => {
  const quirks = ['mid_conversation_system']
  const rolesOf = (...roles: readonly ChatMessage['role'][]) => {
    const messages = [hello, ...roles.map((role) => says(role, text(role)))]
    return (messagesOf(messages, { quirks }) as { role: string }[]).map((turn) => turn.role)
  }
  assert.deepEqual(rolesOf('system', 'assistant', 'user'), ['user', 'system', 'assistant', 'user'])
  assert.deepEqual(rolesOf('assistant', 'system', 'assistant'), ['user', 'assistant', 'user', 'assistant'])
  assert.deepEqual(rolesOf('assistant', 'developer'), ['user', 'assistant', 'user'])
})

test('turns alternate, results come first, and blank text is left out', () => {
  assert.deepEqual(
    messagesOf([
      hello,
      says('user', text('  ')),
      says('assistant', text(''), call('c1', '{"a":1}'), call('call.2', '')),
      says('tool', result('c1', text('one'))),
      says('user', text('Well?')),
      says(
        'tool',
        result('call.2', text('two'), { type: 'image', source: { kind: 'inline', base64: '/9j/x' } }),
      ),
      says('assistant', text('Because ')),
    ]),
    [
      { role: 'user', content: 'Hello' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'c1', name: 'weather', input: { a: 1 } },
          { type: 'tool_use', id: idOfSecond(), name: 'weather', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c1', content: 'one' },
          {
            type: 'tool_result',
            tool_use_id: idOfSecond(),
            content: [
              { type: 'text', text: 'two' },
              { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: '/9j/x' } },
            ],
          },
          { type: 'text', text: 'Well?' },
        ],
      },
      { role: 'assistant', content: 'Because' },
    ],
  )
})

/** An id that Anthropic would refuse has one stand-in, made of letters, digits, `_` and `-`. */
function idOfSecond(): string {
  const turns = messagesOf([hello, says('assistant', call('call.2')), says('tool', result('call.2'))]) as {
    content: { id?: string; tool_use_id?: string }[]
  }[]
  const id = turns[1]?.content[0]?.id ?? ''
  assert.match(id, /^[a-zA-Z0-9_-]+$/)
  assert.equal(turns[2]?.content[0]?.tool_use_id, id)
  return id
}

test('calls and results that do not pair up are refused here, by name', () => {
  refusal({ messages: [hello, says('tool', result('c9'))] }, 'invalid_value')
  refusal({ messages: [hello, says('assistant', call('c1')), says('user', text('Go on'))] }, 'invalid_value')
  refusal({ messages: [hello, says('assistant', call('c1'))] }, 'invalid_value')
  refusal(
    { messages: [hello, says('assistant', call('c1', '[1')), says('tool', result('c1'))] },
    'invalid_value',
  )
  refusal({ messages: [says('user', text(' '))] }, 'empty_prompt')
})

test('a history with calls declares their tools even when none is offered any more', () => {
  const body = bodyOf({ messages: [hello, says('assistant', call('c1')), says('tool', result('c1'))] })
  assert.deepEqual(body['tools'], [{ name: 'weather', input_schema: { type: 'object', properties: {} } }])
  assert.deepEqual(body['tool_choice'], { type: 'none' })
})

test('every way to choose a tool has its form', () => {
  const choiceOf = (question: Partial<ChatQuestion>) => {
    const body = bodyOf({ tools: [weather, { ...weather, name: 'time' }], ...question })
    return [body['tool_choice'], (body['tools'] as { name: string }[]).map((tool) => tool.name)]
  }
  const both = ['weather', 'time']
  assert.deepEqual(choiceOf({}), [undefined, both])
  assert.deepEqual(choiceOf({ toolChoice: { mode: 'required' } }), [{ type: 'any' }, both])
  assert.deepEqual(choiceOf({ toolChoice: { mode: 'none' }, isParallelToolUseAllowed: false }), [
    { type: 'none' },
    both,
  ])
  assert.deepEqual(choiceOf({ toolChoice: { mode: 'named', name: 'time' } }), [
    { type: 'tool', name: 'time' },
    both,
  ])
  assert.deepEqual(choiceOf({ toolChoice: { mode: 'allowed', names: ['time'], isRequired: true } }), [
    { type: 'any' },
    ['time'],
  ])
  refusal({ toolChoice: { mode: 'required' } }, 'missing_field')
})

test('what would change the answer and has no form is refused by name', () => {
  refusal({ answerCount: 2 }, 'unsupported_feature')
  refusal({ logprobs: {} }, 'unsupported_feature')
  refusal({ outputModalities: ['text', 'audio'] }, 'unsupported_feature')
  refusal({ tools: [{ kind: 'custom', name: 'grep' }] }, 'unsupported_feature')
  const video: Part = { type: 'video', source: { kind: 'inline', base64: 'AAAA' } }
  refusal({ messages: [says('user', video)] }, 'unsupported_feature')
  const bitmap: Part = { type: 'image', source: { kind: 'inline', base64: 'Qk0=' }, mediaType: 'image/bmp' }
  refusal({ messages: [says('user', bitmap)] }, 'unsupported_media_type')
})
