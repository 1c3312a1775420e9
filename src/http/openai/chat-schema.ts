/** The request of POST /v1/chat/completions, as far as Signalbox reads it. Members it does not name pass through. */
import { z } from 'zod'
import type { JsonValue } from '#core/domain/json.ts'

/** Bodies come out of a JSON parser, so nothing is left to check; z.json() has no place of its own in the reference. */
const anyJson = z.unknown() as unknown as z.ZodType<JsonValue>
const jsonSchemaObject = z.record(z.string(), anyJson).describe('A JSON Schema.')
const cacheControl = z
  .object({ type: z.literal('ephemeral'), ttl: z.string().optional() })
  .describe('Asks that the prompt be cached up to here, where the model can.')
  .nullish()

const cacheBreakpoint = z
  .looseObject({})
  .nullish()
  .describe("OpenAI's own mark that the prompt be cached up to here.")

const textPart = z.object({
  type: z.literal('text'),
  text: z.string(),
  cache_control: cacheControl,
  prompt_cache_breakpoint: cacheBreakpoint,
})
const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z
    .union([
      z.string(),
      z.object({
        url: z.string().describe('A data URL with base64 data, or an http(s) URL.'),
        detail: z.string().nullish().describe('auto, low, high or original.'),
      }),
    ])
    .describe('The image.'),
  cache_control: cacheControl,
  prompt_cache_breakpoint: cacheBreakpoint,
})
const audioPart = z.object({
  type: z.literal('input_audio'),
  input_audio: z.object({ data: z.string().describe('Base64.'), format: z.string().describe('wav or mp3.') }),
})
const filePart = z.object({
  type: z.literal('file'),
  file: z.object({
    file_data: z.string().nullish().describe('A data URL with base64 data.'),
    file_id: z.string().nullish().describe('The id of a file kept by the provider.'),
    filename: z.string().nullish(),
  }),
  cache_control: cacheControl,
  prompt_cache_breakpoint: cacheBreakpoint,
})
const videoPart = z.object({
  type: z.literal('video_url'),
  video_url: z.object({ url: z.string() }),
})
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() })

const knownPartTypes = new Set(['text', 'image_url', 'input_audio', 'file', 'video_url', 'refusal'])
const otherPart = z
  .looseObject({
    type: z.string().refine((type) => !knownPartTypes.has(type), {
      error: 'a part of this type has another form',
      abort: true,
    }),
  })
  .describe('A part of a newer kind: passed on to a provider that speaks this API.')

export const contentPart = z.union([
  z.discriminatedUnion('type', [textPart, imagePart, audioPart, filePart, videoPart, refusalPart]),
  otherPart,
])
export type ContentPart = z.output<typeof contentPart>

const toolCall = z.object({
  id: z.string().min(1),
  type: z.enum(['function', 'custom']).nullish(),
  function: z.object({ name: z.string(), arguments: z.string().nullish() }).nullish(),
  custom: z.object({ name: z.string(), input: z.string() }).nullish(),
  extra_content: z
    .object({
      google: z.object({ thought_signature: z.string().optional() }).nullish(),
      signalbox: z.object({ carried: z.string() }).nullish(),
    })
    .nullish()
    .describe('Tokens that must return with the call.'),
})
export type WireToolCall = z.output<typeof toolCall>

const reasoningDetail = z
  .object({
    type: z.string().describe('reasoning.text, reasoning.summary or reasoning.encrypted.'),
    text: z.string().nullish(),
    summary: z.string().nullish(),
    signature: z.string().nullish(),
    data: z.string().nullish(),
    id: z.string().nullish(),
    format: z.string().nullish().describe('Which provider made it, as Signalbox sent it.'),
    kind: z.string().nullish(),
    part: z.string().nullish().describe('What a token stands on, where that is not the reasoning itself.'),
    extras: z.record(z.string(), anyJson).nullish(),
  })
  .describe('One piece of reasoning as Signalbox sent it: returned unchanged, it keeps a conversation valid.')
