/** Facts about whole chat completions, by OpenAI and by its cousins. */
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { readWhole } from '#tests/support/adapter-reading.ts'

const adapter = openAiChat
const read = (message: JsonObject, rest: JsonObject = {}, finish: string | null = 'stop') =>
  readWhole(
    { adapter },
    {
      id: 'chatcmpl-1',
      model: 'gpt-x',
      created: 1_786_000_000,
      choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
      ...rest,
    },
  )
const partsOf = (message: JsonObject) => read(message).choices[0]?.parts
const usageOf = (usage: JsonObject, quirks: readonly ProviderQuirk[] = []) =>
  readWhole({ adapter, quirks }, { choices: [{ message: { content: 'x' } }], usage }).usage

test('a plain answer keeps its id, model, time and text', () => {
  const answer = read({ content: 'Hello.' })
  assert.equal(answer.id, 'chatcmpl-1')
  assert.equal(answer.model, 'gpt-x')
  assert.equal(answer.createdAtS, 1_786_000_000)
  assert.deepEqual(answer.choices[0]?.parts, [{ type: 'text', text: 'Hello.' }])
  assert.deepEqual(answer.choices[0]?.finish, { unified: 'stop', raw: 'stop' })
})

test('empty content, empty calls and empty legacy calls are no parts', () => {
  assert.deepEqual(partsOf({ content: '', tool_calls: [], function_call: { name: '', arguments: '' } }), [])
  assert.deepEqual(partsOf({ content: null, refusal: '', tool_calls: null }), [])
})

test('calls decide over the word `stop`, and a call without arguments has an empty object', () => {
  const call = { id: 'a', type: 'function', function: { name: 'now', arguments: '' } }
  const choice = read({ content: null, tool_calls: [call] }).choices[0]
  assert.equal(choice?.finish.unified, 'tool_calls')
  assert.deepEqual(choice?.parts, [
    { type: 'tool_call', id: 'a', name: 'now', kind: 'function', argumentsText: '{}' },
  ])
})

test('calls without ids get one each, arguments as an object become text, custom calls keep their text', () => {
  const parts = partsOf({
    tool_calls: [
      { id: '', type: 'function', function: { name: 'f', arguments: { a: 1 } } },
      { type: 'function', function: { name: 'g', arguments: '{}' } },
      { id: 'c', type: 'custom', custom: { name: 'sql', input: 'select 1' } },
    ],
  })
  assert.deepEqual(
    parts?.map((part) => part.type === 'tool_call' && [part.id, part.kind, part.argumentsText]),
    [
      ['minted-1', 'function', '{"a":1}'],
      ['minted-2', 'function', '{}'],
      ['c', 'custom', 'select 1'],
    ],
  )
})

test('the first function-calling form is a call like any other', () => {
  const answer = read(
    { content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
    {},
    'function_call',
  )
  assert.equal(answer.choices[0]?.finish.unified, 'tool_calls')
  assert.equal(answer.choices[0]?.parts[0]?.type, 'tool_call')
})

test('reasoning is found under every name, once', () => {
  for (const message of [
    { reasoning_content: 'thought' },
    { reasoning: 'thought' },
    { reasoning: 'thought', reasoning_content: 'thought' },
    { reasoning: 'thought', reasoning_details: [{ type: 'reasoning.text', text: 'thought', index: 0 }] },
    { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'thought' }] }] },
  ]) {
    const parts = partsOf(message) ?? []
    assert.equal(parts.length, 1)
    assert.equal(parts[0]?.type === 'reasoning' && parts[0].text, 'thought')
  }
})

