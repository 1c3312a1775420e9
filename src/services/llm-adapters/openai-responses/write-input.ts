/** A conversation as the `input` items of a response. */
import type { ChatMessage, Part, ToolCallPart, ToolResultPart } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { writeInputPart } from '#services/llm-adapters/openai-responses/write-part.ts'
import { plainId } from '#services/llm-adapters/wire/tool-ids.ts'

const callIdCharactersMax = 64

/** Throws `unsupported_feature` for what a response cannot be given. */
export function writeInput(messages: readonly ChatMessage[]): readonly JsonObject[] {
  const items: JsonObject[] = []
  const customCalls = new Set<string>()
  for (const message of messages) {
    switch (message.role) {
      case 'assistant':
        addAssistantItems(message.parts, customCalls, items)
        break
      case 'tool':
      case 'user':
      case 'system':
      case 'developer':
        addResults(message.parts, customCalls, items)
        if (message.role !== 'tool') addMessage(message, items)
    }
  }
  return items
}

function addResults(parts: readonly Part[], customCalls: ReadonlySet<string>, items: JsonObject[]): void {
  for (const part of parts) if (part.type === 'tool_result') items.push(writeResult(part, customCalls))
}

function addMessage(message: ChatMessage, items: JsonObject[]): void {
  const content = message.parts.flatMap(writeInputPart)
  if (content.length > 0) items.push({ type: 'message', role: message.role, content })
}

/** Order is kept: thinking stands before the call or text that it led to. */
function addAssistantItems(parts: readonly Part[], customCalls: Set<string>, items: JsonObject[]): void {
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        if (part.text !== '')
          items.push(assistantMessage(part, { type: 'output_text', text: part.text, annotations: [] }))
        break
      case 'refusal':
        items.push(assistantMessage(part, { type: 'refusal', refusal: part.text }))
        break
      case 'reasoning':
        items.push(...reasoningItems(part))
        break
      case 'tool_call':
        if (part.kind === 'custom') customCalls.add(part.id)
        items.push(writeCall(part))
        break
      case 'server_tool':
        if (part.origin === 'openai-responses') items.push(part.value)
        break
      case 'opaque': {
        const item = part.origin === 'openai-responses' ? asObject(part.value) : undefined
        if (item) items.push(item)
        break
      }
      case 'image':
      case 'document':
      case 'audio':
      case 'video':
      case 'tool_result':
        break
    }
  }
}

function assistantMessage(part: Part, content: JsonObject): JsonObject {
  return { type: 'message', role: 'assistant', content: [content], ...ownExtras(part, ['phase']) }
}

/**
 * Only thinking that can be unlocked again goes back, and without its id: nothing is stored, so an id would be
 * looked up and not found.
 */
function reasoningItems(part: Part): readonly JsonObject[] {
  const carries = part.carry?.filter(
    ({ origin, kind }) => origin === 'openai-responses' && kind === 'encrypted',
  )
  return (carries ?? []).map(({ value, extras }) => ({
    type: 'reasoning',
    summary:
      extras?.['summary'] ??
      (part.type === 'reasoning' && part.text !== '' ? [{ type: 'summary_text', text: part.text }] : []),
    encrypted_content: value,
  }))
}

function writeCall(call: ToolCallPart): JsonObject {
  const call_id = plainId(call.id, callIdCharactersMax)
  const { name, argumentsText } = call
  const extras = ownExtras(call, ['namespace', 'caller'])
  if (call.kind === 'custom')
    return { type: 'custom_tool_call', call_id, name, input: argumentsText, ...extras }
  const text = argumentsText.trim() === '' ? '{}' : argumentsText
  return { type: 'function_call', call_id, name, arguments: text, ...extras }
}

function ownExtras(part: Part, names: readonly string[]): JsonObject {
  const found: { [name: string]: JsonObject[string] } = {}
  for (const { origin, extras } of part.carry ?? []) {
    if (origin !== 'openai-responses' || !extras) continue
    for (const name of names) if (extras[name] !== undefined) found[name] = extras[name]
  }
  return found
}

function writeResult(result: ToolResultPart, customCalls: ReadonlySet<string>): JsonObject {
  const type = customCalls.has(result.callId) ? 'custom_tool_call_output' : 'function_call_output'
  const call_id = plainId(result.callId, callIdCharactersMax)
  return { type, call_id, output: outputOf(result) }
}

/** Text alone goes as a string. The dialect has no mark for a failed call, so the text says it. */
function outputOf(result: ToolResultPart): string | readonly JsonObject[] {
  const texts = result.parts.map((part) => (part.type === 'text' ? part.text : undefined))
  if (texts.every((text) => text !== undefined)) {
    const text = texts.join('\n')
    return result.isError && !/^error/i.test(text) ? `Error: ${text}` : text
  }
  const parts = result.parts.flatMap(writeInputPart)
  return result.isError ? [{ type: 'input_text', text: 'Error:' }, ...parts] : parts
}
