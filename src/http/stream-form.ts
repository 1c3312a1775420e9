/** How a surface writes a stream: one form for each, with state for one stream. */
import type { AnswerChoice, ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Receipt } from '#core/gateway/asked.ts'

export interface StreamForm {
  readonly contentType: string
  /** What may be sent while there is nothing to say; undefined where the form has no such thing. */
  readonly heartbeat: string | undefined
  /** The bytes of a batch of events; undefined or empty when they say nothing in this form. */
  batch(events: readonly ChatEvent[], receipt: Receipt): string | Uint8Array | undefined
  /** What closes a complete answer. */
  end(receipt: Receipt): string
  /** What tells of a break; undefined where the form cannot say it and the connection must be cut. */
  fail(problem: Problem, requestId: string): string | undefined
}

export type ResumedEvent = Extract<ChatEvent, { readonly type: 'resumed' }>

/** Comes in a batch of its own: the answer broke off and goes on from somebody else. */
export function resumedIn([first]: readonly ChatEvent[]): ResumedEvent | undefined {
  return first?.type === 'resumed' ? first : undefined
}

/** Who goes on, as a comment of an event stream, which every client of such streams passes over. */
export function resumedComment({ by }: ResumedEvent): string {
  return `: the answer broke off and goes on from ${by.replace(/[^\x20-\x7e]/g, '?')}\n\n`
}

/** The events that would have made this answer: for a streamed question whose answer came whole. */
export function eventsOf(answer: ChatAnswer): readonly ChatEvent[] {
  const events: ChatEvent[] = [
    { type: 'start', id: answer.id, model: answer.model, createdAtS: answer.createdAtS },
  ]
  for (const choice of answer.choices) addChoice(events, choice)
  events.push({ type: 'usage', usage: answer.usage })
  if (answer.extras) events.push({ type: 'extras', extras: answer.extras })
  return events
}

function addChoice(events: ChatEvent[], { index: choice, parts, finish, logprobs }: AnswerChoice): void {
  let call = 0
  for (const part of parts) {
    const isCall = part.type === 'tool_call'
    const isWhole = addPart(events, part, { choice, call })
    // A part that goes as one piece has its tokens with it.
    for (const carry of isWhole ? [] : (part.carry ?? []))
      events.push({ type: 'carry', choice, ...(isCall ? { call } : {}), carry })
    if (isCall) call++
  }
  if (logprobs) events.push({ type: 'logprobs', choice, logprobs })
  events.push({ type: 'finish', choice, finish })
}

/** Adds the events of a part; whether it went as one piece. */
function addPart(
  events: ChatEvent[],
  part: Part,
  { choice, call }: { choice: number; call: number },
): boolean {
  switch (part.type) {
    case 'text':
      events.push({ type: 'text-delta', choice, text: part.text, begins: true, isToolPlan: part.isToolPlan })
      for (const citation of part.citations ?? []) events.push({ type: 'citation', choice, citation })
      return false
    case 'reasoning':
      events.push({ type: 'reasoning-delta', choice, text: part.text, begins: true })
      return false
    case 'refusal':
      events.push({ type: 'refusal-delta', choice, text: part.text })
      return false
    case 'tool_call':
      events.push({ type: 'tool-call-start', choice, call, id: part.id, name: part.name, kind: part.kind })
      events.push({ type: 'tool-call-delta', choice, call, argumentsText: part.argumentsText })
      return false
    default:
      events.push({ type: 'part', choice, part })
      return true
  }
}
