/** The request of POST /v2/chat, as far as Signalbox reads it. Members it does not name pass through to Cohere. */
import { z } from 'zod'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

/** Bodies come out of a JSON parser, so nothing is left to check; z.json() has no place of its own in the reference. */
const anyJson = z.unknown() as unknown as z.ZodType<JsonValue>
const anyObject = z.record(z.string(), anyJson) as unknown as z.ZodType<JsonObject>
const jsonSchemaObject = anyObject.describe('A JSON Schema.')

const carried = z
  .string()
  .nullish()
  .describe(
    "Another provider's tokens as Signalbox sent them: returned unchanged, they keep a conversation valid.",
  )

const textPart = z.object({ type: z.literal('text'), text: z.string() })
const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.object({
    url: z.string().describe('A data URL with base64 data, or an http(s) URL.'),
    detail: z.enum(['auto', 'low', 'high']).nullish(),
  }),
})
export type WireImage = z.output<typeof imagePart>['image_url']

const wireDocument = z.object({
  id: z.string().nullish(),
  data: z.union([z.string(), anyObject]).describe('What the document says: text, or named fields.'),
})
const documentPart = z.object({ type: z.literal('document'), document: wireDocument })

/** A part of a kind that is newer than this list, which only Cohere itself can be given. */
function newerPart(...known: readonly string[]) {
  return z
    .looseObject({
      type: z.string().refine((type) => !known.includes(type), {
        error: 'a part of this type has another form',
        abort: true,
      }),
    })
    .describe('A part of a newer kind: passed on to Cohere, refused for every other provider.')
}

const userContent = z.union([
  z.string(),
  z.array(
    z.union([
      z.discriminatedUnion('type', [textPart, imagePart, documentPart]),
      newerPart('text', 'image_url', 'document', 'thinking'),
    ]),
  ),
])
const instructionContent = z.union([z.string(), z.array(textPart)])
const toolContent = z.union([
  z.string(),
  z.array(
    z.union([
      z.discriminatedUnion('type', [textPart, documentPart]),
      newerPart('text', 'document', 'image_url', 'thinking'),
    ]),
  ),
])
const assistantContent = z.union([
  z.string(),
  z.array(
    z.union([
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('text'), text: z.string(), is_refusal: z.boolean().nullish(), carried }),
        z.object({ type: z.literal('thinking'), thinking: z.string(), carried }),
      ]),
      newerPart('text', 'thinking', 'image_url', 'document'),
    ]),
  ),
])

const toolCall = z.object({
  id: z.string().min(1),
  type: z.literal('function').nullish(),
  function: z.object({ name: z.string().min(1), arguments: z.string().nullish() }),
  carried,
})
export type WireToolCall = z.output<typeof toolCall>

const userMessage = z.object({ role: z.literal('user'), content: userContent })
const systemMessage = z.object({ role: z.literal('system'), content: instructionContent })
const developerMessage = z.object({ role: z.literal('developer'), content: instructionContent })
const assistantMessage = z.object({
  role: z.literal('assistant'),
  content: assistantContent.nullish(),
  tool_plan: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
  citations: z.array(anyJson).nullish(),
  images: z
    .array(imagePart)
    .nullish()
    .describe('Pictures that a model made in this turn, as Signalbox sent them.'),
})
const toolMessage = z.object({
  role: z.literal('tool'),
  tool_call_id: z.string().min(1),
  content: toolContent,
})
export type WireAssistant = z.output<typeof assistantMessage>
export type UserContent = z.output<typeof userContent>
export type ToolContent = z.output<typeof toolContent>
export type WireDocument = z.output<typeof wireDocument>

const wireMessage = z.discriminatedUnion('role', [
  userMessage,
  assistantMessage,
  systemMessage,
  developerMessage,
  toolMessage,
])
export type WireMessage = z.output<typeof wireMessage>

const wireTool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().min(1).max(128),
    description: z.string().nullish(),
    parameters: jsonSchemaObject.nullish(),
  }),
})

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({
    type: z.literal('json_object'),
    json_schema: jsonSchemaObject.nullish(),
    schema: jsonSchemaObject.nullish().describe('The older name of json_schema.'),
  }),
])

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
    documents: z
      .array(z.union([z.string(), wireDocument]))
      .max(10_000)
      .nullish()
      .describe(
        'What the answer should rest on. Other providers are shown them as text beside the last question.',
      ),
    citation_options: z
      .object({ mode: z.enum(['ENABLED', 'DISABLED', 'FAST', 'ACCURATE', 'OFF']).nullish() })
      .nullish()
      .describe('Only Cohere cites in this form: asking for it limits the request to its models.'),
    tools: z.array(wireTool).max(1_024).nullish(),
    strict_tools: z.boolean().nullish(),
    tool_choice: z.enum(['REQUIRED', 'NONE']).nullish(),
    response_format: responseFormat.nullish(),
    safety_mode: z
      .enum(['CONTEXTUAL', 'STRICT', 'OFF', 'NONE'])
      .nullish()
      .describe('STRICT is an instruction for models of other providers; the rest is their own default.'),
    max_tokens: z
      .int()
      .min(1)
      .max(10_000_000)
      .nullish()
      .describe('Most tokens of the answer, thinking included.'),
    stop_sequences: z.array(z.string()).max(5).nullish(),
    temperature: z.number().min(0).nullish(),
    seed: z.int().min(0).nullish(),
    frequency_penalty: z.number().min(0).max(1).nullish(),
    presence_penalty: z.number().min(0).max(1).nullish(),
    k: z.int().min(0).max(500).nullish(),
    p: z.number().min(0).max(1).nullish(),
    logprobs: z.boolean().nullish(),
    thinking: z
      .object({ type: z.enum(['enabled', 'disabled']), token_budget: z.int().min(1).nullish() })
      .nullish(),
    priority: z.int().min(0).max(999).nullish().describe("A place in Cohere's own queue."),
  })
  .meta({ id: 'CohereChatRequest' })
export type ChatRequest = z.output<typeof chatRequest>
