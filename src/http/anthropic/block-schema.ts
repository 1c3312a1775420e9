/** Content blocks of a request (Anthropic Messages API reference, `messages[].content`). */
import { z } from 'zod'
import { anyJson, cacheControl } from '#http/anthropic/cache-schema.ts'

export const textBlock = z.object({
  type: z.literal('text'),
  text: z.string(),
  citations: z.array(anyJson).nullish(),
  cache_control: cacheControl,
})

const imageSource = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('base64'),
    media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
    data: z.string(),
  }),
  z.object({ type: z.literal('url'), url: z.string() }),
  z.object({ type: z.literal('file'), file_id: z.string().min(1) }),
])
const imageBlock = z.object({ type: z.literal('image'), source: imageSource, cache_control: cacheControl })

const sourceContent = z.discriminatedUnion('type', [textBlock, imageBlock])
const documentSource = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('base64'),
    media_type: z.literal('application/pdf'),
    data: z.string(),
  }),
  z.object({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string() }),
  z.object({ type: z.literal('url'), url: z.string() }),
  z.object({ type: z.literal('file'), file_id: z.string().min(1) }),
  z.object({ type: z.literal('content'), content: z.union([z.string(), z.array(sourceContent)]) }),
])
const documentBlock = z.object({
  type: z.literal('document'),
  source: documentSource,
  title: z.string().nullish(),
  context: z.string().nullish(),
  cache_control: cacheControl,
})

const searchResultBlock = z.object({
  type: z.literal('search_result'),
  source: z.string(),
  title: z.string(),
  content: z.array(textBlock),
  cache_control: cacheControl,
})

const thinkingBlock = z.object({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.string().describe('As it was received: it keeps the conversation valid, whoever answered.'),
})
const redactedBlock = z.object({ type: z.literal('redacted_thinking'), data: z.string() })

const toolUseBlock = z.object({
  type: z.literal('tool_use'),
  id: z.string().min(1),
  name: z.string().min(1),
  input: z.record(z.string(), anyJson),
  caller: z.record(z.string(), anyJson).nullish(),
  toolset_name: z.string().nullish(),
  cache_control: cacheControl,
})

const resultTypes = new Set(['text', 'image', 'document', 'search_result'])
const knownTypes = new Set([...resultTypes, 'thinking', 'redacted_thinking', 'tool_use', 'tool_result'])

const otherThan = (known: ReadonlySet<string>) =>
  z
    .looseObject({
      type: z.string().refine((type) => !known.has(type), {
        error: 'a block of this type has another form',
        abort: true,
      }),
    })
    .describe('A block of another kind: passed on to Anthropic models.')

const resultContent = z.union([
  z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, searchResultBlock]),
  otherThan(knownTypes),
])
const toolResultBlock = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(resultContent)]).nullish(),
  is_error: z.boolean().nullish(),
  cache_control: cacheControl,
})

const knownBlock = z.discriminatedUnion('type', [
  textBlock,
  imageBlock,
  documentBlock,
  searchResultBlock,
  thinkingBlock,
  redactedBlock,
  toolUseBlock,
  toolResultBlock,
])
const otherBlock = otherThan(knownTypes)

export const contentBlock = z.union([knownBlock, otherBlock]).meta({ id: 'MessageBlock' })
export type WireBlock = z.output<typeof contentBlock>
export type KnownBlock = z.output<typeof knownBlock>
export type OtherBlock = z.output<typeof otherBlock>
export type BlockOf<Type extends KnownBlock['type']> = Extract<KnownBlock, { readonly type: Type }>

export function isKnownBlock(block: WireBlock): block is KnownBlock {
  return knownTypes.has(block.type)
}
