/** The deltas of a response's output as the events of an answer. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { citationOf, createItemTable } from '#services/llm-adapters/openai-responses/output-item.ts'
import type { ItemTable, OpenItem } from '#services/llm-adapters/openai-responses/output-item.ts'
import type { CallIds } from '#services/llm-adapters/wire/call-ids.ts'

export interface OutputReader {
  itemAt(index: number): OpenItem
  numbersOf: ItemTable['numbersOf']
  /** The number of the item's call, which begins now unless it has begun before. */
  beginCall(index: number, item: JsonObject, events: ChatEvent[]): number
  addText(index: number, part: number, text: string, events: ChatEvent[]): void
  addRefusal(index: number, part: number, text: string, events: ChatEvent[]): void
  addReasoning(index: number, text: string, events: ChatEvent[]): void
  addArguments(index: number, text: string, events: ChatEvent[]): void
  addCitation(index: number, annotation: JsonObject, events: ChatEvent[]): void
  addLogprobs(index: number, logprobs: readonly JsonValue[]): void
  /** Token log-probabilities, once, before the finish. */
  finish(events: ChatEvent[]): void
  /** Whether the caller must run something; also set for calls in a form of their own. */
  hasCalls: boolean
}

/** Items are known by their position in the output; their ids may change between two events. */
export function createOutputReader(callIds: CallIds): OutputReader {
  const { itemAt, numbersOf } = createItemTable()
  const tokens: JsonValue[] = []
  let callCount = 0

  const reader: OutputReader = {
    hasCalls: false,
    itemAt,
    numbersOf,
    beginCall(index, item, events) {
      const open = itemAt(index)
      if (open.call !== undefined) return open.call
      open.call = callCount
      callCount += 1
      reader.hasCalls = true
      events.push(callStart(open.call, item, callIds))
      return open.call
    },
    addText(index, part, text, events) {
      const { begunParts } = itemAt(index)
      const begins = !begunParts.has(part)
      begunParts.add(part)
      events.push({ type: 'text-delta', choice: 0, text, ...(begins ? { begins } : {}) })
    },
    addRefusal(index, part, text, events) {
      itemAt(index).begunParts.add(part)
      events.push({ type: 'refusal-delta', choice: 0, text })
    },
    addReasoning(index, text, events) {
      const open = itemAt(index)
      events.push({
        type: 'reasoning-delta',
        choice: 0,
        text,
        ...(open.hasReasoning ? {} : { begins: true }),
      })
      open.hasReasoning = true
    },
    addArguments(index, text, events) {
      const open = itemAt(index)
      if (text === '' || open.call === undefined) return
      open.argumentsText += text
      events.push({ type: 'tool-call-delta', choice: 0, call: open.call, argumentsText: text })
    },
    addCitation(index, annotation, events) {
      itemAt(index).citationCount += 1
      events.push({ type: 'citation', choice: 0, citation: citationOf(annotation) })
    },
    addLogprobs(index, logprobs) {
      if (logprobs.length > 0) itemAt(index).hasLogprobs = true
      for (const token of logprobs) tokens.push(token)
    },
    finish(events) {
      if (tokens.length === 0) return
      const said = { tokenCount: tokens.length, value: { content: tokens } }
      events.push({ type: 'logprobs', choice: 0, logprobs: { origin: 'openai-responses', ...said } })
    },
  }
  return reader
}

function callStart(call: number, item: JsonObject, callIds: CallIds): ChatEvent {
  const kind = item['type'] === 'custom_tool_call' ? 'custom' : 'function'
  const id = callIds(asString(item['call_id']) || asString(item['id']))
  return { type: 'tool-call-start', choice: 0, call, id, name: asString(item['name']) ?? '', kind }
}
