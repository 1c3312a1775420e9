/** Facts about chat completion requests; bodies are compared with the types of OpenAI's own client. */
import type { ChatCompletionCreateParams } from 'openai/resources'
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { Target } from '#core/domain/target.ts'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { encodeWith, hello, isUnsupported, sentBody, targetFor } from '#tests/support/adapter-writing.ts'
import type { Circumstances } from '#tests/support/adapter-writing.ts'

const encode = (question: Partial<ChatQuestion>, circumstances?: Circumstances) =>
  encodeWith(openAiChat, question, circumstances)
const bodyOf = (question: Partial<ChatQuestion>, circumstances?: Circumstances) =>
  sentBody(encode(question, circumstances))

test('the least that is sent is the model, the messages and the cap', () => {
  const expected: ChatCompletionCreateParams = {
    model: 'gpt-x',
    messages: [{ role: 'user', content: 'Hello' }],
    max_completion_tokens: 100,
  }
  const sent = encode({})
  assert.deepEqual(sentBody(sent), expected)
  assert.equal(sent.path, '/chat/completions')
  assert.equal(sent.headers['x-client-request-id'], 'request-1')
})

test('a stream asks for usage, unless the provider refuses to be asked', () => {
  const streamed = bodyOf({ isStreamed: true })
  assert.deepEqual([streamed['stream'], streamed['stream_options']], [true, { include_usage: true }])
  assert.equal(bodyOf({ isStreamed: true }, { quirks: ['no_stream_options'] })['stream_options'], undefined)
})

test('the cap has the word that the provider and the model take', () => {
  const names = (circumstances: Circumstances) =>
    Object.keys(bodyOf({}, circumstances)).filter((name) => name.startsWith('max_'))
  assert.deepEqual(names({}), ['max_completion_tokens'])
  assert.deepEqual(names({ quirks: ['max_tokens_word'] }), ['max_tokens'])
  assert.deepEqual(names({ quirks: ['max_tokens_word'], modelQuirks: ['max_completion_tokens'] }), [
    'max_completion_tokens',
  ])
})

test('everything that can be wished has its member', () => {
  const expected: Partial<ChatCompletionCreateParams> = {
    temperature: 0.5,
    top_p: 0.9,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    stop: ['END'],
    n: 2,
    logprobs: true,
    top_logprobs: 3,
    reasoning_effort: 'low',
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'city', schema: { type: 'object' }, strict: true },
    },
  }
  const body = bodyOf({
    temperature: 0.5,
    topP: 0.9,
    frequencyPenalty: 0.1,
    presencePenalty: 0.2,
    seed: 7,
    stopSequences: ['END'],
    answerCount: 2,
    logprobs: { top: 3 },
    reasoning: { effort: 'low' },
    endUser: 'u',
    responseFormat: { type: 'json_schema', name: 'city', schema: { type: 'object' }, isStrict: true },
  })
  const { model: _model, messages: _messages, max_completion_tokens: _cap, ...rest } = body
  // Deprecated by OpenAI, and the only words that its cousins know.
  assert.deepEqual(rest, { ...expected, seed: 7, user: 'u' })
})

test('what a model or provider cannot use is left out; a word it does not know is refused', () => {
  const wish = { temperature: 1, endUser: 'u', reasoning: { effort: 'none' } } as const
  const sent = bodyOf(wish, { without: ['temperature', 'reasoning'], quirks: ['no_end_user'] })
  for (const name of ['temperature', 'user', 'reasoning_effort']) assert.ok(!(name in sent), name)
  assert.throws(() => encode({ topK: 5 }), isUnsupported)
  const vllm = bodyOf({ topK: 5, seed: 3 }, { quirks: ['takes_top_k', 'random_seed_word'] })
  assert.deepEqual([vllm['top_k'], vllm['random_seed'], vllm['seed']], [5, 3, undefined])
})

test('a budget for thinking becomes the nearest effort', () => {
  const effort = (budgetTokens: number) => bodyOf({ reasoning: { budgetTokens } })['reasoning_effort']
  assert.deepEqual([0, 500, 2_000, 9_000, 16_000, 100_000].map(effort), [
    'none',
    'minimal',
    'low',
    'medium',
    'high',
    'max',
  ])
  assert.equal(effort(-1), undefined)
})

test('more than four stop sequences are refused by name', () => {
  assert.throws(() => encode({ stopSequences: ['1', '2', '3', '4', '5'] }), isUnsupported)
})

test('tools are written with a schema of an object, and no choice is made among none', () => {
  const expected: Partial<ChatCompletionCreateParams> = {
    tools: [
      {
        type: 'function',
        function: {
          name: 'f',
          description: 'F',
          parameters: { type: 'object', properties: {} },
          strict: true,
        },
      },
      { type: 'function', function: { name: 'g', parameters: { type: 'object', properties: {} } } },
      {
        type: 'custom',
        custom: { name: 'sql', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } } },
      },
    ],
    tool_choice: { type: 'function', function: { name: 'f' } },
    parallel_tool_calls: false,
  }
  const body = bodyOf({
    tools: [
      { kind: 'function', name: 'f', description: 'F', parameters: {}, isStrict: true },
      { kind: 'function', name: 'g' },
      { kind: 'custom', name: 'sql', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
    ],
    toolChoice: { mode: 'named', name: 'f' },
    isParallelToolUseAllowed: false,
  })
  assert.deepEqual(body['tools'], expected.tools)
  assert.deepEqual(body['tool_choice'], expected.tool_choice)
  assert.equal(body['parallel_tool_calls'], false)
  assert.equal(bodyOf({ toolChoice: { mode: 'auto' } })['tool_choice'], undefined)
})

test('a choice that the provider cannot be told is made by offering less', () => {
  const tools = ['f', 'g', 'h'].map((name) => ({ kind: 'function', name }) as const)
  const offered = (question: Partial<ChatQuestion>, circumstances?: Circumstances) => {
    const body = bodyOf({ tools, ...question }, circumstances)
    const names = (body['tools'] as { function: { name: string } }[]).map((tool) => tool.function.name)
    return [names, body['tool_choice']]
  }
  const allowed = { mode: 'allowed', names: ['f', 'h'], isRequired: true } as const
  assert.deepEqual(offered({ toolChoice: allowed }), [['f', 'h'], 'required'])
  const named = { mode: 'named', name: 'g' } as const
  assert.deepEqual(offered({ toolChoice: named }, { quirks: ['no_named_tool_choice'] }), [['g'], 'required'])
})

test("another provider's own tool is refused by name", () => {
  const foreign = { kind: 'server', name: 'web_search', origin: 'anthropic-messages', value: {} } as const
  assert.throws(() => encode({ tools: [foreign] }), isUnsupported)
})

test('Azure has the deployment and the version in its address', () => {
  const target = targetFor('openai-chat')
  const azure: Target = {
    ...target,
    model: 'my gpt',
    provider: { ...target.provider, addressForm: { kind: 'azure-deployment', apiVersion: '2024-10-21' } },
  }
  const sent = openAiChat.encode({ messages: [hello], isStreamed: false }, azure, {
    maxOutputTokens: 1,
    requestId: 'r',
  })
  assert.equal(sent.path, '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21')
})
