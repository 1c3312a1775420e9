/** About how much memory a known answer takes, and the answer made free of memory that it does not need. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import { bytesOfEvents, bytesOfPart } from '#core/domain/event-bytes.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'

/** Objects, headers and map slots around the content. */
const bytesPerEntry = 1_024
const bytesPerCharacter = 2

export function bytesOf({ answer, events }: KnownAnswer): number {
  let bytes = bytesPerEntry
  if (answer) {
    bytes += answer.native?.bytes.byteLength ?? 0
    for (const { parts } of answer.choices) for (const part of parts) bytes += bytesOfPart(part)
    if (answer.extras) bytes += JSON.stringify(answer.extras).length * bytesPerCharacter
  }
  return bytes + bytesOfEvents(events ?? [])
}

/**
 * The same answer with bytes of its own: a piece of a socket's buffer would keep the whole buffer alive. Native pieces
 * that follow each other become one, because nobody who reads a known answer needs to see where they were cut.
 */
export function withOwnBytes(known: KnownAnswer): KnownAnswer {
  const { answer, events } = known
  return { ...known, answer: answer && withOwnAnswerBytes(answer), events: events && joined(events) }
}

function withOwnAnswerBytes(answer: ChatAnswer): ChatAnswer {
  const { native, choices } = answer
  // Choices may stand behind a getter of the answer's class, which a copy of its members leaves out.
  return native ? { ...answer, choices, native: { ...native, bytes: ownBytes([native.bytes]) } } : answer
}

type NativeEvent = Extract<ChatEvent, { type: 'native' }>

function joined(events: readonly ChatEvent[]): readonly ChatEvent[] {
  const kept: ChatEvent[] = []
  let run: NativeEvent[] = []
  const endRun = () => {
    const [first] = run
    if (!first) return
    const deltas = run.reduce((sum, event) => sum + event.deltas, 0)
    kept.push({ ...first, bytes: ownBytes(run.map(({ bytes }) => bytes)), deltas })
    run = []
  }
  for (const event of events) {
    if (event.type === 'native') run.push(event)
    else {
      endRun()
      kept.push(event)
    }
  }
  endRun()
  return kept
}

/** One copy in memory of its own: Node's buffers share theirs with others. */
function ownBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const own = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    own.set(piece, at)
    at += piece.byteLength
  }
  return own
}
