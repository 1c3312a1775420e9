/** Tool calls of a Cohere stream: numbered in order of appearance, with arguments that are always JSON text. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { DecodeContext } from '#services/llm-adapters/adapter.ts'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'

export interface StreamedCalls {
  start(index: JsonValue | undefined, call: JsonObject, events: ChatEvent[]): void
  delta(index: JsonValue | undefined, call: JsonObject, events: ChatEvent[]): void
  end(index: JsonValue | undefined, events: ChatEvent[]): void
  endAll(events: ChatEvent[]): void
}

interface OpenCall {
  readonly call: number
  /** Arguments held back while they may still become the word `null`, which means none. */
  held: string
  isHolding: boolean
}

export function createStreamedCalls(context: DecodeContext): StreamedCalls {
  const open = new Map<JsonValue | undefined, OpenCall>()
  const callIds = createCallIds(() => context.mintId())
  let calls = 0

  const finish = (current: OpenCall, events: ChatEvent[]) => {
    if (!current.isHolding) return
    const isNothing = current.held.trim() === '' || current.held.trim() === 'null'
    const argumentsText = isNothing ? '{}' : current.held
    events.push({ type: 'tool-call-delta', choice: 0, call: current.call, argumentsText })
  }

  return {
    start(index, call, events) {
      const earlier = open.get(index)
      if (earlier) finish(earlier, events)
      const current: OpenCall = { call: calls, held: '', isHolding: true }
      calls += 1
      open.set(index, current)
      events.push({
        type: 'tool-call-start',
        choice: 0,
        call: current.call,
        id: callIds(asString(call['id'])),
        name: asString(asObject(call['function'])?.['name']) ?? '',
        kind: 'function',
      })
      addArguments(current, call, events)
    },
    delta(index, call, events) {
      const current = open.get(index)
      if (current) addArguments(current, call, events)
    },
    end(index, events) {
      const current = open.get(index)
      open.delete(index)
      if (current) finish(current, events)
    },
    endAll(events) {
      for (const current of open.values()) finish(current, events)
      open.clear()
    },
  }
}

function addArguments(current: OpenCall, call: JsonObject, events: ChatEvent[]): void {
  const text = asString(asObject(call['function'])?.['arguments'])
  if (!text) return
  const argumentsText = current.held + text
  if (current.isHolding && 'null'.startsWith(argumentsText.trim())) {
    current.held = argumentsText
    return
  }
  current.held = ''
  current.isHolding = false
  events.push({ type: 'tool-call-delta', choice: 0, call: current.call, argumentsText })
}
