/** The body of `POST /v1/responses`. Source: OpenAI API reference, "Create a model response". */
import type { JsonObject } from '../../../src/core/domain/json.ts'
import { closed } from './closed-object.ts'

const breakpoint = { type: 'object' }
const inputText = closed(['type', 'text'], {
  type: { const: 'input_text' },
  text: { type: 'string' },
  prompt_cache_breakpoint: breakpoint,
})
const inputImage = {
  type: 'object',
  required: ['type'],
  additionalProperties: false,
  oneOf: [{ required: ['image_url'] }, { required: ['file_id'] }],
  properties: {
    type: { const: 'input_image' },
    image_url: { type: 'string', pattern: '^(data:image/[a-z+.-]+;base64,|https?://)' },
    file_id: { type: 'string' },
    detail: { enum: ['auto', 'low', 'high', 'original'] },
    prompt_cache_breakpoint: breakpoint,
  },
}
const inputFile = {
  type: 'object',
  required: ['type'],
  additionalProperties: false,
  oneOf: [{ required: ['file_data'] }, { required: ['file_url'] }, { required: ['file_id'] }],
  properties: {
    type: { const: 'input_file' },
    file_data: { type: 'string', pattern: '^data:[a-z]+/[a-z0-9+.-]+;base64,' },
    file_url: { type: 'string', pattern: '^https?://' },
    file_id: { type: 'string' },
    filename: { type: 'string' },
    prompt_cache_breakpoint: breakpoint,
  },
  dependentRequired: { file_data: ['filename'] },
}
const inputAudio = closed(['type', 'input_audio'], {
  type: { const: 'input_audio' },
  input_audio: closed(['data', 'format'], { data: { type: 'string' }, format: { enum: ['wav', 'mp3'] } }),
})
const outputText = closed(['type', 'text'], {
  type: { const: 'output_text' },
  text: { type: 'string' },
  annotations: { type: 'array' },
  logprobs: { type: 'array' },
})
const refusal = closed(['type', 'refusal'], { type: { const: 'refusal' }, refusal: { type: 'string' } })

const id = { type: 'string' }
const callId = { type: 'string', minLength: 1, maxLength: 64 }
const name = { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,128}$' }
const status = { enum: ['in_progress', 'completed', 'incomplete', null] }
const caller = { type: ['object', 'null'] }
const output = {
  anyOf: [
    { type: 'string' },
    { type: 'array', minItems: 1, items: { anyOf: [inputText, inputImage, inputFile] } },
  ],
}
const item = {
  anyOf: [
    closed(['role', 'content'], {
      type: { const: 'message' },
      role: { enum: ['user', 'system', 'developer'] },
      content: {
        anyOf: [
          { type: 'string' },
          { type: 'array', minItems: 1, items: { anyOf: [inputText, inputImage, inputFile, inputAudio] } },
        ],
      },
      status,
      id,
    }),
    closed(['role', 'content'], {
      type: { const: 'message' },
      role: { const: 'assistant' },
      content: {
        anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { anyOf: [outputText, refusal] } }],
      },
      phase: { enum: ['commentary', 'final_answer', null] },
      status,
      id,
    }),
    closed(['type', 'call_id', 'name', 'arguments'], {
      type: { const: 'function_call' },
      call_id: callId,
      name,
      arguments: { type: 'string', minLength: 2 },
      namespace: { type: 'string' },
      caller,
      status,
      id,
    }),
    closed(['type', 'call_id', 'name', 'input'], {
      type: { const: 'custom_tool_call' },
      call_id: callId,
      name,
      input: { type: 'string' },
      namespace: { type: 'string' },
      caller,
      id,
    }),
    closed(['type', 'call_id', 'output'], {
      type: { enum: ['function_call_output', 'custom_tool_call_output'] },
      call_id: callId,
      output,
      caller,
      status,
      id,
    }),
    closed(['type', 'summary'], {
      type: { const: 'reasoning' },
      summary: { type: 'array' },
      content: { type: 'array' },
      encrypted_content: { type: ['string', 'null'] },
      status,
      id,
    }),
    // What OpenAI did with tools of its own comes back as it was sent; the forms change often.
    {
      type: 'object',
      required: ['type'],
      properties: {
        type: {
          type: 'string',
          pattern:
            '^(web_search_call|file_search_call|code_interpreter_call|image_generation_call|mcp_.+|shell_.+|local_shell_.+|apply_patch_.+|computer_.+|tool_search_.+|compaction|item_reference|additional_tools|program.*)$',
        },
      },
    },
  ],
}

