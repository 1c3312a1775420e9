/** The request of POST /v1/messages, as far as Signalbox reads it. Members it does not name pass through. */
import { z } from 'zod'

import { contentBlock, textBlock } from '#http/anthropic/block-schema.ts'
import { anyJson, cacheControl } from '#http/anthropic/cache-schema.ts'

export const wireMessage = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(contentBlock)]).describe('Text, or a list of content blocks.'),
})
export type WireMessage = z.output<typeof wireMessage>

const jsonObject = z.record(z.string(), anyJson)

const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, 'must be 1 to 128 letters, digits, `_` and `-`')
const clientTool = z.looseObject({
  type: z.literal('custom').nullish(),
  name: toolName,
  description: z.string().nullish(),
  input_schema: z.looseObject({ type: z.literal('object') }).describe('A JSON Schema of type object.'),
  strict: z.boolean().nullish(),
  cache_control: cacheControl,
})
const serverTool = z
  .looseObject({
    type: z.string().refine((type) => type !== 'custom', {
      error: 'a tool of this type has another form',
      abort: true,
    }),
    name: z.string().nullish(),
    cache_control: cacheControl,
  })
  .describe('A tool that Anthropic defines or runs itself, by its dated type.')
/** Told apart by their type first, so that a complaint speaks of the form that was meant. */
export const wireTool = z.union([clientTool, serverTool])
export type WireTool = z.output<typeof wireTool>
export type WireClientTool = z.output<typeof clientTool>

export const wireToolChoice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auto'), disable_parallel_tool_use: z.boolean().nullish() }),
  z.object({ type: z.literal('any'), disable_parallel_tool_use: z.boolean().nullish() }),
  z.object({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use: z.boolean().nullish() }),
  z.object({ type: z.literal('none') }),
])
export type WireToolChoice = z.output<typeof wireToolChoice>

const thinkingDisplay = z.enum(['summarized', 'omitted']).nullish()
export const wireThinking = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('enabled'),
    budget_tokens: z.int().min(1_024).describe('Tokens to think with; fewer than max_tokens.'),
    display: thinkingDisplay,
  }),
  z.object({ type: z.literal('adaptive'), display: thinkingDisplay }),
  z.object({ type: z.literal('disabled') }),
  z.object({ type: z.literal('between_tools') }),
])

const outputFormat = z.object({ type: z.literal('json_schema'), schema: jsonObject })

const stopSequence = z.string().refine((text) => text.trim() !== '', 'must contain more than white space')

export const messageRequest = z
  .object({
    model: z
      .string()
      .min(1)
      .max(256)
      .describe('A catalogue name, `provider/name`, an alias or a route such as `auto`.'),
    max_tokens: z
      .int()
      .min(0)
      .max(10_000_000)
      .describe('Most tokens to write; 0 only fills the cache, with Anthropic models alone.'),
    messages: z.array(wireMessage).min(1, 'at least one message is required').max(100_000),
    system: z.union([z.string(), z.array(textBlock)]).nullish(),
    stream: z.boolean().nullish(),
    temperature: z.number().min(0).max(1).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).nullish(),
    stop_sequences: z.array(stopSequence).nullish(),
    tools: z.array(wireTool).max(1_024).nullish(),
    tool_choice: wireToolChoice.nullish(),
    thinking: wireThinking.nullish(),
    output_config: z
      .object({
        effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
        format: outputFormat.nullish(),
      })
      .nullish(),
    output_format: outputFormat.nullish().describe('Earlier place of output_config.format.'),
    metadata: z
      .object({
        user_id: z
          .string()
          .max(512)
          .nullish()
          .describe('An opaque name of your end user; limits and budgets count by it.'),
      })
      .nullish(),
    cache_control: cacheControl,
    mcp_servers: z.array(jsonObject).nullish().describe('For Anthropic models alone.'),
  })
  .meta({ id: 'MessageRequest' })
export type MessageRequest = z.output<typeof messageRequest>

/** Members that are read above; any other reaches an Anthropic model unread, and no other model. */
export const knownMembers: ReadonlySet<string> = new Set(Object.keys(messageRequest.shape))
