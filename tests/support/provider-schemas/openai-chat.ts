/** The body of `POST /v1/chat/completions`. Source: OpenAI API reference, "Create chat completion". */
import type { JsonObject } from '../../../src/core/domain/json.ts'
import { closed } from './closed-object.ts'

const text = closed(['type', 'text'], {
  type: { const: 'text' },
  text: { type: 'string' },
  prompt_cache_breakpoint: { type: 'object' },
})
const refusal = closed(['type', 'refusal'], { type: { const: 'refusal' }, refusal: { type: 'string' } })
const imageUrl = closed(['type', 'image_url'], {
  type: { const: 'image_url' },
  prompt_cache_breakpoint: { type: 'object' },
  image_url: closed(['url'], {
    url: { type: 'string', pattern: '^(data:image/[a-z+.-]+;base64,|https?://)' },
    detail: { enum: ['auto', 'low', 'high', 'original'] },
  }),
})
const inputAudio = closed(['type', 'input_audio'], {
  type: { const: 'input_audio' },
  prompt_cache_breakpoint: { type: 'object' },
  input_audio: closed(['data', 'format'], { data: { type: 'string' }, format: { enum: ['wav', 'mp3'] } }),
})
const file = closed(['type', 'file'], {
  type: { const: 'file' },
  prompt_cache_breakpoint: { type: 'object' },
  file: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      file_data: { type: 'string', pattern: '^data:[a-z]+/[a-z0-9+.-]+;base64,' },
      file_id: { type: 'string' },
      filename: { type: 'string' },
    },
    dependentRequired: { file_data: ['filename'] },
  },
})
const textContent = { anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: text }] }
const name = { type: 'string' }
const functionName = { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,64}$' }

const toolCall = {
  anyOf: [
    closed(['id', 'type', 'function'], {
      id: { type: 'string', minLength: 1 },
      type: { const: 'function' },
      function: closed(['name', 'arguments'], { name: functionName, arguments: { type: 'string' } }),
    }),
    closed(['id', 'type', 'custom'], {
      id: { type: 'string', minLength: 1 },
      type: { const: 'custom' },
      custom: closed(['name', 'input'], { name: functionName, input: { type: 'string' } }),
    }),
  ],
}

const message = {
  oneOf: [
    closed(['role', 'content'], { role: { enum: ['system', 'developer'] }, content: textContent, name }),
    closed(['role', 'content'], {
      role: { const: 'user' },
      content: {
        anyOf: [
          { type: 'string' },
          { type: 'array', minItems: 1, items: { anyOf: [text, imageUrl, inputAudio, file] } },
        ],
      },
      name,
    }),
    {
      type: 'object',
      required: ['role'],
      additionalProperties: false,
      anyOf: [{ required: ['content'] }, { required: ['tool_calls'] }, { required: ['function_call'] }],
      properties: {
        role: { const: 'assistant' },
        content: {
          anyOf: [
            { type: 'null' },
            { type: 'string' },
            { type: 'array', minItems: 1, items: { anyOf: [text, refusal] } },
          ],
        },
        refusal: { type: ['string', 'null'] },
        name,
        audio: { anyOf: [{ type: 'null' }, closed(['id'], { id: { type: 'string' } })] },
        tool_calls: { type: 'array', minItems: 1, items: toolCall },
        function_call: { type: ['object', 'null'] },
      },
    },
    closed(['role', 'content', 'tool_call_id'], {
      role: { const: 'tool' },
      content: textContent,
      tool_call_id: { type: 'string', minLength: 1 },
    }),
    closed(['role', 'content', 'name'], {
      role: { const: 'function' },
      content: { type: ['string', 'null'] },
      name,
    }),
  ],
}

