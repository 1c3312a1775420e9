/** Reads Gemini's function calls, which come whole or, on Vertex, argument by argument. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { DecodeContext } from '#services/llm-adapters/adapter.ts'
import { createPartialArguments } from '#services/llm-adapters/gemini/partial-arguments.ts'
import type { PartialArguments } from '#services/llm-adapters/gemini/partial-arguments.ts'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'
import type { CallIds } from '#services/llm-adapters/wire/call-ids.ts'

export interface CallReader {
  read(call: JsonObject, signature: Carry | undefined, events: ChatEvent[]): void
  /** Ends a call whose last piece never came. */
  finish(events: ChatEvent[]): void
  /** Counts a call without reading it. */
  note(): void
  readonly count: number
}

export function createCallReader(choice: number, context: DecodeContext): CallReader {
  const callIds = createCallIds(() => context.mintId())
  let open: { readonly call: number; readonly pieces: PartialArguments } | undefined

  const finish = (events: ChatEvent[]): void => {
    if (!open) return
    events.push({
      type: 'tool-call-delta',
      choice,
      call: open.call,
      argumentsText: open.pieces.text(),
    })
    open = undefined
  }

  const reader: Writable<CallReader> = {
    count: 0,
    read(call, signature, events) {
      const name = asString(call['name'])
      if (name !== undefined) {
        finish(events)
        const number = reader.count
        reader.count += 1
        pushStart({ choice, number, name, id: asString(call['id']), callIds }, events)
        if (signature) events.push({ type: 'carry', choice, call: number, carry: signature })
        if (call['willContinue'] === true || call['partialArgs'] !== undefined) {
          open = { call: number, pieces: createPartialArguments() }
        } else {
          const argumentsText = JSON.stringify(asObject(call['args']) ?? {})
          events.push({ type: 'tool-call-delta', choice, call: number, argumentsText })
          return
        }
      }
      open?.pieces.add(call['partialArgs'])
      if (call['willContinue'] !== true) finish(events)
    },
    finish,
    note() {
      reader.count += 1
    },
  }
  return reader
}

interface CallStart {
  readonly choice: number
  readonly number: number
  readonly name: string
  readonly id: string | undefined
  readonly callIds: CallIds
}

function pushStart(start: CallStart, events: ChatEvent[]): void {
  const { choice, number, name, id } = start
  events.push({
    type: 'tool-call-start',
    choice,
    call: number,
    id: start.callIds(id),
    name,
    kind: 'function',
  })
  // Only Gemini's own id may be sent back to it.
  if (id === undefined) return
  const carry: Carry = { origin: 'gemini-generate', kind: 'item', value: id, itemId: id }
  events.push({ type: 'carry', choice, call: number, carry })
}
