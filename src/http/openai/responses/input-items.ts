/** The `input` of a response as messages: items of one turn of the assistant come together, in their order. */
import type { Carry, ChatMessage, Part, ToolCallPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { readImageUrl } from '#http/media.ts'
import { createConversation } from '#http/openai/responses/conversation.ts'
import type { Conversation } from '#http/openai/responses/conversation.ts'
import { readReasoning } from '#http/openai/responses/carried-reasoning.ts'
import { readContent } from '#http/openai/responses/input-content.ts'
import {
  callOutputItem,
  customCallItem,
  functionCallItem,
  imageCallItem,
  messageItem,
  reasoningItem,
} from '#http/openai/responses/input-item-schema.ts'
import type { WireItem } from '#http/openai/responses/response-request-schema.ts'
import { notStored } from '#http/openai/responses/unstored.ts'
import { parseWith } from '#http/schema-problem.ts'

/** `inheritedItems`: how many stand before the caller's own. Throws `missing_field`, `invalid_value`, `unsupported_feature`, and as `readContent` does. */
export function readInput(input: string | readonly WireItem[], inheritedItems = 0): readonly ChatMessage[] {
  if (typeof input === 'string') return [{ role: 'user', parts: [{ type: 'text', text: input }] }]
  const conversation = createConversation()
  for (const [index, item] of input.entries()) {
    const own = index - inheritedItems
    addItem(conversation, item, own < 0 ? 'previous_response_id' : `input[${own}]`)
  }
  return conversation.messages
}

function addItem(conversation: Conversation, item: WireItem, path: string): void {
  switch (typeOf(item, path)) {
    case 'message':
      addMessage(conversation, item, path)
      return
    case 'function_call':
      conversation.addCall(readFunctionCall(item, path))
      return
    case 'custom_tool_call':
      conversation.addCall(readCustomCall(item, path))
      return
    case 'function_call_output':
    case 'custom_tool_call_output':
      addOutput(conversation, item, path)
      return
    case 'reasoning':
      addReasoning(conversation, item, path)
      return
    case 'item_reference':
      throw notStored(path, 'An item_reference')
    case 'image_generation_call':
      conversation.addToAssistant(readImageCall(item, path))
      return
    default:
      conversation.addToAssistant(ownItem(item))
  }
}

function addMessage(conversation: Conversation, item: WireItem, path: string): void {
  const { role, content, phase } = parseWith(messageItem, item, path)
  const parts = readContent(content, `${path}.content`)
  if (role !== 'assistant') conversation.add({ role, parts })
  else conversation.addToAssistant(...(phase ? parts.map((part) => withPhase(part, phase)) : parts))
}

function addOutput(conversation: Conversation, item: WireItem, path: string): void {
  const { call_id: callId, output } = parseWith(callOutputItem, item, path)
  if (!conversation.hasCall(callId)) throw withoutCall(callId, `${path}.call_id`)
  const parts = readContent(output, `${path}.output`)
  conversation.add({ role: 'tool', parts: [{ type: 'tool_result', callId, parts, isError: false }] })
}

function addReasoning(conversation: Conversation, item: WireItem, path: string): void {
  const { part, elsewhere } = readReasoning(parseWith(reasoningItem, item, path), path)
  if (part) conversation.addToAssistant(part)
  if (elsewhere) conversation.addTokens(elsewhere.belonging, elsewhere.carries)
}

/** A message may leave its type out; anything else with an id alone is a reference. */
function typeOf(item: WireItem, path: string): string {
  if (typeof item.type === 'string') return item.type
  if ('role' in item || 'content' in item) return 'message'
  if ('id' in item) return 'item_reference'
  throw new Problem('missing_field', { param: `${path}.type`, detail: `${path}.type is required.` })
}

function readFunctionCall(item: WireItem, path: string): ToolCallPart {
  const { call_id: id, name, arguments: written, namespace } = parseWith(functionCallItem, item, path)
  const argumentsText = written.trim() === '' ? '{}' : written
  return { type: 'tool_call', id, name, kind: 'function', argumentsText, ...namespaceOf(namespace) }
}

function readCustomCall(item: WireItem, path: string): ToolCallPart {
  const { call_id: id, name, input, namespace } = parseWith(customCallItem, item, path)
  return { type: 'tool_call', id, name, kind: 'custom', argumentsText: input, ...namespaceOf(namespace) }
}

const namespaceOf = (namespace: string | null | undefined) =>
  namespace ? { carry: [ownMembers({ namespace })] } : {}

const withPhase = (part: Part, phase: string): Part => ({ ...part, carry: [ownMembers({ phase })] })

const ownMembers = (extras: JsonObject): Carry => ({
  origin: 'openai-responses',
  kind: 'item',
  value: '',
  extras,
})

/** A picture that the model made, from whichever provider it came. */
function readImageCall(item: WireItem, path: string): Part {
  const { result } = parseWith(imageCallItem, item, path)
  if (!result) return ownItem(item)
  const media = readImageUrl(`data:;base64,${result}`, `${path}.result`)
  return { type: 'image', source: media.source, mediaType: media.mediaType }
}

function ownItem(item: WireItem): Part {
  return {
    type: 'opaque',
    kind: item.type ?? 'item',
    origin: 'openai-responses',
    value: item as JsonObject,
  }
}

const withoutCall = (callId: string, param: string) =>
  new Problem('invalid_value', {
    param,
    detail: `No tool call with call_id "${callId.slice(0, 80)}" stands before its output.`,
    mend: 'Send the function_call item back before its output.',
  })
