/** What a stream of Responses that is passed on has said of its items: kept as bytes, and read only when it breaks off. */
import { asCount, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { PassedItems } from '#http/openai/responses/item-shelf.ts'

export interface PassedLog {
  add(bytes: Uint8Array): void
  /** Of the last event that passed; -1 when its bytes name none. */
  lastNumber(): number
  /** Undefined when no message is open whose place is known. */
  items(): PassedItems | undefined
}

const itemDone = Buffer.from('"response.output_item.done"')
const sequenceMember = '"sequence_number":'

export function createPassedLog(): PassedLog {
  /** Pieces in which an item ended. */
  const endings: Uint8Array[] = []
  let last: Uint8Array | undefined
  return {
    add(bytes) {
      last = bytes
      if (bufferOf(bytes).includes(itemDone)) endings.push(bytes)
    },
    lastNumber() {
      const text = last ? bufferOf(last).toString('latin1') : ''
      const at = text.lastIndexOf(sequenceMember)
      const number =
        at < 0 ? Number.NaN : Number.parseInt(text.slice(at + sequenceMember.length, at + 40), 10)
      return Number.isNaN(number) ? -1 : number
    },
    items() {
      const open = last && eventsIn(last).findLast((event) => asString(event['item_id']) !== undefined)
      const id = asString(open?.['item_id'])
      const index = asCount(open?.['output_index'])
      // Of a message of several parts, those before the open one would be told as part of it.
      if (id === undefined || index === null || asCount(open?.['content_index']) !== 0) return undefined
      const done: string[] = []
      for (const event of endings.flatMap(eventsIn)) {
        const at = asCount(event['output_index'])
        if (event['type'] !== 'response.output_item.done' || at === null || at >= index) continue
        done[at] = JSON.stringify(event['item'])
      }
      return { done, open: { index, id } }
    },
  }
}

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function eventsIn(bytes: Uint8Array): JsonObject[] {
  const lines = bufferOf(bytes).toString().split(/\r?\n/)
  const events: JsonObject[] = []
  for (const line of lines) {
    const event = line.startsWith('data:') ? asObject(parseJson(line.slice('data:'.length))) : undefined
    if (event) events.push(event)
  }
  return events
}
