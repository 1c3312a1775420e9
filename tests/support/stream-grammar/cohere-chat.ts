/** The grammar of Cohere's chat streams (Cohere API v2 reference, "Chat with streaming"). */
import { asCount, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { createFaults, objectAt, textAt, show, writtenFrames } from './frames.ts'
import type { CheckGrammar, Faults } from './frames.ts'

const finishReasons = ['COMPLETE', 'STOP_SEQUENCE', 'MAX_TOKENS', 'TOOL_CALL', 'ERROR', 'TIMEOUT']

interface MessageState {
  isStarted: boolean
  isOver: boolean
  /** The number of the open content. */
  content: number | undefined
  contents: number
  call: number | undefined
  calls: number
  citation: number | undefined
  readonly callIds: Set<string>
}

export const checkCohereChat: CheckGrammar = (stream, ending) => {
  const faults = createFaults()
  const frames = writtenFrames(stream, faults)
  const state: MessageState = {
    isStarted: false,
    isOver: false,
    content: undefined,
    contents: 0,
    call: undefined,
    calls: 0,
    citation: undefined,
    callIds: new Set(),
  }
  for (const [place, { event, data, text }] of frames.entries()) {
    if (text === '[DONE]') {
      faults.require(place === frames.length - 1 && state.isOver, '[DONE] before the end')
      continue
    }
    faults.require(data !== undefined, `data that is no object: ${text.slice(0, 100)}`)
    faults.require(event === data?.['type'], `the frame ${event} holds a ${show(data?.['type'])}`)
    faults.require(!state.isOver, `${event} after the end`)
    checkEvent(event ?? '', data ?? {}, state, faults)
  }
  const [last, before] = [frames.at(-1), frames.at(-2)]
  const end = last?.text === '[DONE]' ? before : last
  faults.require(end?.event === 'message-end', `ends with ${end?.event}`)
  const reason = textAt(objectAt(end?.data, 'delta'), 'finish_reason')
  faults.require(finishReasons.includes(reason), `finish_reason ${reason}`)
  if (ending === 'broken')
    faults.require(reason === 'ERROR' || reason === 'TIMEOUT', `a break ends with ${reason}`)
  return faults.found
}

function checkEvent(event: string, data: JsonObject, state: MessageState, faults: Faults): void {
  const message = objectAt(data, 'delta', 'message')
  const index = asCount(data['index'])
  faults.require(state.isStarted || event === 'message-start', `begins with ${event}`)
  switch (event) {
    case 'message-start':
      faults.require(!state.isStarted, 'a second message-start')
      faults.require(textAt(data, 'id') !== '', 'a message without id')
      state.isStarted = true
      return
    case 'content-start':
    case 'content-delta':
    case 'content-end':
      checkContent(event, { index, content: objectAt(message, 'content') }, state, faults)
      return
    case 'tool-plan-delta':
      faults.require(asString(message?.['tool_plan']) !== undefined, 'a plan without text')
      return
    case 'tool-call-start':
    case 'tool-call-delta':
    case 'tool-call-end':
      checkCall(event, { index, call: objectAt(message, 'tool_calls') }, state, faults)
      return
    case 'citation-start':
      faults.require(state.citation === undefined, 'a citation inside another')
      faults.require(asObject(message?.['citations']) !== undefined, 'a citation without one')
      state.citation = index ?? -1
      return
    case 'citation-end':
      faults.require(state.citation === (index ?? -1), 'a citation ends that never started')
      state.citation = undefined
      return
    case 'message-end': {
      const isBroken = textAt(objectAt(data, 'delta'), 'finish_reason') === 'ERROR'
      const isOpen = state.content !== undefined || state.call !== undefined
      faults.require(isBroken || !isOpen, 'ends with something open')
      state.isOver = true
      return
    }
    default:
      faults.require(false, `an event of unknown type ${event}`)
  }
}

function checkContent(
  event: string,
  { index, content }: { index: number | null; content: JsonObject | undefined },
  state: MessageState,
  faults: Faults,
): void {
  if (event === 'content-start') {
    faults.require(state.content === undefined, 'content starts inside other content')
    faults.require(index === state.contents, `content ${index} after ${state.contents} contents`)
    faults.require(
      ['text', 'thinking'].includes(textAt(content, 'type')),
      `content of type ${textAt(content, 'type')}`,
    )
    state.content = index ?? 0
    state.contents += 1
    return
  }
  faults.require(state.content !== undefined && index === state.content, `${event} outside of its content`)
  if (event === 'content-end') state.content = undefined
}

function checkCall(
  event: string,
  { index, call }: { index: number | null; call: JsonObject | undefined },
  state: MessageState,
  faults: Faults,
): void {
  if (event === 'tool-call-start') {
    const id = textAt(call, 'id')
    faults.require(state.call === undefined, 'a call starts inside another')
    faults.require(index === state.calls, `call ${index} after ${state.calls} calls`)
    faults.require(id !== '' && !state.callIds.has(id), `a call with the id ${JSON.stringify(id)}`)
    faults.require(typeof objectAt(call, 'function')?.['name'] === 'string', 'a call without name')
    state.callIds.add(id)
    state.call = index ?? 0
    state.calls += 1
    return
  }
  faults.require(state.call !== undefined && index === state.call, `${event} outside of its call`)
  if (event === 'tool-call-end') state.call = undefined
}
