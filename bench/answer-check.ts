/** Judges one answer: right status, right number, every event once and in order, a proper end. */
import {
  bodyBytes,
  chunksPerStream,
  eventMarkLetters,
  nowMicros,
  readLetters,
  requestNumberLetters,
  sequenceLetters,
  tilde,
  timeLetters,
  type Kind,
} from './conversation.ts'

/** `lost` is a gap in the order of events, whether the missing one comes later or never; `doubled` a step back. */
export type Wrong =
  | 'status'
  | 'answer'
  | 'lost'
  | 'doubled'
  | 'terminator'
  | 'framing'
  | 'connection'
  | 'timeout'

/** How the streams of an API end. */
export type StreamEnding = {
  /** Stands in the last event. */
  endMark: string
  /** After the last piece the whole text is said once more. */
  repeatsText?: boolean
}

export type AnswerCheck = {
  begin: (requestNumber: number) => void
  status: (status: number) => void
  body: (bytes: Buffer) => void
  /** The verdict, once the answer has ended; undefined when all is well. */
  verdict: () => Wrong | undefined
}

/** The last event of some APIs repeats the whole answer around its name. */
const tailBytes = 8_192
/** A gateway may write the answer anew and leave out empty fields, but it may not leave out the text. */
const answerBytesMin = bodyBytes / 2

/** Checks whole answers: the number of the request must come back in a JSON object of plausible length. */
function createWholeCheck(): AnswerCheck {
  let pieces: Buffer[] = []
  let expected = 0
  let status = 0
  return {
    begin(requestNumber) {
      pieces = []
      expected = requestNumber
      status = 0
    },
    status(code) {
      status = code
    },
    body(bytes) {
      pieces.push(bytes)
    },
    verdict() {
      if (status !== 200) return 'status'
      const [only] = pieces
      const body = pieces.length === 1 && only ? only : Buffer.concat(pieces)
      const at = body.indexOf(tilde)
      const isRight =
        at >= 0 &&
        readLetters(body, at + 1, requestNumberLetters) === expected &&
        body.length >= answerBytesMin &&
        body[body.length - 1] === 0x7d
      return isRight ? undefined : 'answer'
    },
  }
}

type MarkScanner = { reset: () => void; scan: (bytes: Buffer) => void }

/** Finds the marks in the pieces of a stream, also those that lie in two pieces. */
function createMarkScanner(onMark: (letters: Buffer, isClosed: boolean) => void): MarkScanner {
  const letters = Buffer.alloc(eventMarkLetters)
  const outside = -1
  let filled = outside

  /** Collects the letters of a mark and its closing tilde; returns where to go on. */
  function fill(bytes: Buffer, from: number): number {
    const count = Math.min(eventMarkLetters - filled, bytes.length - from)
    bytes.copy(letters, filled, from, from + count)
    filled += count
    if (filled < eventMarkLetters || from + count >= bytes.length) return from + count
    filled = outside
    onMark(letters, bytes[from + count] === tilde)
    return from + count + 1
  }

  return {
    reset() {
      filled = outside
    },
    scan(bytes) {
      let at = 0
      while (at < bytes.length) {
        if (filled === outside) {
          const start = bytes.indexOf(tilde, at)
          if (start < 0) return
          filled = 0
          at = start + 1
        } else {
          at = fill(bytes, at)
        }
      }
    },
  }
}

/** Checks streams event by event; `onEvent` gets each event's delay since it was written, in microseconds. */
function createStreamCheck(ending: StreamEnding, onEvent: (delayMicros: number) => void): AnswerCheck {
  let expected = 0
  let status = 0
  let wrong: Wrong | undefined
  let tail = ''

  const marks = createMarkScanner((letters, isClosed) => {
    if (ending.repeatsText === true && expected === chunksPerStream) return
    const place = readLetters(letters, 0, sequenceLetters)
    if (!isClosed || Number.isNaN(place)) wrong ??= 'answer'
    else if (place < expected) wrong ??= 'doubled'
    else if (place > expected) wrong ??= 'lost'
    expected = Math.max(expected, place + 1)
    onEvent(nowMicros() - readLetters(letters, sequenceLetters, timeLetters))
  })

  return {
    begin() {
      marks.reset()
      expected = 0
      status = 0
      wrong = undefined
      tail = ''
    },
    status(code) {
      status = code
    },
    body(bytes) {
      marks.scan(bytes)
      if (expected !== chunksPerStream) return
      tail = (tail + bytes.toString('latin1', Math.max(0, bytes.length - tailBytes))).slice(-tailBytes)
    },
    verdict() {
      if (status !== 200) return 'status'
      if (wrong) return wrong
      if (expected !== chunksPerStream) return 'lost'
      return tail.includes(ending.endMark) ? undefined : 'terminator'
    },
  }
}

/** A check for answers of this kind. `onEvent` is called for streamed events only; `ending` says how they end. */
export function createAnswerCheck(
  kind: Kind,
  ending: StreamEnding,
  onEvent: (delayMicros: number) => void,
): AnswerCheck {
  return kind === 'whole' ? createWholeCheck() : createStreamCheck(ending, onEvent)
}
