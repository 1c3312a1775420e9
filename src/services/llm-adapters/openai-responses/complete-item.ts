/** Whole output items: what their deltas left out, or everything when there were none. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import {
  addWholeItem,
  isCallOfCaller,
  itemCarry,
  reasoningCarry,
  reasoningText,
} from '#services/llm-adapters/openai-responses/output-item.ts'
import type { OutputReader } from '#services/llm-adapters/openai-responses/output-reader.ts'

/** The item has begun; a call's name is known from here on. */
export function beginItem(reader: OutputReader, index: number, item: JsonObject, events: ChatEvent[]): void {
  const isCall = item['type'] === 'function_call' || item['type'] === 'custom_tool_call'
  if (isCall && item['name'] && item['call_id']) reader.beginCall(index, item, events)
}

/** The second time the same item is completed says nothing new: the whole response repeats every item. */
export function completeItem(
  reader: OutputReader,
  index: number,
  item: JsonObject,
  events: ChatEvent[],
): void {
  const open = reader.itemAt(index)
  if (open.isDone) return
  open.isDone = true
  if (isCallOfCaller(item)) reader.hasCalls = true
  switch (item['type']) {
    case 'message':
      completeMessage(reader, index, item, events)
      return
    case 'reasoning':
      completeReasoning(reader, index, item, events)
      return
    case 'function_call':
    case 'custom_tool_call':
      completeCall(reader, index, item, events)
      return
    default:
      addWholeItem(item, events)
  }
}

function completeMessage(reader: OutputReader, index: number, item: JsonObject, events: ChatEvent[]): void {
  const { begunParts, hasLogprobs, citationCount } = reader.itemAt(index)
  // Some servers number the parts otherwise in their deltas, so their count decides.
  const coveredParts = begunParts.size
  let knownCitations = citationCount
  for (const [part, value] of asArray(item['content']).entries()) {
    const content = asObject(value) ?? {}
    const text = asString(content['text']) ?? ''
    const refusal = asString(content['refusal']) ?? ''
    if (part >= coveredParts && text !== '') reader.addText(index, part, text, events)
    if (part >= coveredParts && refusal !== '') reader.addRefusal(index, part, refusal, events)
    if (!hasLogprobs) reader.addLogprobs(index, asArray(content['logprobs']))
    for (const annotation of asArray(content['annotations'])) {
      if (knownCitations > 0) knownCitations -= 1
      else reader.addCitation(index, asObject(annotation) ?? {}, events)
    }
  }
  const carry = begunParts.size > 0 ? itemCarry(item, ['phase']) : undefined
  if (carry) events.push({ type: 'carry', choice: 0, carry })
}

function completeReasoning(reader: OutputReader, index: number, item: JsonObject, events: ChatEvent[]): void {
  if (!reader.itemAt(index).hasReasoning) reader.addReasoning(index, reasoningText(item), events)
  const carry = reasoningCarry(item)
  if (carry) events.push({ type: 'carry', choice: 0, carry })
}

/** Some servers send the arguments only here; others repeat what their deltas have said. */
function completeCall(reader: OutputReader, index: number, item: JsonObject, events: ChatEvent[]): void {
  const call = reader.beginCall(index, item, events)
  const open = reader.itemAt(index)
  const whole = asString(item['arguments']) ?? asString(item['input']) ?? ''
  if (whole.startsWith(open.argumentsText)) {
    reader.addArguments(index, whole.slice(open.argumentsText.length), events)
  }
  if (item['type'] === 'function_call' && open.argumentsText.trim() === '') {
    reader.addArguments(index, '{}', events)
  }
  const carry = itemCarry(item, ['namespace', 'caller'])
  if (carry) events.push({ type: 'carry', choice: 0, call, carry })
}
