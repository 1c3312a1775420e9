// What the providers of the corridor's tests answer, piece by piece.
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { ProviderReply } from '#core/gateway/rooms.ts'

/** What a provider does when it is asked; the stream's steps come one for each read. */
export type Behaviour =
  | { readonly does: 'answer'; readonly pieces: number; readonly saysUsage: boolean }
  | { readonly does: 'refuse'; readonly code: ProblemCode }
  | { readonly does: 'break'; readonly afterPieces: number }
  | { readonly does: 'hang' }
  /** Says what it makes of the question. */
  | { readonly does: 'tell'; readonly tell: (question: ChatQuestion) => Telling }

export interface Telling {
  readonly events: readonly ChatEvent[]
  /** Breaks off behind them. */
  readonly isCut: boolean
}

/** What is held at this moment. */
export interface Held {
  permits: number
  money: number
  passes: number
  replies: number
}

/** One byte is one piece of content; 255 ends the answer with usage, 254 without. */
export function fakeReply(
  behaviour: Exclude<Behaviour, { does: 'tell' }> | Telling,
  held: Held,
  signal: LeaveSignal,
): Promise<ProviderReply> {
  if ('events' in behaviour) return tellingReply(behaviour, held, signal)
  if (behaviour.does === 'refuse') return Promise.reject(new Problem(behaviour.code))
  held.replies++
  let isOpen = true
  const close = () => {
    if (isOpen) held.replies--
    isOpen = false
  }
  let given = 0
  const next = (): Promise<Uint8Array | undefined> => {
    if (signal.aborted) {
      close()
      return Promise.reject(new Problem('caller_left'))
    }
    if (behaviour.does === 'hang') {
      close()
      return Promise.reject(new Problem('provider_timeout'))
    }
    const pieces = behaviour.does === 'break' ? behaviour.afterPieces : behaviour.pieces
    if (given < pieces) {
      given++
      return Promise.resolve(Uint8Array.of(1))
    }
    if (behaviour.does === 'break') {
      close()
      return Promise.reject(new Problem('stream_cut'))
    }
    if (given === pieces) {
      given++
      return Promise.resolve(Uint8Array.of(behaviour.saysUsage ? 255 : 254))
    }
    close()
    return Promise.resolve(undefined)
  }
  const whole = async () => {
    const bytes: number[] = []
    for (let piece = await next(); piece; piece = await next()) bytes.push(...piece)
    return Uint8Array.from(bytes)
  }
  return Promise.resolve({ status: 200, headers: {}, next, whole, cancel: close, drain: close })
}

/** Two, and then the event as JSON: one event for each piece. */
function tellingReply({ events, isCut }: Telling, held: Held, signal: LeaveSignal): Promise<ProviderReply> {
  held.replies++
  let isOpen = true
  const close = () => {
    if (isOpen) held.replies--
    isOpen = false
  }
  let given = 0
  const next = (): Promise<Uint8Array | undefined> => {
    if (signal.aborted) {
      close()
      return Promise.reject(new Problem('caller_left'))
    }
    const event = events[given++]
    if (event) return Promise.resolve(Buffer.concat([Uint8Array.of(2), Buffer.from(JSON.stringify(event))]))
    close()
    return isCut ? Promise.reject(new Problem('stream_cut')) : Promise.resolve(undefined)
  }
  const whole = () => Promise.reject(new Problem('provider_malformed'))
  return Promise.resolve({ status: 200, headers: {}, next, whole, cancel: close, drain: close })
}

const usage = { ...unknownUsage, inputTokens: 10, outputTokens: 5 }

export function wholeAnswer(bytes: Uint8Array): ChatAnswer {
  const pieces = bytes.filter((byte) => byte === 1).length
  return {
    id: 'answer',
    model: 'fake',
    choices: [
      {
        index: 0,
        parts: [{ type: 'text', text: 'word '.repeat(pieces) }],
        finish: { unified: 'stop', raw: 'stop' },
      },
    ],
    usage: bytes.includes(255) ? usage : unknownUsage,
  }
}

export function fakeDecoder() {
  let isComplete = false
  let problem: Problem | undefined
  return {
    push(chunk: Uint8Array): readonly ChatEvent[] {
      if (chunk[0] === 2) {
        const event = JSON.parse(Buffer.from(chunk.subarray(1)).toString()) as ChatEvent
        if (event.type === 'finish') isComplete = true
        return [event]
      }
      if (chunk[0] === 1) return [{ type: 'text-delta', choice: 0, text: 'word ' }]
      isComplete = true
      const finish: ChatEvent = { type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'stop' } }
      return chunk[0] === 255 ? [finish, { type: 'usage', usage }] : [finish]
    },
    end(): readonly ChatEvent[] {
      if (!isComplete) problem = new Problem('stream_cut')
      return []
    },
    get problem() {
      return problem
    },
    get isComplete() {
      return isComplete
    },
  }
}
