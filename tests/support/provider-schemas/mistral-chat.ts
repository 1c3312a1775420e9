/** The body of Mistral's `POST /v1/chat/completions`, which refuses every member it does not know. Source: Mistral API reference, "Chat Completion". */
import type { JsonObject } from '../../../src/core/domain/json.ts'
import { closed } from './closed-object.ts'

const text = closed(['type', 'text'], { type: { const: 'text' }, text: { type: 'string' } })
const image = closed(['type', 'image_url'], {
  type: { const: 'image_url' },
  image_url: {
    anyOf: [
      { type: 'string' },
      closed(['url'], { url: { type: 'string' }, detail: { enum: ['auto', 'low', 'high', null] } }),
    ],
  },
})
const otherChunk = {
  type: 'object',
  required: ['type'],
  properties: { type: { enum: ['input_audio', 'document_url', 'file', 'reference', 'thinking'] } },
}
const content = {
  anyOf: [{ type: ['string', 'null'] }, { type: 'array', items: { anyOf: [text, image, otherChunk] } }],
}
const callId = { type: 'string', pattern: '^[a-zA-Z0-9]{9}$' }
const called = closed(['name', 'arguments'], {
  name: { type: 'string' },
  arguments: { type: ['string', 'object'] },
})
const toolCall = closed(['function'], {
  id: callId,
  type: { const: 'function' },
  function: called,
  index: { type: 'integer' },
})
const message = {
  anyOf: [
    closed(['role', 'content'], { role: { const: 'system' }, content }),
    closed(['role', 'content'], { role: { const: 'user' }, content }),
    closed(['role'], {
      role: { const: 'assistant' },
      content,
      tool_calls: { type: ['array', 'null'], items: toolCall },
      prefix: { type: 'boolean' },
    }),
    closed(['role', 'content'], {
      role: { const: 'tool' },
      content,
      tool_call_id: callId,
      name: { type: ['string', 'null'] },
    }),
  ],
}
const functionObject = closed(['name', 'parameters'], {
  name: { type: 'string' },
  description: { type: 'string' },
  strict: { type: 'boolean' },
  parameters: { type: 'object' },
})
const responseFormat = closed([], {
  type: { enum: ['text', 'json_object', 'json_schema'] },
  json_schema: {
    anyOf: [
      { type: 'null' },
      closed(['name', 'schema'], {
        name: { type: 'string' },
        description: { type: ['string', 'null'] },
        schema: { type: 'object' },
        strict: { type: 'boolean' },
      }),
    ],
  },
})

export const mistralChatSchema: JsonObject = {
  type: 'object',
  required: ['model', 'messages'],
  additionalProperties: false,
  properties: {
    model: { type: 'string' },
    messages: { type: 'array', minItems: 1, items: message },
    temperature: { type: ['number', 'null'], minimum: 0, maximum: 1.5 },
    top_p: { type: 'number', minimum: 0, maximum: 1 },
    max_tokens: { type: ['integer', 'null'], minimum: 0 },
    stream: { type: 'boolean' },
    stop: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    random_seed: { type: ['integer', 'null'], minimum: 0 },
    metadata: { type: ['object', 'null'] },
    response_format: responseFormat,
    tools: {
      type: ['array', 'null'],
      items: closed(['function'], { type: { const: 'function' }, function: functionObject }),
    },
    tool_choice: {
      anyOf: [
        { enum: ['auto', 'none', 'any', 'required'] },
        closed(['function'], {
          type: { const: 'function' },
          function: closed(['name'], { name: { type: 'string' } }),
        }),
      ],
    },
    presence_penalty: { type: 'number', minimum: -2, maximum: 2 },
    frequency_penalty: { type: 'number', minimum: -2, maximum: 2 },
    n: { type: ['integer', 'null'], minimum: 1 },
    prediction: { type: ['object', 'null'] },
    parallel_tool_calls: { type: 'boolean' },
    prompt_mode: { enum: ['reasoning', null] },
    reasoning_effort: { enum: ['none', 'low', 'medium', 'high', null] },
    safe_prompt: { type: 'boolean' },
  },
}
