/** Lines from bytes, ended by LF, CR or CRLF, at any chunk boundary. */
import { Problem } from '#core/domain/problem.ts'
import { createByteHold } from '#services/llm-adapters/wire/byte-hold.ts'

/** Who takes the lines. A line's bytes are valid only during the call. */
export interface LineSink {
  line(bytes: Buffer, from: number, to: number): void
  /** An empty line; it ends in `chunk` just before the position `upTo`. */
  blank(chunk: Buffer, upTo: number): void
}

export interface LineReader {
  /** Throws `provider_malformed` when a line is too long. */
  push(chunk: Buffer): void
  /** What is left counts as a line. */
  end(): void
  isMidLine(): boolean
}

const lf = 10
const cr = 13

export function createLineReader(sink: LineSink, lineBytesMax: number): LineReader {
  const held = createHeldLine(sink, lineBytesMax)
  /** The line before ended in CR; an LF that comes next belongs to that ending. */
  let mayFollowCr = false
  /** What is held ends in CR, and on this stream an LF follows every CR. */
  let awaitsLf = false
  let endsLinesInCrLf = false

  /** Ends what the chunk before left open; where the chunk's first line begins. */
  const begin = (chunk: Buffer): number => {
    const isLf = chunk[0] === lf
    if (awaitsLf) held.takeBeforeCr(chunk, isLf ? 1 : 0)
    else if (!mayFollowCr || !isLf) return 0
    endsLinesInCrLf = isLf
    return isLf ? 1 : 0
  }

  return {
    push(chunk) {
      let position = begin(chunk)
      awaitsLf = false
      mayFollowCr = false
      let nextCr = chunk.indexOf(cr, position)
      for (;;) {
        const nextLf = chunk.indexOf(lf, position)
        if (nextCr !== -1 && nextCr < position) nextCr = chunk.indexOf(cr, position)
        const isCr = nextCr !== -1 && (nextLf === -1 || nextCr < nextLf)
        const end = isCr ? nextCr : nextLf
        if (end === -1) break
        const upTo = isCr && chunk[end + 1] === lf ? end + 2 : end + 1
        if (isCr && end + 1 === chunk.length) {
          awaitsLf = endsLinesInCrLf
          mayFollowCr = !awaitsLf
          if (awaitsLf) break
        } else if (isCr) endsLinesInCrLf = upTo === end + 2
        held.take(chunk, position, end, upTo)
        position = upTo
      }
      held.keep(chunk, position)
    },
    end() {
      if (awaitsLf) held.takeBeforeCr(emptyBuffer, 0)
      else if (!held.isEmpty()) held.take(emptyBuffer, 0, 0, 0)
      awaitsLf = false
    },
    isMidLine: () => !held.isEmpty(),
  }
}

/** The beginning of a line whose end has not come. */
function createHeldLine(sink: LineSink, lineBytesMax: number) {
  const held = createByteHold()
  const requireRoom = (bytes: number): void => {
    if (held.length + bytes > lineBytesMax) throw lineTooLong(lineBytesMax)
  }
  return {
    isEmpty: (): boolean => held.length === 0,
    keep(chunk: Buffer, from: number): void {
      requireRoom(chunk.length - from)
      if (from < chunk.length) held.append(chunk, from, chunk.length)
    },
    /** Hands out what was held with the rest of its line. */
    take(chunk: Buffer, from: number, to: number, upTo: number): void {
      requireRoom(to - from)
      if (held.length === 0) {
        if (from === to) sink.blank(chunk, upTo)
        else sink.line(chunk, from, to)
        return
      }
      held.append(chunk, from, to)
      sink.line(held.view(), 0, held.length)
      held.clear()
    },
    /** Hands out what was held, without the CR at its end. */
    takeBeforeCr(chunk: Buffer, upTo: number): void {
      const length = held.length - 1
      if (length === 0) sink.blank(chunk, upTo)
      else sink.line(held.view(), 0, length)
      held.clear()
    },
  }
}

const emptyBuffer = Buffer.alloc(0)

function lineTooLong(lineBytesMax: number): Problem {
  return new Problem('provider_malformed', {
    detail: `The provider sent a line of more than ${lineBytesMax} bytes.`,
  })
}
