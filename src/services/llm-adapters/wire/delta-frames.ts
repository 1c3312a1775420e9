/** Whether bytes of a stream may pass unread: whole frames that their provider names as pieces of content. */
import { asBuffer } from '#services/llm-adapters/wire/byte-hold.ts'

const lf = 0x0a
const cr = 0x0d

/** The frames at the beginning of a chunk that may pass unread. */
export interface DeltaFrames {
  readonly frames: number
  /** How many bytes they take. */
  readonly bytes: number
}

export type CountDeltaFrames = (chunk: Uint8Array) => DeltaFrames

/**
 * Counts the longest run, at the beginning of a chunk that begins between frames, of frames of exactly two lines: an
 * `event:` line with one of these names and one `data:` line. Everything else ends the run and must be read: another
 * name, a frame that is not whole, line ends with CR.
 */
export function createDeltaFrameCount(names: readonly string[]): CountDeltaFrames {
  const openings: readonly Uint8Array[] = names.map((name) => Buffer.from(`event: ${name}\ndata: `))
  return (given) => {
    const chunk = asBuffer(given)
    let frames = 0
    let passed = 0
    for (;;) {
      const data = dataStart(openings, chunk, passed)
      const end = data === -1 ? -1 : frameEnd(chunk, data)
      if (end === -1) return { frames, bytes: passed }
      frames += 1
      passed = end
    }
  }
}

/** Where the data begin of the frame that begins at `from`; -1 when it is not one of these. */
function dataStart(openings: readonly Uint8Array[], chunk: Uint8Array, from: number): number {
  for (const opening of openings) if (stands(opening, chunk, from)) return from + opening.length
  return -1
}

/** Just after the blank line that follows the line; -1 when something else follows it, or nothing yet. */
function frameEnd(chunk: Buffer, from: number): number {
  const at = chunk.indexOf(lf, from)
  const isBlankNext = at !== -1 && chunk[at + 1] === lf
  return isBlankNext && !chunk.subarray(from, at).includes(cr) ? at + 2 : -1
}

function stands(word: Uint8Array, bytes: Uint8Array, from: number): boolean {
  // Reading past the end would make every later reading slow.
  if (from + word.length > bytes.length) return false
  for (let at = 0; at < word.length; at += 1) if (bytes[from + at] !== word[at]) return false
  return true
}
