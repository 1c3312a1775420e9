/** Every question that can be put into our words becomes a request that OpenAI's published schema allows. */
import test from 'node:test'
import assert from 'node:assert/strict'
import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import type { ChatMessage, ChatQuestion, Part } from '#core/domain/chat.ts'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { encodeWith, inline, sentBody } from '#tests/support/adapter-writing.ts'

const text = { type: 'string' }
const object = (required: readonly string[], properties: object) => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
})
const tagged = (type: string, member: string, inner: object) =>
  object(['type', member], { type: { const: type }, [member]: inner })
const list = (items: object) => ({ type: 'array', minItems: 1, items })

const contentPart = {
  anyOf: [
    tagged('text', 'text', text),
    tagged('image_url', 'image_url', object(['url'], { url: text, detail: text })),
    tagged(
      'file',
      'file',
      object([], { file_id: text, filename: text, file_data: { type: 'string', pattern: '^data:' } }),
    ),
    tagged('input_audio', 'input_audio', object(['data', 'format'], { data: text, format: text })),
    tagged('video_url', 'video_url', object(['url'], { url: text })),
  ],
}
const toolCall = {
  anyOf: [
    object(['id', 'type', 'function'], {
      id: { type: 'string', minLength: 1 },
      type: { const: 'function' },
      function: object(['name', 'arguments'], { name: text, arguments: text }),
    }),
    object(['id', 'type', 'custom'], {
      id: { type: 'string', minLength: 1 },
      type: { const: 'custom' },
      custom: object(['name', 'input'], { name: text, input: text }),
    }),
  ],
}
const message = {
  anyOf: [
    object(['role', 'content'], { role: { enum: ['system', 'developer'] }, content: text, name: text }),
    object(['role', 'content'], {
      role: { const: 'user' },
      content: { anyOf: [text, list(contentPart)] },
      name: text,
    }),
    object(['role', 'content'], {
      role: { const: 'assistant' },
      content: { type: ['string', 'null'] },
      name: text,
      refusal: text,
      audio: object(['id'], { id: text }),
      tool_calls: list(toolCall),
    }),
    object(['role', 'content', 'tool_call_id'], {
      role: { const: 'tool' },
      content: text,
      tool_call_id: text,
    }),
  ],
}
const requestSchema = object(['model', 'messages'], {
  model: text,
  messages: { type: 'array', items: message },
  max_completion_tokens: { type: 'integer', minimum: 1 },
  stream: { const: true },
  stream_options: object(['include_usage'], { include_usage: { const: true } }),
  tools: list(
    object(['type'], {
      type: { enum: ['function', 'custom'] },
      function: { type: 'object' },
      custom: { type: 'object' },
    }),
  ),
  tool_choice: { anyOf: [{ enum: ['auto', 'none', 'required'] }, { type: 'object', required: ['type'] }] },
  parallel_tool_calls: { type: 'boolean' },
  temperature: { type: 'number' },
  top_p: { type: 'number' },
  seed: { type: 'integer' },
  n: { type: 'integer', minimum: 2 },
  stop: { type: 'array', items: text, minItems: 1, maxItems: 4 },
  logprobs: { const: true },
  top_logprobs: { type: 'integer' },
  reasoning_effort: { enum: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] },
  response_format: { type: 'object', required: ['type'] },
  user: text,
})

const word = fc.string({ maxLength: 8 })
const carry = fc.constant([{ origin: 'openai-chat', kind: 'signature', value: 'x' } as const])
const leaf: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: word }),
  fc.constantFrom(
    inline('image', 'image/png'),
    inline('document', 'application/pdf'),
    inline('audio', 'audio/wav'),
    inline('video', 'video/mp4'),
  ),
  fc.record({
    type: fc.constant('image' as const),
    source: fc.record({ kind: fc.constant('url' as const), url: word }),
  }),
  fc.record({
    type: fc.constant('document' as const),
    source: fc.record({ kind: fc.constant('text' as const), text: word }),
  }),
)
const part: fc.Arbitrary<Part> = fc.oneof(
  leaf,
  fc.record({ type: fc.constant('reasoning' as const), text: word, carry }),
  fc.record({ type: fc.constant('refusal' as const), text: word }),
  fc.record({
    type: fc.constant('tool_call' as const),
    id: fc.string({ minLength: 1, maxLength: 50 }),
    name: word,
    kind: fc.constantFrom('function' as const, 'custom' as const),
    argumentsText: word,
  }),
  fc.record({
    type: fc.constant('tool_result' as const),
    callId: word,
    parts: fc.array(leaf, { maxLength: 3 }),
    isError: fc.boolean(),
  }),
  fc.constant<Part>({ type: 'opaque', kind: 'x', origin: 'gemini-generate', value: { a: 1 } }),
  fc.constant<Part>({
    type: 'server_tool',
    phase: 'call',
    name: 'x',
    origin: 'anthropic-messages',
    value: {},
  }),
)
const conversation: fc.Arbitrary<readonly ChatMessage[]> = fc.array(
  fc.record({
    role: fc.constantFrom(
      'system' as const,
      'developer' as const,
      'user' as const,
      'assistant' as const,
      'tool' as const,
    ),
    parts: fc.array(part, { maxLength: 4 }),
  }),
  { maxLength: 5 },
)
const question: fc.Arbitrary<Partial<ChatQuestion>> = fc.record(
  {
    messages: conversation,
    isStreamed: fc.boolean(),
    tools: fc.array(
      fc.record({ kind: fc.constant('function' as const), name: word, parameters: fc.constant({}) }),
      { maxLength: 2 },
    ),
    toolChoice: fc.constantFrom({ mode: 'auto' as const }, { mode: 'named' as const, name: 'f' }),
    isParallelToolUseAllowed: fc.boolean(),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    seed: fc.integer(),
    stopSequences: fc.array(word, { maxLength: 4 }),
    answerCount: fc.integer({ min: 1, max: 3 }),
    logprobs: fc.record({ top: fc.nat(20) }),
    reasoning: fc.record({ budgetTokens: fc.integer({ min: -1, max: 50_000 }) }),
    responseFormat: fc.constantFrom({ type: 'text' as const }, { type: 'json' as const }),
    endUser: word,
  },
  { requiredKeys: ['messages'] },
)

test('every question becomes a request that the schema allows', () => {
  const validate = new Ajv({ allErrors: false, strict: false }).compile(requestSchema)
  fc.assert(
    fc.property(question, (asked) => {
      const body = sentBody(encodeWith(openAiChat, asked))
      assert.ok(validate(body), JSON.stringify([validate.errors, body]))
    }),
    { numRuns: 500 },
  )
})
