/** The request and the answer of POST /v1/generate. */
import { z } from 'zod'
import {
  reasoningEffort,
  wireMessage,
  wireResponseFormat,
  wireTool,
  wireToolChoice,
} from '#http/openai/chat-schema.ts'
import { taskTypeNames } from '#http/generate/task-catalogue.ts'

const imageAddress = z.string().min(1)

export const generateRequest = z
  .object({
    prompt: z.string().optional().describe('What to answer. Either this or `messages`.'),
    messages: z
      .array(wireMessage)
      .min(1)
      .optional()
      .describe('A conversation in the form of the OpenAI chat API.'),
    system: z.string().optional().describe('How to answer: stands before everything else.'),
    user_id: z
      .union([z.string().min(1).max(256), z.int()])
      .optional()
      .describe('Your own name for the user: limits and budgets count by it. Providers see only a hash.'),
    task_type: z
      .string()
      .optional()
      .describe(
        `What kind of task it is, for routes that choose: ${taskTypeNames.join(', ')}, or a common synonym.`,
      ),
    model: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe(
        'A catalogue name, `provider/name`, an alias or a route such as `auto:cheap`; left out: the default route.',
      ),
    fallbacks: z
      .array(z.string().min(1).max(256))
      .max(8)
      .optional()
      .describe('Models to try next, in order.'),
    max_tokens: z.int().min(1).max(10_000_000).optional().describe('Most tokens of the answer.'),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().min(0).max(1).optional(),
    stop: z.union([z.string(), z.array(z.string()).max(16)]).optional(),
    seed: z.int().optional(),
    images: z
      .array(
        z.union([
          imageAddress,
          z.object({ url: imageAddress, detail: z.string().optional() }),
          z.object({
            image_url: z.union([
              imageAddress,
              z.object({ url: imageAddress, detail: z.string().optional() }),
            ]),
          }),
        ]),
      )
      .max(100)
      .optional()
      .describe('Data URLs with base64 data (PNG, JPEG, GIF, WebP, PDF) or http(s) URLs.'),
    tools: z.array(wireTool).max(1_024).optional(),
    tool_choice: wireToolChoice.optional(),
    response_format: z.union([z.enum(['text', 'json']), wireResponseFormat]).optional(),
    reasoning_effort: reasoningEffort.optional(),
    stream: z.boolean().optional().describe('True answers as POST /v1/generate/stream does.'),
    quality: z
      .union([z.number().min(0).max(1), z.enum(['low', 'medium', 'high'])])
      .optional()
      .describe('How good the answer must be, for routes that choose: 0 to 1, or a word.'),
    max_cost_usd: z
      .union([z.number(), z.string()])
      .optional()
      .describe('Refuse the request if it could cost more than this.'),
    cache: z
      .union([z.boolean(), z.enum(['default', 'on', 'off'])])
      .optional()
      .describe('Whether an answer may come from, and be kept in, the cache.'),
    timeout_ms: z
      .int()
      .min(1)
      .optional()
      .describe('How long you are ready to wait; may only shorten the limit.'),
    metadata: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .describe('At most 16 names and values; kept with the usage record as tags `name=value`.'),
  })
  .meta({ id: 'GenerateRequest' })
export type GenerateRequest = z.output<typeof generateRequest>

export const generateFields = Object.keys(generateRequest.shape)

const generateUsage = z
  .object({
    input_tokens: z.int().nullable().describe('Cached tokens included. Null when nobody counted.'),
    output_tokens: z.int().nullable().describe('Reasoning included.'),
    total_tokens: z.int().nullable(),
    cached_input_tokens: z.int().nullable(),
    reasoning_tokens: z.int().nullable(),
  })
  .meta({ id: 'GenerateUsage' })

const generateToolCall = z.object({
  id: z.string(),
  type: z.enum(['function', 'custom']),
  name: z.string(),
  arguments: z.string().describe('JSON text for a function; free text for a custom tool.'),
})

export const generateAnswer = z
  .object({
    id: z.string().describe('The request id; also in the `x-request-id` header.'),
    response: z.string().describe('The text of the answer.'),
    model: z.string().describe('The catalogue name of the model that answered.'),
    provider: z.string(),
    finish_reason: z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'pause', 'error', 'other']),
    usage: generateUsage,
    cost: z.number().describe('US dollars.'),
    cost_nano_usd: z.int().describe('The same, exact: 10^-9 US dollars.'),
    cost_estimated: z
      .boolean()
      .describe('Whether tokens were estimated here because the provider did not count.'),
    cached: z.boolean(),
    routing: z.object({
      route: z.string(),
      reason: z.string(),
      attempts: z.int().describe('Calls made to providers.'),
      rescues: z.int().describe('How often the answer broke off and went on from another attempt.'),
    }),
    latency_ms: z.number(),
    simulated: z.boolean().describe('Whether the answer was made up here because no provider is configured.'),
    tool_calls: z.array(generateToolCall).optional(),
    reasoning: z.string().optional(),
    refusal: z.string().optional(),
    images: z.array(z.string()).optional().describe('Produced images as data URLs.'),
    citations: z.array(z.object({ url: z.string().optional(), title: z.string().optional() })).optional(),
    dropped: z
      .array(z.string())
      .optional()
      .describe('Fields that the model cannot take and that were left out.'),
  })
  .meta({ id: 'GenerateAnswer' })
export type GenerateAnswer = z.output<typeof generateAnswer>
