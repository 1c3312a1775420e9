/** Parts of an answer as content blocks (Messages API reference, `content`). */
import type { Carry, Citation, MediaPart, Part, ToolCallPart } from '#core/domain/chat.ts'
import { asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { carryBefore, carryCall, carryPart, signThinking } from '#http/anthropic/carried-thinking.ts'
import type { CarriedCall } from '#http/anthropic/carried-thinking.ts'
import { writeCarriedToken } from '#http/carried-token.ts'

const origin = 'anthropic-messages'

/** Every block of an answer in order. */
export function contentBlocks(parts: readonly Part[]): readonly JsonObject[] {
  const blocks: JsonObject[] = []
  let announced: ToolCallPart | undefined
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]
    if (!part) continue
    const isThought = part.type === 'reasoning' || (part.type === 'text' && part.isToolPlan === true)
    if (isThought) {
      const next = parts[index + 1]
      const call = next?.type === 'tool_call' ? carriedCall(next.id, next.carry) : undefined
      const isPlan = part.type === 'text'
      blocks.push(...thinkingBlocks({ text: part.text, carry: part.carry ?? [], isPlan, call }))
      if (call && next?.type === 'tool_call') announced = next
    } else if (part.type === 'tool_call') {
      const call = part === announced ? undefined : carriedCall(part.id, part.carry)
      if (call) blocks.push(redacted(carryCall(call)))
      blocks.push(toolUse(part, inputOf(part)))
    } else blocks.push(...otherBlocks(part))
  }
  return blocks
}

function otherBlocks(part: Part): readonly JsonObject[] {
  switch (part.type) {
    case 'text': {
      const citations = part.citations?.map(writeCitation) ?? []
      const block = { type: 'text', text: part.text, citations: citations.length > 0 ? citations : null }
      return [...(part.text === '' ? [] : [block]), ...tokensAfter(part.carry)]
    }
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return [mediaBlock(part), ...tokensAfter(part.carry)]
    case 'server_tool':
    case 'opaque': {
      const own = part.origin === origin ? asObject(part.value) : undefined
      return [own ?? redacted(carryPart(part))]
    }
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text, citations: null }]
    case 'reasoning':
    case 'tool_call':
    case 'tool_result':
      return []
  }
}

export interface Thought {
  readonly text: string
  readonly carry: readonly Carry[]
  readonly isPlan: boolean
  /** The call right after it, when tokens must return with that. */
  readonly call: CarriedCall | undefined
}

/** Thinking with its signature; without a word to show it is a redacted block, or nothing at all. */
export function thinkingBlocks(thought: Thought): readonly JsonObject[] {
  const { text, call } = thought
  if (text === '') return silentThinking(thought)
  const own = ownSignature(thought.carry)
  const signature = own ?? signThinking({ own: thought.carry, isPlan: thought.isPlan, call })
  const block = { type: 'thinking', thinking: text, signature }
  return own !== undefined && call ? [block, redacted(carryCall(call))] : [block]
}

export function silentThinking({ carry, call }: Pick<Thought, 'carry' | 'call'>): readonly JsonObject[] {
  const blocks: JsonObject[] = []
  const own = carry.find((one) => one.origin === origin)
  if (own?.kind === 'redacted') blocks.push(redacted(own.value))
  else if (own) blocks.push({ type: 'thinking', thinking: '', signature: own.value })
  const foreign = carry.filter((one) => one.origin !== origin)
  if (foreign.length > 0) blocks.push(redacted(signThinking({ own: foreign, call })))
  else if (call) blocks.push(redacted(carryCall(call)))
  return blocks
}

export function ownSignature(carry: readonly Carry[]): string | undefined {
  return carry.find((one) => one.origin === origin && one.kind === 'signature')?.value
}

export const redacted = (data: string): JsonObject => ({ type: 'redacted_thinking', data })

/** Tokens of a part that stands before them. */
export function tokensAfter(carry: readonly Carry[] | undefined): readonly JsonObject[] {
  return carry && carry.length > 0 ? [redacted(carryBefore(carry))] : []
}

/** The tokens of a call that have no place in its block. */
export function carriedCall(id: string, carry: readonly Carry[] | undefined): CarriedCall | undefined {
  const foreign = carry?.filter((one) => one.origin !== origin) ?? []
  return foreign.length > 0 ? { id, carry: foreign } : undefined
}

export function toolUse(
  { id, name, carry }: Pick<ToolCallPart, 'id' | 'name' | 'carry'>,
  input: JsonValue,
): JsonObject {
  const own = carry?.find((one) => one.origin === origin && one.kind === 'item')
  return { type: 'tool_use', id, name, input, caller: { type: 'direct' }, ...own?.extras }
}

/** The input must be an object; what a model wrote that is none is kept whole under one name. */
function inputOf({ kind, argumentsText }: ToolCallPart): JsonObject {
  const text = argumentsText.trim()
  if (kind === 'custom') return { input: argumentsText }
  if (text === '' || text === 'null') return {}
  return asObject(parseJson(text)) ?? { input: argumentsText }
}

/** What a model made that is not text: the form in which the same API takes it. */
export function mediaBlock({ type, source, mediaType, transcript }: MediaPart): JsonObject {
  const written: JsonObject =
    source.kind === 'inline'
      ? { type: 'base64', media_type: mediaType ?? 'image/png', data: source.base64 }
      : source.kind === 'url'
        ? { type: 'url', url: source.url }
        : source.kind === 'file'
          ? { type: 'file', file_id: source.fileId }
          : { type: 'text', media_type: 'text/plain', data: source.text }
  return { type, source: written, ...(transcript ? { transcript } : {}) }
}

/** Stands where Anthropic puts a token of its own, so that the source is known for another provider's later. */
const foreignIndex = writeCarriedToken([{ origin, kind: 'item', value: 'thinking' }])

/** A source of another provider in the nearest of Anthropic's forms. */
export function writeCitation(citation: Citation): JsonValue {
  if (citation.origin === origin) return citation.value
  return {
    type: 'web_search_result_location',
    url: citation.url ?? '',
    title: citation.title ?? null,
    cited_text: citation.text ?? '',
    encrypted_index: foreignIndex,
  }
}
