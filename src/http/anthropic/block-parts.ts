/** Content blocks of a request as parts of a message. */
import type { Carry, Citation, Part, TextPart, ToolCallPart, ToolResultPart } from '#core/domain/chat.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { isKnownBlock } from '#http/anthropic/block-schema.ts'
import type { BlockOf, OtherBlock, WireBlock } from '#http/anthropic/block-schema.ts'
import { cacheHintOf } from '#http/anthropic/cache-schema.ts'
import { readCarriedThinking } from '#http/anthropic/carried-thinking.ts'
import type { CarriedThinking } from '#http/anthropic/carried-thinking.ts'
import { readDocument, readImage, readSearchResult } from '#http/anthropic/media-parts.ts'
import { isCarriedToken } from '#http/carried-token.ts'

const origin = 'anthropic-messages'

/** What was read of one message's blocks. */
export interface ReadBlocks {
  readonly parts: readonly Part[]
  /** A block holds what only Signalbox understands, so that Anthropic must not be sent it. */
  readonly hasForeign: boolean
}

interface Reading {
  readonly parts: Part[]
  /** Tokens of calls by id, from anywhere in the message. */
  readonly callCarries: Map<string, readonly Carry[]>
  hasForeign: boolean
}

/** Throws `invalid_media` and `invalid_value` naming the block, as `messages[0].content[1]`. */
export function readBlocks(blocks: readonly WireBlock[], path: string): ReadBlocks {
  const reading: Reading = { parts: [], callCarries: new Map(), hasForeign: false }
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index]
    if (block) readBlock(reading, block, `${path}[${index}]`)
  }
  const { parts, callCarries, hasForeign } = reading
  if (callCarries.size > 0) {
    for (const [index, part] of parts.entries()) {
      const carry = part.type === 'tool_call' ? callCarries.get(part.id) : undefined
      if (carry) parts[index] = { ...part, carry: [...(part.carry ?? []), ...carry] }
    }
  }
  return { parts, hasForeign }
}

function readBlock(reading: Reading, block: WireBlock, path: string): void {
  const { parts } = reading
  if (!isKnownBlock(block)) {
    parts.push(otherPart(block))
    return
  }
  switch (block.type) {
    case 'text':
      parts.push(readText(reading, block))
      return
    case 'image':
      parts.push(readImage(block, path))
      return
    case 'document':
      parts.push(...readDocument(block, path))
      return
    case 'search_result':
      parts.push(readSearchResult(block))
      return
    case 'thinking': {
      const carried = readCarriedThinking(block.signature, `${path}.signature`)
      if (carried) addCarried(reading, carried, block.thinking)
      else parts.push(signedThinking(block))
      return
    }
    case 'redacted_thinking': {
      const carried = readCarriedThinking(block.data, `${path}.data`)
      if (carried) addCarried(reading, carried, '')
      else
        parts.push({ type: 'reasoning', text: '', carry: [{ origin, kind: 'redacted', value: block.data }] })
      return
    }
    case 'tool_use':
      parts.push(readToolUse(block))
      return
    case 'tool_result':
      parts.push(readToolResult(block, path))
  }
}

/** Text with nothing to cite is the frequent case, and is not copied around for it. */
function readText(reading: Reading, { text, citations, cache_control }: BlockOf<'text'>): TextPart {
  const cacheHint = cacheHintOf(cache_control)
  if (!citations?.length) return cacheHint ? { type: 'text', text, cacheHint } : { type: 'text', text }
  const own: Citation[] = []
  for (const value of citations) {
    if (isForeignCitation(value)) reading.hasForeign = true
    else own.push({ origin, value })
  }
  return {
    type: 'text',
    text,
    ...(own.length > 0 ? { citations: own } : {}),
    ...(cacheHint ? { cacheHint } : {}),
  }
}

/** A source that another provider named bears this gateway's mark where Anthropic puts its own. */
export const isForeignCitation = (value: JsonValue): boolean =>
  isCarriedToken(asString(asObject(value)?.['encrypted_index']) ?? '')

function signedThinking({ thinking, signature }: BlockOf<'thinking'>): Part {
  if (signature === '') return { type: 'reasoning', text: thinking }
  return { type: 'reasoning', text: thinking, carry: [{ origin, kind: 'signature', value: signature }] }
}

function addCarried(reading: Reading, carried: CarriedThinking, text: string): void {
  const { parts, callCarries } = reading
  reading.hasForeign = true
  if (carried.isPlan) parts.push({ type: 'text', text, isToolPlan: true })
  else if (text !== '' || carried.own.length > 0) {
    parts.push({ type: 'reasoning', text, ...(carried.own.length > 0 ? { carry: carried.own } : {}) })
  }
  const last = parts.at(-1)
  if (carried.before.length > 0) {
    if (last) parts[parts.length - 1] = { ...last, carry: [...(last.carry ?? []), ...carried.before] }
    else parts.push({ type: 'text', text: '', carry: carried.before })
  }
  for (const { id, carry } of carried.calls) callCarries.set(id, [...(callCarries.get(id) ?? []), ...carry])
  parts.push(...carried.parts)
}

function readToolUse(block: BlockOf<'tool_use'>): ToolCallPart {
  const { id, name, input, caller, toolset_name: toolset } = block
  const cacheHint = cacheHintOf(block.cache_control)
  const isIndirect = caller && caller['type'] !== 'direct'
  const extras = {
    ...(isIndirect ? { caller: caller as JsonObject } : {}),
    ...(toolset ? { toolset_name: toolset } : {}),
  }
  const hasExtras = isIndirect === true || Boolean(toolset)
  return {
    type: 'tool_call',
    id,
    name,
    kind: 'function',
    argumentsText: JSON.stringify(input),
    ...(hasExtras ? { carry: [{ origin, kind: 'item', value: id, extras }] } : {}),
    ...(cacheHint ? { cacheHint } : {}),
  }
}

function readToolResult(block: BlockOf<'tool_result'>, path: string): ToolResultPart {
  const { content } = block
  const cacheHint = cacheHintOf(block.cache_control)
  const parts: readonly Part[] =
    typeof content === 'string'
      ? [{ type: 'text', text: content }]
      : readBlocks(content ?? [], `${path}.content`).parts
  return {
    type: 'tool_result',
    callId: block.tool_use_id,
    parts,
    isError: block.is_error === true,
    ...(cacheHint ? { cacheHint } : {}),
  }
}

/** Calls and results of tools that Anthropic runs, and whatever is newer than this gateway: kept whole. */
function otherPart(block: OtherBlock): Part {
  const { type } = block
  const value = block as unknown as JsonObject
  if (type.endsWith('_tool_use')) {
    return { type: 'server_tool', phase: 'call', name: asString(value['name']) ?? type, origin, value }
  }
  if (type.endsWith('_tool_result')) {
    const name = type.slice(0, -'_tool_result'.length)
    return { type: 'server_tool', phase: 'result', name, origin, value }
  }
  return { type: 'opaque', kind: type, origin, value }
}
