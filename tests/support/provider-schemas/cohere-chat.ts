/** The body of `POST /v2/chat`. Source: Cohere API reference, "Chat (V2 API)". */
import type { JsonObject } from '../../../src/core/domain/json.ts'
import { closed } from './closed-object.ts'

const string = { type: 'string' }
const text = closed(['type', 'text'], { type: { const: 'text' }, text: string })
const imageUrl = closed(['type', 'image_url'], {
  type: { const: 'image_url' },
  image_url: closed(['url'], {
    url: { type: 'string', pattern: '^(data:image/|https?://)' },
    detail: { enum: ['auto', 'low', 'high'] },
  }),
})
const thinking = closed(['type', 'thinking'], { type: { const: 'thinking' }, thinking: string })
const document = closed(['type', 'document'], {
  type: { const: 'document' },
  document: closed(['data'], { data: {}, id: string }),
})
const content = (...items: readonly JsonObject[]) => ({
  anyOf: [string, { type: 'array', minItems: 1, items: { anyOf: items } }],
})
const toolCall = closed(['id', 'type', 'function'], {
  id: { type: 'string', minLength: 1 },
  type: { const: 'function' },
  function: closed(['name', 'arguments'], { name: string, arguments: string }),
})
const message = {
  oneOf: [
    closed(['role', 'content'], { role: { const: 'system' }, content: content(text) }),
    closed(['role', 'content'], { role: { const: 'user' }, content: content(text, imageUrl) }),
    {
      type: 'object',
      required: ['role'],
      additionalProperties: false,
      anyOf: [{ required: ['content'] }, { required: ['tool_calls'] }],
      properties: {
        role: { const: 'assistant' },
        content: content(text, thinking),
        tool_calls: { type: 'array', minItems: 1, items: toolCall },
        tool_plan: string,
        citations: { type: 'array' },
      },
    },
    closed(['role', 'tool_call_id', 'content'], {
      role: { const: 'tool' },
      tool_call_id: { type: 'string', minLength: 1 },
      content: content(text, document),
    }),
  ],
}
const tool = closed(['type', 'function'], {
  type: { const: 'function' },
  function: closed(['name', 'parameters'], {
    name: { type: 'string', pattern: '^[a-zA-Z0-9_-]+$' },
    description: string,
    parameters: { type: 'object', required: ['type'], properties: { type: { const: 'object' } } },
  }),
})

export const cohereChatSchema: JsonObject = {
  type: 'object',
  required: ['model', 'messages'],
  additionalProperties: false,
  properties: {
    model: { type: 'string', minLength: 1 },
    messages: { type: 'array', minItems: 1, items: message },
    stream: { type: 'boolean' },
    tools: { type: 'array', minItems: 1, items: tool },
    strict_tools: { type: 'boolean' },
    documents: { type: 'array' },
    citation_options: { type: 'object' },
    response_format: {
      oneOf: [
        closed(['type'], { type: { const: 'text' } }),
        closed(['type'], { type: { const: 'json_object' }, json_schema: { type: 'object' } }),
      ],
    },
    safety_mode: { enum: ['CONTEXTUAL', 'STRICT', 'OFF', 'NONE'] },
    max_tokens: { type: 'integer', minimum: 1 },
    stop_sequences: { type: 'array', maxItems: 5, items: string },
    temperature: { type: 'number', minimum: 0 },
    seed: { type: 'integer', minimum: 0 },
    frequency_penalty: { type: 'number', minimum: 0, maximum: 1 },
    presence_penalty: { type: 'number', minimum: 0, maximum: 1 },
    k: { type: 'integer', minimum: 0, maximum: 500 },
    p: { type: 'number', minimum: 0.01, maximum: 0.99 },
    logprobs: { type: 'boolean' },
    tool_choice: { enum: ['REQUIRED', 'NONE'] },
    thinking: closed(['type'], {
      type: { enum: ['enabled', 'disabled'] },
      token_budget: { type: 'integer', minimum: 0 },
    }),
    priority: { type: 'integer', minimum: 0, maximum: 999 },
  },
  dependentRequired: { tool_choice: ['tools'], strict_tools: ['tools'] },
  // JSON mode is refused beside documents and tools.
  not: {
    required: ['response_format'],
    properties: { response_format: { properties: { type: { const: 'json_object' } } } },
    anyOf: [{ required: ['documents'] }, { required: ['tools'] }],
  },
}
