/** Server-sent events from bytes, whatever the chunk boundaries: WHATWG HTML, section 9.2.6, read tolerantly. */
import { Problem } from '#core/domain/problem.ts'
import { asBuffer, createByteHold } from '#services/llm-adapters/wire/byte-hold.ts'
import { createLineReader } from '#services/llm-adapters/wire/line-reader.ts'

/** One dispatched event. */
export interface Frame {
  /** The `event:` field; undefined when there was none. */
  readonly event: string | undefined
  /** The `data:` lines joined by LF; empty when the frame has only other fields. */
  readonly data: string
  /** Lines with names that the standard does not know; some servers report failures in them (`error: {...}`). */
  readonly fields: readonly FieldLine[] | undefined
  /** Everything that arrived since the frame before, comments included; only when the reader keeps bytes. */
  readonly bytes: Uint8Array | undefined
}

export interface FieldLine {
  readonly name: string
  readonly value: string
}

export interface FrameReader {
  /** The frames that this chunk completes. Throws `provider_malformed` when a line or an event is too long. */
  push(chunk: Uint8Array): readonly Frame[]
  /** The body has ended: a last event without its blank line counts. */
  end(): readonly Frame[]
  /** Nothing is pending: the next byte begins a new frame. */
  isBetweenFrames(): boolean
}

export interface FrameReaderOptions {
  readonly keepsBytes?: boolean | undefined
  readonly lineBytesMax?: number | undefined
  readonly eventBytesMax?: number | undefined
}

/** A produced image travels as one line of base64 of several megabytes. */
const lineBytesMaxByDefault = 8 * 1_048_576
const eventBytesMaxByDefault = 16 * 1_048_576

const space = 32
const colon = 58
const noFrames: readonly Frame[] = []

/**
 * A reader for one body. Lines may end in LF, CR or CRLF, and chunks may split anywhere, also inside a character
 * or between CR and LF. `id` and `retry` are read over: nobody resumes a provider's stream.
 */
export function createFrameReader(options: FrameReaderOptions = {}): FrameReader {
  const eventBytesMax = options.eventBytesMax ?? eventBytesMaxByDefault
  const keeper = options.keepsBytes === true ? createFrameByteKeeper(eventBytesMax) : undefined
  const draft = createFrameDraft(eventBytesMax)
  let frames: Frame[] = []

  const lines = createLineReader(
    {
      line: (bytes, from, to) => draft.add(bytes, from, to),
      blank(chunk, upTo) {
        const frame = draft.finish()
        if (frame) frames.push(keeper ? { ...frame, bytes: keeper.take(chunk, upTo) } : frame)
      },
    },
    options.lineBytesMax ?? lineBytesMaxByDefault,
  )

  const taken = (): readonly Frame[] => {
    if (frames.length === 0) return noFrames
    const complete = frames
    frames = []
    return complete
  }

  return {
    push(chunk) {
      if (chunk.length === 0) return noFrames
      const buffer = asBuffer(chunk)
      keeper?.begin()
      lines.push(buffer)
      keeper?.keepRest(buffer)
      return taken()
    },
    end() {
      keeper?.begin()
      lines.end()
      const frame = draft.finish()
      if (frame) frames.push(keeper ? { ...frame, bytes: keeper.take(emptyBuffer, 0) } : frame)
      return taken()
    },
    isBetweenFrames: () =>
      !lines.isMidLine() && draft.isEmpty() && (keeper === undefined || keeper.isEmpty()),
  }
}

interface FrameDraft {
  add(bytes: Buffer, from: number, to: number): void
  /** The frame of the lines added since the last call; undefined when they had nothing to say. */
  finish(): Frame | undefined
  isEmpty(): boolean
}

function createFrameDraft(eventBytesMax: number): FrameDraft {
  let event: string | undefined
  let data: string | undefined
  let fields: FieldLine[] | undefined
  let bytesRead = 0
  let isFirstLine = true

  const addField = (name: string, value: string): void => {
    if (name === 'event') event = value
    else if (name === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (name !== 'id' && name !== 'retry') (fields ??= []).push({ name, value })
  }

  return {
    add(bytes, start, to) {
      const from = isFirstLine && hasByteOrderMark(bytes, start) ? start + 3 : start
      isFirstLine = false
      bytesRead += to - from
      if (bytesRead > eventBytesMax) throw eventTooLong(eventBytesMax)
      if (bytes[from] === colon || from === to) return
      if (startsWithData(bytes, from, to)) {
        addField('data', bytes.toString('utf8', bytes[from + 5] === space ? from + 6 : from + 5, to))
        return
      }
      const text = bytes.toString('utf8', from, to)
      const split = text.indexOf(':')
      if (split === -1) addField(text, '')
      else addField(text.slice(0, split), text.slice(text[split + 1] === ' ' ? split + 2 : split + 1))
    },
    finish() {
      const frame =
        data === undefined && fields === undefined
          ? undefined
          : { event, data: data ?? '', fields, bytes: undefined }
      event = undefined
      data = undefined
      fields = undefined
      bytesRead = 0
      return frame
    },
    isEmpty: () => bytesRead === 0,
  }
}

interface FrameByteKeeper {
  begin(): void
  /** The bytes up to a position in the chunk, since the frame before. */
  take(chunk: Buffer, upTo: number): Uint8Array
  keepRest(chunk: Buffer): void
  isEmpty(): boolean
}

function createFrameByteKeeper(bytesMax: number): FrameByteKeeper {
  const held = createByteHold()
  let start = 0
  return {
    begin() {
      start = 0
    },
    take(chunk, upTo) {
      const from = start
      start = upTo
      if (held.length === 0) return chunk.subarray(from, upTo)
      held.append(chunk, from, upTo)
      const bytes = Buffer.from(held.view())
      held.clear()
      return bytes
    },
    keepRest(chunk) {
      if (start < chunk.length) held.append(chunk, start, chunk.length)
      // Comments and blank lines between frames count as well, or a server could fill the memory with them.
      if (held.length > bytesMax) throw eventTooLong(bytesMax)
    },
    isEmpty: () => held.length === 0,
  }
}

const emptyBuffer = Buffer.alloc(0)

function hasByteOrderMark(bytes: Buffer, from: number): boolean {
  return bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf
}

function startsWithData(bytes: Buffer, from: number, to: number): boolean {
  return (
    to - from >= 5 &&
    bytes[from] === 0x64 &&
    bytes[from + 1] === 0x61 &&
    bytes[from + 2] === 0x74 &&
    bytes[from + 3] === 0x61 &&
    bytes[from + 4] === colon
  )
}

function eventTooLong(eventBytesMax: number): Problem {
  return new Problem('provider_malformed', {
    detail: `The provider sent an event of more than ${eventBytesMax} bytes.`,
  })
}
