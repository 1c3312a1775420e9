/**
 * Reads HTTP/1.1 answers from a socket's pieces: head, then a body of known length or in chunks. Strict where a
 * gateway could go wrong (framing, length, terminator), blind to everything else.
 */

export type AnswerHead = { status: number; closes: boolean }

export type AnswerEvents = {
  /** The head is complete. */
  onHead: (head: AnswerHead) => void
  /** Body bytes without their framing. */
  onBody: (bytes: Buffer) => void
  /** The answer is complete: its declared length has come, or its last chunk. */
  onEnd: () => void
}

export type AnswerReader = {
  /** Takes the next bytes of the socket. Throws when they break HTTP's framing. */
  push: (piece: Buffer) => void
  /** True between answers: a socket that closes now cuts nothing. */
  isIdle: () => boolean
}

const headEnd = Buffer.from('\r\n\r\n')
const headBytesMax = 16_384
const lineFeed = 0x0a
const carriageReturn = 0x0d
const chunkLineBytesMax = 20

type Stage = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer'

type HeadFacts = AnswerHead & { chunked: boolean; length: number }

function readHead(text: string): HeadFacts {
  if (!text.startsWith('HTTP/1.1 ')) throw new Error('not an HTTP/1.1 answer')
  const lower = text.toLowerCase()
  const chunked = lower.includes('\r\ntransfer-encoding: chunked')
  const at = lower.indexOf('\r\ncontent-length:')
  if (!chunked && at < 0) throw new Error('neither content-length nor chunked')
  return {
    status: Number(text.slice(9, 12)),
    closes: lower.includes('\r\nconnection: close'),
    chunked,
    length: chunked ? 0 : Number.parseInt(lower.slice(at + 17), 10),
  }
}

function chunkSize(line: string): number {
  const size = Number.parseInt(line, 16)
  if (!(size >= 0)) throw new Error(`not a chunk size: ${JSON.stringify(line)}`)
  return size
}

type State = { stage: Stage; left: number; events: AnswerEvents }

function finish(state: State): void {
  state.stage = 'head'
  state.events.onEnd()
}

/** Each `take` function returns where to go on, or -1 when bytes are missing. */
function takeHead(state: State, bytes: Buffer, from: number): number {
  const end = bytes.indexOf(headEnd, from)
  if (end < 0) {
    if (bytes.length - from > headBytesMax) throw new Error('the head is too long')
    return -1
  }
  const head = readHead(bytes.toString('latin1', from, end))
  state.events.onHead(head)
  state.left = head.length
  state.stage = head.chunked ? 'chunk-size' : 'length'
  if (!head.chunked && head.length === 0) finish(state)
  return end + headEnd.length
}

function takeData(state: State, bytes: Buffer, from: number): number {
  const count = Math.min(state.left, bytes.length - from)
  state.events.onBody(from === 0 && count === bytes.length ? bytes : bytes.subarray(from, from + count))
  state.left -= count
  if (state.left === 0) {
    if (state.stage === 'length') finish(state)
    else state.stage = 'chunk-end'
  }
  return from + count
}

function takeLine(state: State, bytes: Buffer, from: number): number {
  const end = bytes.indexOf(lineFeed, from)
  if (end < 0) {
    if (bytes.length - from > chunkLineBytesMax) throw new Error('a chunk line is too long')
    return -1
  }
  if (bytes[end - 1] !== carriageReturn) throw new Error('a chunk line without CR')
  const line = bytes.toString('latin1', from, end - 1)
  if (state.stage === 'chunk-size') {
    state.left = chunkSize(line)
    state.stage = state.left === 0 ? 'trailer' : 'chunk-data'
  } else if (state.stage === 'chunk-end') {
    if (line !== '') throw new Error('a chunk is longer than it said')
    state.stage = 'chunk-size'
  } else if (line === '') {
    finish(state)
  }
  return end + 1
}

function take(state: State, bytes: Buffer, from: number): number {
  if (state.stage === 'head') return takeHead(state, bytes, from)
  if (state.stage === 'length' || state.stage === 'chunk-data') return takeData(state, bytes, from)
  return takeLine(state, bytes, from)
}

/** Makes a reader that calls `events` for one answer after another. */
export function createAnswerReader(events: AnswerEvents): AnswerReader {
  const state: State = { stage: 'head', left: 0, events }
  let held: Buffer | undefined
  return {
    push(piece) {
      const bytes = held ? Buffer.concat([held, piece]) : piece
      held = undefined
      let at = 0
      while (at < bytes.length) {
        const next = take(state, bytes, at)
        if (next < 0) {
          held = Buffer.from(bytes.subarray(at))
          return
        }
        at = next
      }
    },
    isIdle: () => state.stage === 'head' && held === undefined,
  }
}
