/** The request of POST /v1/responses, as far as Signalbox reads it. Members it does not name pass through. */
import { z } from 'zod'
import type { JsonValue } from '#core/domain/json.ts'
import { reasoningEffort } from '#http/openai/chat-schema.ts'

/** Bodies come out of a JSON parser, so nothing is left to check; z.json() has no place of its own in the reference. */
const anyJson = z.unknown() as unknown as z.ZodType<JsonValue>
const jsonObject = z.record(z.string(), anyJson)

/** Read further by its type, each with its own path: see input-item-schema.ts. */
const inputItem = z
  .looseObject({ type: z.string().nullish() })
  .describe(
    'message, function_call, function_call_output, custom_tool_call, custom_tool_call_output or reasoning. Items of other types reach OpenAI models only. item_reference leads to a kept response (`responses.store`), and is refused where none is kept.',
  )
export type WireItem = z.output<typeof inputItem>

/** Read further by its type: see response-tools.ts. */
const tool = z
  .looseObject({ type: z.string() })
  .describe('function (strict unless told otherwise), custom, or a tool that OpenAI itself runs.')

const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string().min(1),
    schema: jsonObject.describe('A JSON Schema.'),
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
])
export type WireTextFormat = z.output<typeof textFormat>

const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'at most 16 pairs' })

const notStored = 'Refused: no such thing is stored here.'

export const responseRequest = z
  .object({
    model: z
      .string()
      .min(1)
      .max(256)
      .nullish()
      .describe(
        'A catalogue name, `provider/name`, an alias or a route such as `auto`; left out: the default route.',
      ),
    input: z.union([z.string(), z.array(inputItem).min(1)]).describe('Text, or the conversation so far.'),
    instructions: z.string().nullish().describe('Stands before the conversation as a system message.'),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_obfuscation: z.boolean().nullish() }).nullish(),
    max_output_tokens: z
      .int()
      .min(1)
      .max(10_000_000)
      .nullish()
      .describe('Most tokens of the answer, reasoning included.'),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    tools: z.array(tool).max(1_024).nullish(),
    tool_choice: z
      .union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })])
      .nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    max_tool_calls: z.int().min(1).nullish(),
    text: z
      .object({ format: textFormat.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() })
      .nullish(),
    reasoning: z
      .object({
        effort: reasoningEffort.nullish(),
        summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
        generate_summary: z
          .enum(['auto', 'concise', 'detailed'])
          .nullish()
          .describe('The older name of summary.'),
      })
      .nullish(),
    include: z.array(z.string()).nullish(),
    truncation: z.enum(['auto', 'disabled']).nullish(),
    metadata: metadata.nullish(),
    store: z
      .boolean()
      .nullish()
      .describe(
        'Where the operator keeps responses (`responses.store`), false keeps this one out. Elsewhere nothing is stored here, and only `true` together with a model of OpenAI lets OpenAI store the response.',
      ),
    previous_response_id: z
      .string()
      .nullish()
      .describe('Goes on from a kept response (`responses.store`); refused where none is kept.'),
    conversation: z
      .union([z.string(), z.looseObject({ id: z.string() })])
      .nullish()
      .describe(notStored),
    background: z.boolean().nullish().describe('`true` is refused: a response is stored when it is whole.'),
    prompt: z
      .looseObject({ id: z.string() })
      .nullish()
      .describe('Refused: the prompt is kept where it cannot be read.'),
    prompt_cache_key: z.string().nullish(),
    service_tier: z.string().nullish(),
    user: z
      .string()
      .max(512)
      .nullish()
      .describe('An opaque name of your end user; limits and budgets count by it.'),
    safety_identifier: z.string().max(512).nullish(),
  })
  .meta({ id: 'ResponseRequest' })
export type ResponseRequest = z.output<typeof responseRequest>
