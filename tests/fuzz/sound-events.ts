/** What must hold of the events of any stream, however spoilt the bytes were. */
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import { fault } from './fuzz-subject.ts'

/** Far more than any decoder says about so many bytes. */
const eventsAtLeast = 64
const charactersPerByteAtMost = 4
const charactersAtLeast = 4_096

/** Judges the events of a stream of so many bytes, and folds them. */
export function judgeEvents(events: readonly ChatEvent[], bytesRead: number): ChatAnswer {
  if (events.length > bytesRead + eventsAtLeast) fault(`${events.length} events of ${bytesRead} bytes`)
  const callsOf = new Map<number, Set<number>>()
  const ids = new Set<string>()
  const finished = new Set<number>()
  let starts = 0
  let characters = 0
  for (const event of events) {
    characters += charactersOf(event)
    switch (event.type) {
      case 'start':
        starts += 1
        break
      case 'finish':
        if (finished.has(event.choice)) fault(`answer ${event.choice} finishes twice`)
        finished.add(event.choice)
        break
      case 'tool-call-start': {
        if (event.id === '') fault('a call has no id')
        const name = `${event.choice} ${event.id}`
        if (ids.has(name)) fault(`two calls have the id ${event.id.slice(0, 80)}`)
        ids.add(name)
        const calls = callsOf.get(event.choice) ?? new Set()
        if (calls.has(event.call)) fault(`call ${event.call} is begun twice`)
        callsOf.set(event.choice, calls.add(event.call))
        break
      }
      case 'tool-call-delta':
        if (!callsOf.get(event.choice)?.has(event.call))
          fault(`call ${event.call} goes on and was never begun`)
        break
      default:
    }
  }
  if (starts > 1) fault(`${starts} starts`)
  if (characters > bytesRead * charactersPerByteAtMost + charactersAtLeast) {
    fault(`${characters} characters of ${bytesRead} bytes`)
  }
  return folded(events)
}

function charactersOf(event: ChatEvent): number {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return event.text.length
    case 'tool-call-delta':
      return event.argumentsText.length
    case 'tool-call-start':
      return event.name.length + event.id.length
    case 'native':
      return event.bytes.length
    default:
      return 0
  }
}

function folded(events: readonly ChatEvent[]): ChatAnswer {
  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  const answer = builder.build()
  judgeAnswer(answer)
  return answer
}

/** A whole answer must be fit to be written by any door. */
export function judgeAnswer(answer: ChatAnswer): void {
  const numbers = new Set<number>()
  for (const { index, parts } of answer.choices) {
    if (numbers.has(index)) fault(`two answers are numbered ${index}`)
    if (!Number.isSafeInteger(index) || index < 0) fault(`an answer is numbered ${index}`)
    numbers.add(index)
    const ids = new Set<string>()
    for (const part of parts) {
      if (part.type !== 'tool_call') continue
      if (part.id === '') fault('a call has no id')
      if (ids.has(part.id)) fault(`two calls have the id ${part.id.slice(0, 80)}`)
      ids.add(part.id)
    }
  }
  judgeUsage(answer.usage)
}

function judgeUsage(usage: ChatAnswer['usage']): void {
  for (const [name, count] of Object.entries(usage)) {
    if (typeof count === 'number' && !(Number.isFinite(count) && count >= 0))
      fault(`usage ${name} is ${count}`)
  }
}
