/** Whether bytes of a stream may pass unread: whole frames of mere content, judged in one look at each byte. */

const lf = 0x0a
const quote = 0x22
const bracket = 0x5b
const letterD = 0x64
const letterE = 0x65
const letterF = 0x66
const letterU = 0x75

const error = Buffer.from('error"')
const usage = Buffer.from('usage":null')
const usageName = Buffer.from('usage"')
const finish = Buffer.from('finish_reason":null')
const finishName = Buffer.from('finish_reason"')
const done = Buffer.from('DONE]')

/**
 * The number of frames in a chunk that holds nothing but whole `data:` frames of content; undefined when it must be
 * read: it ends inside a frame, or mentions an error, usage, a finish or the end. Quotes inside a JSON string are
 * escaped, so text that the model writes never looks like a member's name.
 */
export function countPlainFrames(bytes: Uint8Array): number | undefined {
  const { length } = bytes
  if (length < 8 || bytes[length - 1] !== lf || bytes[length - 2] !== lf || bytes[0] !== letterD) {
    return undefined
  }
  let count = 0
  for (let at = 0; at < length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      if (!isHarmless(bytes, at + 1)) return undefined
    } else if (byte === lf && bytes[at + 1] === lf) {
      count += 1
      at += 1
      if (at + 1 < length && bytes[at + 1] !== letterD) return undefined
    } else if (byte === bracket && stands(done, bytes, at + 1)) return undefined
  }
  return count
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
  for (let at = 0; at < word.length; at += 1) if (bytes[from + at] !== word[at]) return false
  return true
}