test('tokens of reasoning travel with everything that stood beside them', () => {
  const details = [
    { type: 'reasoning.text', text: 'thought', signature: 'SIG', format: 'anthropic-claude-v1', index: 0 },
    { type: 'reasoning.encrypted', data: 'ENC', id: 'rs_1', index: 1 },
  ]
  const [part] = partsOf({ content: 'x', reasoning_details: details }) ?? []
  assert.deepEqual(part?.carry, [
    {
      origin: 'openai-chat',
      kind: 'signature',
      value: 'SIG',
      extras: { type: 'reasoning.text', text: 'thought', format: 'anthropic-claude-v1', index: 0 },
    },
    {
      origin: 'openai-chat',
      kind: 'encrypted',
      value: 'ENC',
      itemId: 'rs_1',
      extras: { type: 'reasoning.encrypted', id: 'rs_1', index: 1 },
    },
  ])
})

test('a token without any text stays with the answer that follows', () => {
  const parts = partsOf({
    content: 'ready',
    reasoning_details: [{ type: 'reasoning.text', signature: 'SIG' }],
  })
  assert.equal(parts?.length, 1)
  assert.equal(parts?.[0]?.type, 'text')
  assert.equal(parts[0].carry?.[0]?.value, 'SIG')
})

test('links, annotations, images, audio and unknown content become parts', () => {
  const answer = read(
    {
      content: [
        { type: 'text', text: 'See [1].' },
        { type: 'hologram', data: 1 },
      ],
      images: [{ type: 'image_url', image_url: { url: 'data:image/webp;base64,QUJD' } }],
      audio: { id: 'audio_1', data: 'QUJD', transcript: 'Hi' },
    },
    { citations: ['https://a.example'], search_results: [{ url: 'https://a.example', title: 'A' }] },
  )
  const parts = answer.choices[0]?.parts ?? []
  assert.deepEqual(
    parts.map((part) => part.type),
    ['text', 'opaque', 'audio', 'image', 'text'],
  )
  const links = parts.flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []))
  assert.deepEqual(
    links.map(({ url, title }) => [url, title]),
    [['https://a.example', 'A']],
  )
  assert.ok(answer.extras?.['citations'])
})

test('several answers are several choices', () => {
  const answer = readWhole(
    { adapter },
    { choices: [1, 0].map((index) => ({ index, message: { content: `n${index}` }, finish_reason: 'stop' })) },
  )
  assert.deepEqual(
    answer.choices.map(({ index, parts }) => [index, parts[0]?.type === 'text' && parts[0].text]),
    [
      [0, 'n0'],
      [1, 'n1'],
    ],
  )
})

test('usage is inclusive, whatever a cousin counts beside its totals', () => {
  const plain = usageOf({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 })
  assert.deepEqual([plain.inputTokens, plain.outputTokens, plain.cachedInputTokens], [10, 5, null])
  const beside = { reasoning_tokens: 20 }
  const reasoning = { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: beside }
  assert.equal(usageOf({ ...reasoning, total_tokens: 35 }).outputTokens, 25)
  assert.equal(usageOf(reasoning, ['reasoning_beside_output']).outputTokens, 25)
  assert.equal(usageOf(reasoning).outputTokens, 5)
  const hidden = usageOf({ prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 })
  assert.equal(hidden.outputTokens, 74)
  const audio = { prompt_tokens: 9, completion_tokens: 8, prompt_tokens_details: { audio_tokens: 375 } }
  assert.equal(usageOf({ ...audio, total_tokens: 392 }).inputTokens, 384)
})

test('cached tokens and reported costs are found under every name', () => {
  const base = { prompt_tokens: 9, completion_tokens: 1 }
  assert.equal(usageOf({ ...base, prompt_tokens_details: { cached_tokens: 4 } }).cachedInputTokens, 4)
  assert.equal(usageOf({ ...base, prompt_cache_hit_tokens: 4 }).cachedInputTokens, 4)
  assert.equal(usageOf({ ...base, num_cached_tokens: 4 }).cachedInputTokens, 4)
  assert.equal(usageOf({ ...base, cost: 0.000_123 }).reportedCostNanoUsd, 123_000)
  assert.equal(usageOf({ ...base, cost: { total_cost: 0.005 } }).reportedCostNanoUsd, 5_000_000)
  assert.equal(usageOf({ ...base, cost_in_usd_ticks: 1_497_505 }).reportedCostNanoUsd, 149_751)
  assert.equal(usageOf({ ...base, cost: -1 }).reportedCostNanoUsd, undefined)
})

