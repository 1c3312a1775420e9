/** The grammar of message streams (Claude API reference, "Streaming Messages"): blocks come one after the other. */
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { createFaults, objectAt, textAt, show, writtenFrames } from './frames.ts'
import type { CheckGrammar, Faults } from './frames.ts'

/** Which deltas a block of each type takes; other blocks take none but pieces of input. */
const deltasOf: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
  mcp_tool_use: ['input_json_delta'],
  compaction: ['compaction_delta'],
}

const stopReasons = [
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
  'compaction',
]

type Stage = 'before' | 'blocks' | 'closing' | 'over'

interface MessageState {
  stage: Stage
  open: { readonly index: unknown; readonly type: string; isSigned: boolean } | undefined
  blocks: number
  readonly callIds: Set<string>
}

export const checkAnthropicMessages: CheckGrammar = (stream, ending) => {
  const faults = createFaults()
  const frames = writtenFrames(stream, faults)
  const state: MessageState = { stage: 'before', open: undefined, blocks: 0, callIds: new Set() }
  for (const [place, { event, data, text }] of frames.entries()) {
    faults.require(data !== undefined, `data that is no object: ${text.slice(0, 100)}`)
    faults.require(event === data?.['type'], `the frame ${event} holds a ${show(data?.['type'])}`)
    faults.require(state.stage !== 'over', `${event} after the end`)
    if (event === 'error') {
      faults.require(place === frames.length - 1, 'an error before the end')
      faults.require(asString(objectAt(data, 'error')?.['type']) !== undefined, 'an error without type')
      state.stage = 'over'
      continue
    }
    checkEvent(event ?? '', data ?? {}, state, faults)
  }
  const last = frames.at(-1)?.event
  if (ending === 'whole') faults.require(last === 'message_stop' || last === 'error', `ends with ${last}`)
  else faults.require(last === 'error', `a break ends with ${last}`)
  return faults.found
}

function checkEvent(event: string, data: JsonObject, state: MessageState, faults: Faults): void {
  const { stage, open } = state
  switch (event) {
    case 'ping':
      return
    case 'message_start': {
      faults.require(stage === 'before', 'a second message_start')
      const message = objectAt(data, 'message')
      faults.require(
        textAt(message, 'id') !== '' && message?.['role'] === 'assistant',
        'a message without id or role',
      )
      faults.require(Array.isArray(message?.['content']), 'a message without content')
      faults.require(asObject(message?.['usage']) !== undefined, 'a message without usage')
      state.stage = 'blocks'
      return
    }
    case 'content_block_start':
      faults.require(stage === 'blocks' && open === undefined, 'a block starts inside another, or outside')
      faults.require(
        data['index'] === state.blocks,
        `block ${show(data['index'])} after ${state.blocks} blocks`,
      )
      startBlock(data, state, faults)
      return
    case 'content_block_delta':
      faults.require(open !== undefined && data['index'] === open.index, 'a delta outside of its block')
      checkDelta(objectAt(data, 'delta') ?? {}, state, faults)
      return
    case 'content_block_stop':
      faults.require(open !== undefined && data['index'] === open.index, 'a stop outside of its block')
      state.open = undefined
      return
    case 'message_delta':
      faults.require(stage === 'blocks' && open === undefined, 'message_delta with a block open, or twice')
      faults.require(
        stopReasons.includes(textAt(objectAt(data, 'delta'), 'stop_reason')),
        `stop_reason ${JSON.stringify(objectAt(data, 'delta')?.['stop_reason'])}`,
      )
      faults.require(typeof objectAt(data, 'usage')?.['output_tokens'] === 'number', 'no output_tokens')
      state.stage = 'closing'
      return
    case 'message_stop':
      faults.require(stage === 'closing', 'message_stop without message_delta')
      state.stage = 'over'
      return
    default:
      faults.require(false, `an event of unknown type ${event}`)
  }
}

function startBlock(data: JsonObject, state: MessageState, faults: Faults): void {
  const block = objectAt(data, 'content_block')
  const type = textAt(block, 'type')
  faults.require(type !== '', 'a block without type')
  if (type === 'tool_use') {
    const id = textAt(block, 'id')
    faults.require(id !== '' && !state.callIds.has(id), `a call with the id ${JSON.stringify(id)}`)
    faults.require(typeof block?.['name'] === 'string', 'a call without name')
    faults.require(asObject(block?.['input']) !== undefined, 'a call without input')
    state.callIds.add(id)
  }
  state.open = { index: data['index'], type, isSigned: false }
  state.blocks += 1
}

function checkDelta(delta: JsonObject, { open }: MessageState, faults: Faults): void {
  if (!open) return
  const type = textAt(delta, 'type')
  const isRight = deltasOf[open.type]?.includes(type) === true
  faults.require(isRight, `a ${type} in a block of ${open.type}`)
  faults.require(!open.isSigned, `a ${type} after the signature`)
  if (type === 'signature_delta') open.isSigned = true
  if (type === 'input_json_delta')
    faults.require(typeof delta['partial_json'] === 'string', 'no partial_json')
}
