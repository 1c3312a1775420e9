/** The grammar of response streams (OpenAI API reference, "Streaming events"). */
import { isDeepStrictEqual } from 'node:util'

import { asArray, asCount, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { createFaults, objectAt, textAt, show, writtenFrames } from './frames.ts'
import type { CheckGrammar, Faults } from './frames.ts'

/** The pieces of an item: what their deltas add up to is repeated when they end. */
const pieceEvents: Readonly<Record<string, { readonly kind: string; readonly member: string }>> = {
  'response.output_text': { kind: 'part', member: 'text' },
  'response.refusal': { kind: 'part', member: 'refusal' },
  'response.reasoning_text': { kind: 'part', member: 'text' },
  'response.reasoning_summary_text': { kind: 'summary', member: 'text' },
  'response.function_call_arguments': { kind: 'call', member: 'arguments' },
  'response.custom_tool_call_input': { kind: 'call', member: 'input' },
}

const endings = ['response.completed', 'response.incomplete', 'response.failed']

interface ItemState {
  readonly id: unknown
  isDone: boolean
  item: JsonObject
  /** The parts that are open, by kind and number. */
  readonly open: Set<string>
  /** What the deltas of each piece said. */
  readonly said: Map<string, string>
}

interface ResponseState {
  readonly items: Map<number, ItemState>
  isStarted: boolean
  hasError: boolean
  isOver: boolean
}

export const checkOpenAiResponses: CheckGrammar = (stream, ending) => {
  const faults = createFaults()
  const frames = writtenFrames(stream, faults)
  const state: ResponseState = { items: new Map(), isStarted: false, hasError: false, isOver: false }
  for (const [place, { event, data, text }] of frames.entries()) {
    if (!data) {
      faults.require(false, `data that is no object: ${text.slice(0, 100)}`)
      continue
    }
    faults.require(event === data['type'], `the frame ${event} holds a ${show(data['type'])}`)
    faults.require(
      data['sequence_number'] === place,
      `event ${place} is numbered ${show(data['sequence_number'])}`,
    )
    // An error is told twice: by an event of its own, and by the response that failed.
    const mayFollow = !state.isOver || (state.hasError && event === 'response.failed')
    faults.require(mayFollow, `${event} after the end`)
    faults.require(
      state.isStarted || event === 'response.created' || event === 'error',
      `begins with ${event}`,
    )
    checkEvent(event ?? '', data, state, faults)
  }
  const last = frames.at(-1)?.event ?? ''
  const isWhole = last === 'response.completed' || last === 'response.incomplete'
  const isTold = last === 'response.failed' || last === 'error'
  faults.require(
    ending === 'whole' ? isWhole || isTold : isTold,
    `a stream that is ${ending} ends with ${last}`,
  )
  return faults.found
}

function checkEvent(event: string, data: JsonObject, state: ResponseState, faults: Faults): void {
  switch (event) {
    case 'response.created':
      faults.require(
        !state.isStarted && textAt(objectAt(data, 'response'), 'id') !== '',
        'created twice or without id',
      )
      state.isStarted = true
      return
    case 'response.in_progress':
    case 'response.queued':
      return
    case 'error':
      faults.require(typeof data['message'] === 'string', 'an error without message')
      state.hasError = true
      state.isOver = true
      return
    case 'response.output_item.added':
      addItem(data, state, faults)
      return
    default:
  }
  if (endings.includes(event)) checkEnding(event, objectAt(data, 'response') ?? {}, state, faults)
  else checkInside(event, data, state, faults)
}

function addItem(data: JsonObject, { items }: ResponseState, faults: Faults): void {
  const index = asCount(data['output_index'])
  faults.require(index === items.size, `item ${index} after ${items.size} items`)
  const item = objectAt(data, 'item') ?? {}
  faults.require(textAt(item, 'type') !== '', 'an item without type')
  items.set(index ?? 0, { id: item['id'], isDone: false, item, open: new Set(), said: new Map() })
}

/** What belongs to an item comes after its beginning and before its end. */
function checkInside(event: string, data: JsonObject, { items }: ResponseState, faults: Faults): void {
  const index = asCount(data['output_index'])
  const item = items.get(index ?? -1)
  if (!item) {
    faults.require(false, `${event} of item ${index}, which was never added`)
    return
  }
  faults.require(!item.isDone, `${event} of item ${index} after its end`)
  if (event === 'response.output_item.done') {
    finishItem(objectAt(data, 'item') ?? {}, item, faults)
    return
  }
  faults.require(data['item_id'] === item.id, `${event} names the item ${show(data['item_id'])}`)
  const bounds = /^response\.(content|reasoning_summary)_part\.(added|done)$/.exec(event)
  if (bounds) {
    const key =
      bounds[1] === 'content'
        ? `part ${show(data['content_index'])}`
        : `summary ${show(data['summary_index'])}`
    const isOpen = item.open.has(key)
    faults.require(isOpen === (bounds[2] === 'done'), `${event} of ${key}`)
    if (bounds[2] === 'added') item.open.add(key)
    else item.open.delete(key)
    return
  }
  checkPiece(event, data, item, faults)
}

function checkPiece(event: string, data: JsonObject, item: ItemState, faults: Faults): void {
  const at = event.lastIndexOf('.')
  const piece = pieceEvents[event.slice(0, at)]
  if (!piece) return
  const number = piece.kind === 'summary' ? data['summary_index'] : data['content_index']
  const key = piece.kind === 'call' ? 'call' : `${piece.kind} ${show(number)}`
  if (piece.kind !== 'call') faults.require(item.open.has(key), `${event} of ${key}, which is not open`)
  const step = event.slice(at + 1)
  if (step === 'delta') item.said.set(key, (item.said.get(key) ?? '') + textAt(data, 'delta'))
  if (step === 'done') {
    faults.require(
      textAt(data, piece.member) === (item.said.get(key) ?? ''),
      `${event} repeats something else`,
    )
  }
}

function finishItem(done: JsonObject, item: ItemState, faults: Faults): void {
  faults.require(item.open.size === 0, `an item ends with ${[...item.open].join(', ')} open`)
  faults.require(done['id'] === item.id, `an item ends as ${show(done['id'])}`)
  const said = item.said.get('call')
  if (said !== undefined) {
    faults.require((done['arguments'] ?? done['input']) === said, 'a call ends with other arguments')
  }
  item.isDone = true
  item.item = done
}

const statusOf: Readonly<Record<string, string>> = {
  'response.completed': 'completed',
  'response.incomplete': 'incomplete',
  'response.failed': 'failed',
}

function checkEnding(event: string, response: JsonObject, state: ResponseState, faults: Faults): void {
  state.isOver = true
  faults.require(
    response['status'] === statusOf[event],
    `${event} with the status ${show(response['status'])}`,
  )
  if (event === 'response.failed') {
    faults.require(asObject(response['error']) !== undefined, 'a failure without error')
    return
  }
  for (const [index, { isDone }] of state.items) faults.require(isDone, `item ${index} never ends`)
  const items = [...state.items.values()].map(({ item }) => item)
  faults.require(
    isDeepStrictEqual(asArray(response['output']), items),
    'the response holds other items than were streamed',
  )
}
