/** Anthropic's content blocks as parts of an answer (Messages API reference, `content`). */
import type { Carry, Citation, Part } from '#core/domain/chat.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { CallIds } from '#services/llm-adapters/wire/call-ids.ts'

const origin = 'anthropic-messages'

/** Turns the blocks of one answer into parts, remembering which server tool each result belongs to. */
export interface BlockReader {
  /** A block with all that belongs to it; undefined for what is no block. */
  partOf(block: JsonObject): Part | undefined
}

export function createBlockReader(callIds: CallIds): BlockReader {
  const toolNames = new Map<string, string>()
  return {
    partOf(block) {
      const type = asString(block['type'])
      if (type === undefined) return undefined
      switch (type) {
        case 'text':
          return textPart(block)
        case 'thinking':
        case 'redacted_thinking':
          return thinkingPart(block)
        case 'tool_use':
          return callPart(block, callIds)
        default:
      }
      if (isServerCall(type)) {
        const name = asString(block['name']) ?? type
        toolNames.set(asString(block['id']) ?? '', name)
        return { type: 'server_tool', phase: 'call', name, origin, value: block }
      }
      if (type.endsWith('_tool_result')) {
        const called = toolNames.get(asString(block['tool_use_id']) ?? '')
        const name = called ?? type.slice(0, -'_tool_result'.length)
        return { type: 'server_tool', phase: 'result', name, origin, value: block }
      }
      return { type: 'opaque', kind: type, origin, value: block }
    },
  }
}

/** Calls of tools that run at the provider: `server_tool_use`, `mcp_tool_use`. */
export const isServerCall = (type: string): boolean => type.endsWith('_tool_use')

function textPart(block: JsonObject): Part {
  const text = asString(block['text']) ?? ''
  const citations: Citation[] = []
  for (const value of asArray(block['citations'])) {
    const citation = citationOf(value)
    if (citation) citations.push(citation)
  }
  return citations.length > 0 ? { type: 'text', text, citations } : { type: 'text', text }
}

/** Positions are left out: Anthropic's point into the source, not into the answer. */
export function citationOf(value: JsonValue | undefined): Citation | undefined {
  const source = asObject(value)
  if (!source) return undefined
  const text = asString(source['cited_text'])
  const url = asString(source['url']) ?? asString(source['source'])
  const title = asString(source['title']) ?? asString(source['document_title'])
  return {
    ...(text === undefined ? {} : { text }),
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    origin,
    value: source,
  }
}

function thinkingPart(block: JsonObject): Part {
  const carry =
    block['type'] === 'redacted_thinking'
      ? redactedCarry(block)
      : signatureCarry(asString(block['signature']))
  const text = asString(block['thinking']) ?? ''
  return carry ? { type: 'reasoning', text, carry: [carry] } : { type: 'reasoning', text }
}

export function signatureCarry(signature: string | undefined): Carry | undefined {
  return signature ? { origin, kind: 'signature', value: signature } : undefined
}

export function redactedCarry(block: JsonObject): Carry {
  return { origin, kind: 'redacted', value: asString(block['data']) ?? '' }
}

function callPart(block: JsonObject, callIds: CallIds): Part {
  const carry = callerCarry(block)
  return {
    type: 'tool_call',
    id: callIds(asString(block['id'])),
    name: asString(block['name']) ?? '',
    kind: 'function',
    argumentsText: JSON.stringify(asObject(block['input']) ?? {}),
    ...(carry ? { carry: [carry] } : {}),
  }
}

/** What a call must bring back beside its arguments: who made it, when that was not the model itself. */
export function callerCarry(block: JsonObject): Carry | undefined {
  const caller = asObject(block['caller'])
  const isIndirect = caller !== undefined && caller['type'] !== 'direct'
  const toolset = asString(block['toolset_name'])
  if (!isIndirect && toolset === undefined) return undefined
  const extras = {
    ...(isIndirect ? { caller } : {}),
    ...(toolset === undefined ? {} : { toolset_name: toolset }),
  }
  return { origin, kind: 'item', value: asString(block['id']) ?? '', extras }
}