const functionObject = closed(['name'], {
  name: functionName,
  description: { type: 'string' },
  parameters: { type: 'object', required: ['type'], properties: { type: { const: 'object' } } },
  strict: { type: ['boolean', 'null'] },
})
const tool = {
  anyOf: [
    closed(['type', 'function'], { type: { const: 'function' }, function: functionObject }),
    closed(['type', 'custom'], {
      type: { const: 'custom' },
      custom: closed(['name'], {
        name: functionName,
        description: { type: 'string' },
        format: { type: 'object' },
      }),
    }),
  ],
}
const namedTool = closed(['type', 'function'], {
  type: { const: 'function' },
  function: closed(['name'], { name: functionName }),
})
const toolChoice = {
  anyOf: [
    { enum: ['none', 'auto', 'required'] },
    namedTool,
    closed(['type', 'custom'], {
      type: { const: 'custom' },
      custom: { type: 'object', required: ['name'], properties: { name: functionName } },
    }),
    closed(['type', 'allowed_tools'], {
      type: { const: 'allowed_tools' },
      allowed_tools: closed(['mode', 'tools'], {
        mode: { enum: ['auto', 'required'] },
        tools: { type: 'array', items: { type: 'object' } },
      }),
    }),
  ],
}
const responseFormat = {
  oneOf: [
    closed(['type'], { type: { enum: ['text', 'json_object'] } }),
    closed(['type', 'json_schema'], {
      type: { const: 'json_schema' },
      json_schema: closed(['name'], {
        name: functionName,
        description: { type: 'string' },
        schema: { type: 'object' },
        strict: { type: ['boolean', 'null'] },
      }),
    }),
  ],
}
const number = (minimum: number, maximum: number) => ({ type: ['number', 'null'], minimum, maximum })
const count = { type: ['integer', 'null'], minimum: 1 }

export const openAiChatSchema: JsonObject = {
  type: 'object',
  required: ['model', 'messages'],
  additionalProperties: false,
  // One word for the cap; the older one is refused beside the newer.
  not: { required: ['max_tokens', 'max_completion_tokens'] },
  properties: {
    messages: { type: 'array', minItems: 1, items: message },
    model: { type: 'string', minLength: 1 },
    audio: { type: ['object', 'null'] },
    frequency_penalty: number(-2, 2),
    function_call: {},
    functions: { type: 'array', items: functionObject },
    logit_bias: { type: ['object', 'null'] },
    logprobs: { type: ['boolean', 'null'] },
    max_completion_tokens: count,
    max_tokens: count,
    metadata: { type: ['object', 'null'] },
    modalities: { anyOf: [{ type: 'null' }, { type: 'array', items: { enum: ['text', 'audio'] } }] },
    moderation: { type: ['object', 'null'] },
    n: { type: ['integer', 'null'], minimum: 1, maximum: 128 },
    parallel_tool_calls: { type: 'boolean' },
    prediction: { type: ['object', 'null'] },
    presence_penalty: number(-2, 2),
    prompt_cache_key: { type: ['string', 'null'] },
    prompt_cache_options: { type: 'object' },
    prompt_cache_retention: { enum: ['in_memory', '24h', null] },
    reasoning_effort: { enum: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', null] },
    response_format: responseFormat,
    safety_identifier: { type: ['string', 'null'], maxLength: 64 },
    seed: { type: ['integer', 'null'] },
    service_tier: { enum: ['auto', 'default', 'flex', 'scale', 'priority', 'fast', null] },
    stop: {
      anyOf: [
        { type: 'null' },
        { type: 'string' },
        { type: 'array', maxItems: 4, items: { type: 'string' } },
      ],
    },
    store: { type: ['boolean', 'null'] },
    stream: { type: ['boolean', 'null'] },
    stream_options: {
      anyOf: [
        { type: 'null' },
        closed([], { include_usage: { type: 'boolean' }, include_obfuscation: { type: 'boolean' } }),
      ],
    },
    temperature: number(0, 2),
    tool_choice: toolChoice,
    tools: { type: 'array', minItems: 1, maxItems: 128, items: tool },
    top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    top_p: number(0, 1),
    user: { type: 'string' },
    verbosity: { enum: ['low', 'medium', 'high', null] },
    web_search_options: { type: 'object' },
  },
  // Each of these is a 400 without the other.
  dependentRequired: {
    stream_options: ['stream'],
    top_logprobs: ['logprobs'],
    parallel_tool_calls: ['tools'],
    tool_choice: ['tools'],
  },
}