test('counts that make no sense are unknown, not numbers', () => {
  const usage = usageOf({ prompt_tokens: -1, completion_tokens: '7', total_tokens: Number.NaN })
  assert.deepEqual([usage.inputTokens, usage.outputTokens], [null, null])
})

test('an error with a success status is a Problem, and so is anything that is no answer', () => {
  const codeOf = (body: unknown) => {
    try {
      readWhole({ adapter }, body)
      return 'no problem'
    } catch (thrown) {
      return thrown instanceof Problem ? thrown.code : thrown
    }
  }
  assert.equal(codeOf({ error: { code: 'insufficient_quota', message: 'x' } }), 'provider_quota')
  assert.equal(codeOf({ choices: [{ error: { code: 502, message: 'upstream' } }] }), 'provider_error')
  assert.equal(codeOf({ object: 'error', message: 'no', code: 404 }), 'provider_model_missing')
  for (const body of ['', 'null', '[]', '{"choices":[]}', '{"choices":[{}]}', '<html></html>']) {
    assert.equal(codeOf(body), 'provider_malformed', body)
  }
})

test('whatever a server sends, reading it ends in an answer or a Problem', () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  const member = fc.constantFrom(
    'content',
    'tool_calls',
    'reasoning_details',
    'audio',
    'images',
    'annotations',
  )
  const body = fc.record({
    id: value,
    choices: fc.array(
      fc.record({
        index: value,
        message: fc.dictionary(member, value),
        finish_reason: value,
        logprobs: value,
      }),
    ),
    usage: fc.oneof(value, fc.dictionary(fc.constantFrom('prompt_tokens', 'total_tokens', 'cost'), value)),
  })
  fc.assert(
    fc.property(body, (broken) => {
      try {
        readWhole({ adapter }, broken)
      } catch (thrown) {
        assert.ok(thrown instanceof Problem, String(thrown))
      }
    }),
    { numRuns: 500 },
  )
})

test('two answers never have the same number, whatever numbers a server gives them', () => {
  const choice = (index: JsonValue) => ({ index, message: { content: 'x' }, finish_reason: 'stop' })
  const numbersOf = (...indices: readonly JsonValue[]) =>
    readWhole({ adapter }, { choices: indices.map(choice) }).choices.map(({ index }) => index)
  assert.deepEqual(numbersOf(0, 1), [0, 1])
  assert.deepEqual(numbersOf(0, 0, 0), [0, 1, 2])
  assert.deepEqual(numbersOf(null, -1, 0.5, 1e308), [0, 1, 2, 3])
})

test('two calls of an answer never have the same id', () => {
  const call = (index: number) => ({ index, id: 'a', type: 'function', function: { name: 'f' } })
  const ids = partsOf({ tool_calls: [call(0), call(1)] })?.map((part) => part.type === 'tool_call' && part.id)
  assert.equal(ids?.length, 2)
  assert.equal(new Set(ids).size, 2)
})

test('more calls than any answer has are malformed', () => {
  const calls = Array.from({ length: 1_001 }, (_, at) => ({ id: `c${at}`, function: { name: 'f' } }))
  assert.throws(() => partsOf({ tool_calls: calls }), isMalformed)
  assert.equal(partsOf({ tool_calls: calls.slice(1) })?.length, 1_000)
})

test('a finish word that every object has as a member is a word like any other', () => {
  assert.equal(read({ content: 'x' }, {}, 'constructor').choices[0]?.finish.unified, 'other')
})

const isMalformed = (thrown: unknown) => thrown instanceof Problem && thrown.code === 'provider_malformed'
