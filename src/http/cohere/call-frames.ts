/** The tool calls of a streamed answer as frames: one call after the other, as Cohere's clients expect them. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { argumentsText } from '#http/cohere/answer-words.ts'
import { carriedMember } from '#http/cohere/chat-answer.ts'
import { streamFrame } from '#http/cohere/stream-frame.ts'

type CallStart = Extract<ChatEvent, { type: 'tool-call-start' }>

export interface CallFrames {
  start(event: CallStart): void
  delta(call: number, text: string): void
  carry(call: number, carry: Carry): void
  /** What can be said of the calls by now. Tokens that came together with a call's name go out with it. */
  flush(): string
  /** Ends every call. */
  finish(): string
  hasCalls(): boolean
}

interface Call {
  readonly start: CallStart
  text: string
  /** How much of the text was sent. */
  sent: number
  isStarted: boolean
  readonly carries: Carry[]
  /** How many of the tokens were sent with the start. */
  carriesSent: number
}

/**
 * Clients know one open call at a time. Where a provider interleaves its calls, a later one waits until the arguments
 * of the one before it are complete.
 */
export function createCallFrames(): CallFrames {
  const calls: Call[] = []
  const byNumber = new Map<number, Call>()
  /** Which call is open. */
  let head = 0

  const flushAll = (isOver: boolean): string => {
    let frames = ''
    for (let call = calls[head]; call; call = calls[head]) {
      frames += flushCall(call, head)
      const isLast = head === calls.length - 1
      if (!isOver && (isLast || !isComplete(call))) break
      frames += endCall(call, head)
      head++
    }
    return frames
  }

  return {
    start(event) {
      const call: Call = { start: event, text: '', sent: 0, isStarted: false, carries: [], carriesSent: 0 }
      calls.push(call)
      byNumber.set(event.call, call)
    },
    delta(number, text) {
      const call = byNumber.get(number)
      if (call) call.text += text
    },
    carry(number, carry) {
      byNumber.get(number)?.carries.push(carry)
    },
    flush: () => flushAll(false),
    finish: () => flushAll(true),
    hasCalls: () => calls.length > 0,
  }
}

function flushCall(call: Call, index: number): string {
  const { start, carries } = call
  let frames = ''
  if (!call.isStarted) {
    call.isStarted = true
    call.carriesSent = carries.length
    const called = { name: start.name, arguments: '' }
    frames = callFrame('tool-call-start', index, {
      id: start.id,
      type: 'function',
      function: called,
      ...carriedMember(carries),
    })
  }
  // Free-form input becomes JSON only when it is whole.
  if (start.kind === 'custom' || call.sent === call.text.length) return frames
  const written = call.text.slice(call.sent)
  call.sent = call.text.length
  return frames + argumentsFrame(index, written)
}

function endCall({ start, text, carries, carriesSent }: Call, index: number): string {
  const isUnsaid = start.kind === 'custom' || text.trim() === ''
  const said = isUnsaid ? argumentsFrame(index, argumentsText(start.kind, text)) : ''
  if (carries.length === carriesSent) return said + streamFrame('tool-call-end', `{"index":${index}}`)
  return said + callFrame('tool-call-end', index, carriedMember(carries))
}

const argumentsFrame = (index: number, written: string) =>
  callFrame('tool-call-delta', index, { function: { arguments: written } })

/** In a stream `tool_calls` is one object, where the whole reply has a list. */
function callFrame(type: string, index: number, call: JsonObject): string {
  return streamFrame(type, `{"index":${index},"delta":{"message":{"tool_calls":${JSON.stringify(call)}}}}`)
}

/** A JSON object that is closed cannot grow; a number may, and so may text of a free form. */
function isComplete({ start, text }: Call): boolean {
  if (start.kind === 'custom' || !text.trimEnd().endsWith('}')) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
