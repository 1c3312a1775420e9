/** The body of `POST /v1/messages`. Source: Anthropic API reference, "Create a Message". */
import type { JsonObject } from '../../../src/core/domain/json.ts'
import { closed } from './closed-object.ts'

const cacheControl = {
  anyOf: [{ type: 'null' }, closed(['type'], { type: { const: 'ephemeral' }, ttl: { enum: ['5m', '1h'] } })],
}
const citations = { type: ['object', 'array', 'null'] }
// Empty text is refused, and so is text of white space alone.
const text = closed(['type', 'text'], {
  type: { const: 'text' },
  text: { type: 'string', pattern: '\\S' },
  cache_control: cacheControl,
  citations,
})
const base64Source = (mediaTypes: readonly string[]) =>
  closed(['type', 'media_type', 'data'], {
    type: { const: 'base64' },
    media_type: { enum: mediaTypes },
    data: { type: 'string', minLength: 1 },
  })
const urlSource = closed(['type', 'url'], {
  type: { const: 'url' },
  url: { type: 'string', pattern: '^https?://' },
})
const fileSource = closed(['type', 'file_id'], { type: { const: 'file' }, file_id: { type: 'string' } })
const textSource = closed(['type', 'media_type', 'data'], {
  type: { const: 'text' },
  media_type: { const: 'text/plain' },
  data: { type: 'string' },
})
const contentSource = closed(['type', 'content'], { type: { const: 'content' }, content: {} })
const image = closed(['type', 'source'], {
  type: { const: 'image' },
  cache_control: cacheControl,
  source: {
    anyOf: [base64Source(['image/jpeg', 'image/png', 'image/gif', 'image/webp']), urlSource, fileSource],
  },
})
const document = closed(['type', 'source'], {
  type: { const: 'document' },
  cache_control: cacheControl,
  citations,
  context: { type: ['string', 'null'] },
  title: { type: ['string', 'null'] },
  source: { anyOf: [base64Source(['application/pdf']), textSource, urlSource, fileSource, contentSource] },
})
const searchResult = {
  type: 'object',
  required: ['type', 'source', 'title', 'content'],
  properties: { type: { const: 'search_result' } },
}
const toolReference = {
  type: 'object',
  required: ['type', 'tool_name'],
  properties: { type: { const: 'tool_reference' } },
}
const id = { type: 'string', pattern: '^[a-zA-Z0-9_-]+$' }
const toolUse = closed(['type', 'id', 'name', 'input'], {
  type: { const: 'tool_use' },
  id,
  name: { type: 'string' },
  input: { type: 'object' },
  cache_control: cacheControl,
  caller: { type: 'object' },
})
const toolResult = closed(['type', 'tool_use_id'], {
  type: { const: 'tool_result' },
  tool_use_id: id,
  is_error: { type: 'boolean' },
  cache_control: cacheControl,
  content: {
    anyOf: [
      { type: 'string' },
      { type: 'array', items: { anyOf: [text, image, document, searchResult, toolReference] } },
    ],
  },
})
const thinking = closed(['type', 'thinking', 'signature'], {
  type: { const: 'thinking' },
  thinking: { type: 'string' },
  signature: { type: 'string', minLength: 1 },
})
const redacted = closed(['type', 'data'], { type: { const: 'redacted_thinking' }, data: { type: 'string' } })
// Tools that Anthropic runs come back as they were sent; their forms change often.
const serverBlock = {
  type: 'object',
  required: ['type'],
  properties: {
    type: {
      type: 'string',
      pattern: '^(server_tool_use|mcp_tool_use|mcp_tool_result|container_upload|compaction|.+_tool_result)$',
    },
  },
}

const blocks = (...items: readonly JsonObject[]) => ({
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { anyOf: items } },
  ],
})
const message = {
  oneOf: [
    closed(['role', 'content'], {
      role: { const: 'user' },
      content: blocks(text, image, document, searchResult, toolResult, serverBlock),
    }),
    closed(['role', 'content'], {
      role: { const: 'assistant' },
      content: blocks(text, thinking, redacted, toolUse, serverBlock),
    }),
    closed(['role', 'content'], { role: { const: 'system' }, content: {} }),
  ],
}

const tool = {
  anyOf: [
    closed(['name', 'input_schema'], {
      type: { enum: ['custom', null] },
      name: { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,128}$' },
      description: { type: 'string' },
      input_schema: { type: 'object', required: ['type'], properties: { type: { const: 'object' } } },
      strict: { type: 'boolean' },
      cache_control: cacheControl,
      defer_loading: { type: 'boolean' },
      allowed_callers: { type: 'array' },
      input_examples: { type: 'array' },
      eager_input_streaming: { type: ['boolean', 'null'] },
    }),
    {
      type: 'object',
      required: ['type'],
      properties: { type: { type: 'string', pattern: '_(20[0-9]{6}|toolset)$' } },
    },
  ],
}
const parallel = { disable_parallel_tool_use: { type: 'boolean' } }
const toolChoice = {
  oneOf: [
    closed(['type'], { type: { enum: ['auto', 'any'] }, ...parallel }),
    closed(['type'], { type: { const: 'none' } }),
    closed(['type', 'name'], { type: { const: 'tool' }, name: { type: 'string' }, ...parallel }),
  ],
}
const display = { display: { enum: ['summarized', 'omitted', null] } }
const thinkingConfig = {
  oneOf: [
    closed(['type', 'budget_tokens'], {
      type: { const: 'enabled' },
      budget_tokens: { type: 'integer', minimum: 1_024 },
      ...display,
    }),
    closed(['type'], { type: { const: 'adaptive' }, ...display }),
    closed(['type'], { type: { const: 'disabled' } }),
  ],
}

export const anthropicMessagesSchema: JsonObject = {
  type: 'object',
  required: ['model', 'messages', 'max_tokens'],
  additionalProperties: false,
  properties: {
    model: { type: 'string', minLength: 1 },
    messages: { type: 'array', minItems: 1, items: message },
    max_tokens: { type: 'integer', minimum: 1 },
    cache_control: cacheControl,
    container: {},
    context_management: { type: ['object', 'null'] },
    inference_geo: { type: ['string', 'null'] },
    mcp_servers: { type: 'array' },
    metadata: closed([], { user_id: { type: ['string', 'null'], maxLength: 256 } }),
    output_config: closed([], {
      effort: { enum: ['low', 'medium', 'high', 'xhigh', 'max', null] },
      format: {
        anyOf: [
          { type: 'null' },
          closed(['type', 'schema'], { type: { const: 'json_schema' }, schema: { type: 'object' } }),
        ],
      },
      task_budget: {},
    }),
    service_tier: { enum: ['auto', 'standard_only'] },
    speed: { enum: ['standard', 'fast', null] },
    stop_sequences: { type: 'array', items: { type: 'string', pattern: '\\S' } },
    stream: { type: 'boolean' },
    system: { anyOf: [{ type: 'string' }, { type: 'array', items: text }] },
    temperature: { type: 'number', minimum: 0, maximum: 1 },
    thinking: thinkingConfig,
    tool_choice: toolChoice,
    tools: { type: 'array', items: tool },
    top_k: { type: 'integer', minimum: 0 },
    top_p: { type: 'number', minimum: 0, maximum: 1 },
  },
  dependentRequired: { tool_choice: ['tools'] },
}
