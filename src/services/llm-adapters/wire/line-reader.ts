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
  readonly isMidLine: boolean
}

const lf = 10
const cr = 13

export function createLineReader(sink: LineSink, lineBytesMax: number): LineReader {
  const held = createByteHold()
  let mayFollowCr = false

  const take = (chunk: Buffer, from: number, to: number, upTo: number): void => {
    if (held.length + to - from > lineBytesMax) throw lineTooLong(lineBytesMax)
    if (held.length === 0) {
      if (from === to) sink.blank(chunk, upTo)
      else sink.line(chunk, from, to)
      return
    }
    held.append(chunk, from, to)
    sink.line(held.view(), 0, held.length)
    held.clear()
  }

  return {
    push(chunk) {
      let position = mayFollowCr && chunk[0] === lf ? 1 : 0
      mayFollowCr = false
      let nextCr = chunk.indexOf(cr, position)
      for (;;) {
        const nextLf = chunk.indexOf(lf, position)
        if (nextCr !== -1 && nextCr < position) nextCr = chunk.indexOf(cr, position)
        const isCr = nextCr !== -1 && (nextLf === -1 || nextCr < nextLf)
        const end = isCr ? nextCr : nextLf
        if (end === -1) break
        // The LF of a CRLF belongs to the same ending; it may also be the first byte of the next chunk.
        const upTo = isCr && chunk[end + 1] === lf ? end + 2 : end + 1
        if (isCr && upTo === chunk.length && chunk[end + 1] !== lf) mayFollowCr = true
        take(chunk, position, end, upTo)
        position = upTo
      }
      if (held.length + chunk.length - position > lineBytesMax) throw lineTooLong(lineBytesMax)
      if (position < chunk.length) held.append(chunk, position, chunk.length)
    },
    end() {
      if (held.length > 0) take(emptyBuffer, 0, 0, 0)
    },
    get isMidLine() {
      return held.length > 0
    },
  }
}

const emptyBuffer = Buffer.alloc(0)

function lineTooLong(lineBytesMax: number): Problem {
  return new Problem('provider_malformed', {
    detail: `The provider sent a line of more than ${lineBytesMax} bytes.`,
  })
}