const tool = {
  anyOf: [
    closed(['type', 'name', 'parameters'], {
      type: { const: 'function' },
      name,
      description: { type: ['string', 'null'] },
      parameters: {
        anyOf: [
          { type: 'null' },
          { type: 'object', required: ['type'], properties: { type: { const: 'object' } } },
        ],
      },
      strict: { type: ['boolean', 'null'] },
      defer_loading: { type: 'boolean' },
    }),
    closed(['type', 'name'], {
      type: { const: 'custom' },
      name,
      description: { type: 'string' },
      format: {
        anyOf: [
          closed(['type'], { type: { const: 'text' } }),
          closed(['type', 'syntax', 'definition'], {
            type: { const: 'grammar' },
            syntax: { enum: ['lark', 'regex'] },
            definition: { type: 'string' },
          }),
        ],
      },
      defer_loading: { type: 'boolean' },
    }),
    {
      type: 'object',
      required: ['type'],
      properties: {
        type: {
          type: 'string',
          pattern:
            '^(web_search|file_search|code_interpreter|image_generation|mcp|shell|local_shell|apply_patch|computer|tool_search|namespace|programmatic)',
        },
      },
    },
  ],
}
const toolChoice = {
  anyOf: [
    { enum: ['none', 'auto', 'required'] },
    closed(['type', 'name'], { type: { enum: ['function', 'custom'] }, name }),
    closed(['type', 'mode', 'tools'], {
      type: { const: 'allowed_tools' },
      mode: { enum: ['auto', 'required'] },
      tools: { type: 'array', minItems: 1, items: { type: 'object', required: ['type'] } },
    }),
    {
      type: 'object',
      required: ['type'],
      properties: { type: { type: 'string', not: { enum: ['function', 'custom', 'allowed_tools'] } } },
    },
  ],
}
const textFormat = {
  anyOf: [
    closed(['type'], { type: { enum: ['text', 'json_object'] } }),
    closed(['type', 'name', 'schema'], {
      type: { const: 'json_schema' },
      name: { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,64}$' },
      description: { type: 'string' },
      schema: { type: 'object' },
      strict: { type: ['boolean', 'null'] },
    }),
  ],
}

export const openAiResponsesSchema: JsonObject = {
  type: 'object',
  required: ['model'],
  additionalProperties: false,
  properties: {
    model: { type: 'string', minLength: 1 },
    input: { anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: item }] },
    instructions: { type: ['string', 'null'] },
    background: { type: ['boolean', 'null'] },
    context_management: { type: ['array', 'null'] },
    conversation: {},
    include: { type: ['array', 'null'], items: { type: 'string' } },
    max_output_tokens: { type: ['integer', 'null'], minimum: 16 },
    max_tool_calls: { type: ['integer', 'null'] },
    metadata: { type: ['object', 'null'] },
    moderation: { type: ['object', 'null'] },
    parallel_tool_calls: { type: ['boolean', 'null'] },
    previous_response_id: { type: ['string', 'null'] },
    prompt: {},
    prompt_cache_key: { type: 'string' },
    prompt_cache_options: { type: 'object' },
    prompt_cache_retention: { type: ['string', 'null'] },
    reasoning: {
      anyOf: [
        { type: 'null' },
        closed([], {
          effort: { enum: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', null] },
          summary: { enum: ['auto', 'concise', 'detailed', null] },
          generate_summary: { enum: ['auto', 'concise', 'detailed', null] },
          mode: { type: 'string' },
          context: {},
        }),
      ],
    },
    safety_identifier: { type: ['string', 'null'], maxLength: 64 },
    service_tier: { type: ['string', 'null'] },
    store: { type: ['boolean', 'null'] },
    stream: { type: ['boolean', 'null'] },
    stream_options: { type: ['object', 'null'] },
    temperature: { type: ['number', 'null'], minimum: 0, maximum: 2 },
    text: closed([], {
      format: textFormat,
      verbosity: { enum: ['low', 'medium', 'high', null] },
    }),
    tool_choice: toolChoice,
    tools: { type: 'array', items: tool },
    top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
    truncation: { enum: ['auto', 'disabled', null] },
    user: { type: 'string' },
  },
}
