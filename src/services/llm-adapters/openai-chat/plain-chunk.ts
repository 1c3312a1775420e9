/** Whether bytes of a stream may pass unread: whole frames of mere content, judged in one look at each byte. */

const lf = 0x0a
const quote = 0x22
const bracket = 0x5b
const brace = 0x7d
const letterE = 0x65
const letterF = 0x66
const letterU = 0x75

/** How every frame with an object begins, as all servers write it. */
const opening = Buffer.from('data: {"')
const openingQuoteAt = opening.length - 1
const error = Buffer.from('error"')
const usage = Buffer.from('usage":null')
const usageName = Buffer.from('usage"')
const finish = Buffer.from('finish_reason":null')
const finishName = Buffer.from('finish_reason"')
const done = Buffer.from('DONE]')

/** The frames at the beginning of a chunk that may pass unread. */
export interface PlainFrames {
  readonly frames: number
  /** How many bytes they take. */
  readonly bytes: number
}

/**
 * The longest run of whole `data:` frames with objects of mere content at the beginning of a chunk. It ends before a
 * frame that is not whole or that mentions an error, usage, a finish or the end. Quotes inside a JSON string are
 * escaped, so text that the model writes never looks like a member's name.
 */
export function plainFramesOf(bytes: Uint8Array): PlainFrames {
  const { length } = bytes
  let frames = 0
  let passed = 0
  if (!stands(opening, bytes, 0)) return { frames, bytes: passed }
  for (let at = openingQuoteAt; at < length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      if (!isHarmless(bytes, at + 1)) break
    } else if (byte === lf && bytes[at + 1] === lf) {
      if (bytes[at - 1] !== brace) break
      frames += 1
      passed = at + 2
      if (!stands(opening, bytes, passed)) break
      at = passed + openingQuoteAt - 1
    } else if (byte === bracket && stands(done, bytes, at + 1)) break
  }
  return { frames, bytes: passed }
}

/** Whether what follows a quote is none of the names that must be read, or says null. */
function isHarmless(bytes: Uint8Array, at: number): boolean {
  switch (bytes[at]) {
    case letterE:
      return !stands(error, bytes, at)
    case letterF:
      return !stands(finishName, bytes, at) || stands(finish, bytes, at)
    case letterU:
      return !stands(usageName, bytes, at) || stands(usage, bytes, at)
    default:
      return true
  }
}

function stands(word: Uint8Array, bytes: Uint8Array, from: number): boolean {
  // Reading past the end would make every later reading slow.
  if (from + word.length > bytes.length) return false
  for (let at = 0; at < word.length; at += 1) if (bytes[from + at] !== word[at]) return false
  return true
}