export type ReasoningDetail = z.output<typeof reasoningDetail>

export const wireMessage = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z
    .union([z.string(), z.array(contentPart)])
    .nullish()
    .describe('Text, or a list of parts.'),
  name: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().nullish(),
  function_call: z
    .object({ name: z.string(), arguments: z.string() })
    .nullish()
    .describe('Deprecated form of tool_calls.'),
  audio: z.object({ id: z.string() }).nullish(),
  images: z
    .array(z.object({ image_url: z.object({ url: z.string() }) }))
    .nullish()
    .describe('Images that the model made, as Signalbox sent them.'),
  reasoning_content: z.string().nullish(),
  reasoning_details: z.array(reasoningDetail).nullish(),
})
export type WireMessage = z.output<typeof wireMessage>

const functionTool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().min(1).max(128),
    description: z.string().nullish(),
    parameters: jsonSchemaObject.nullish(),
    strict: z.boolean().nullish(),
  }),
  cache_control: cacheControl,
})
const customTool = z.object({
  type: z.literal('custom'),
  custom: z.object({
    name: z.string().min(1).max(128),
    description: z.string().nullish(),
    format: z.record(z.string(), anyJson).nullish(),
  }),
})
const serverTool = z
  .looseObject({
    type: z.string().refine((type) => type !== 'function' && type !== 'custom', {
      error: 'a tool of this type has another form',
      abort: true,
    }),
  })
  .describe('A tool that a provider runs itself.')
export const wireTool = z.union([z.discriminatedUnion('type', [functionTool, customTool]), serverTool])
export type WireTool = z.output<typeof wireTool>

const toolName = z.object({ name: z.string() })
export const wireToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function'), function: toolName }),
  z.object({ type: z.literal('custom'), custom: toolName }),
  z.object({
    type: z.literal('allowed_tools'),
    allowed_tools: z.object({
      mode: z.enum(['auto', 'required']),
      tools: z.array(z.object({ function: toolName.nullish(), custom: toolName.nullish() })),
    }),
  }),
])
export type WireToolChoice = z.output<typeof wireToolChoice>

export const wireResponseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({
      name: z.string(),
      description: z.string().nullish(),
      schema: jsonSchemaObject.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
])
export type WireResponseFormat = z.output<typeof wireResponseFormat>

const tokenCap = z.int().min(1).max(10_000_000)
export const reasoningEffort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])

export const chatRequest = z
  .object({
    model: z
      .string()
      .min(1)
      .max(256)
      .nullish()
      .describe(
        'A catalogue name, `provider/name`, an alias or a route such as `auto`; left out: the default route.',
      ),
    messages: z.array(wireMessage).min(1).describe('The conversation so far, oldest first.'),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
    max_completion_tokens: tokenCap.nullish().describe('Most tokens of the answer, reasoning included.'),
    max_tokens: tokenCap.nullish().describe('The older name of max_completion_tokens.'),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).nullish().describe('Not of OpenAI; for models that know it.'),
    n: z.int().min(1).max(128).nullish().describe('How many answers to give.'),
    stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
    seed: z.int().nullish(),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    modalities: z.array(z.string()).nullish(),
    tools: z.array(wireTool).max(1_024).nullish(),
    tool_choice: wireToolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    functions: z.array(functionTool.shape.function).nullish().describe('Deprecated form of tools.'),
    function_call: z
      .union([z.enum(['none', 'auto']), toolName])
      .nullish()
      .describe('Deprecated form of tool_choice.'),
    web_search_options: z
      .looseObject({})
      .nullish()
      .describe('A search that OpenAI runs; for its models only.'),
    response_format: wireResponseFormat.nullish(),
    reasoning_effort: reasoningEffort.nullish(),
    user: z
      .string()
      .max(512)
      .nullish()
      .describe('An opaque name of your end user; limits and budgets count by it.'),
    safety_identifier: z.string().max(512).nullish(),
  })
  .meta({ id: 'ChatCompletionRequest' })
export type ChatRequest = z.output<typeof chatRequest>
