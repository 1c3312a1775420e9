/** Whether bytes of a stream may pass unread: whole frames of mere content, judged in one look at each byte. */

const lf = 0x0a
const quote = 0x22
const bracket = 0x5b
const brace = 0x7d
const letterC = 0x63
const letterE = 0x65
const letterF = 0x66
const letterI = 0x69
const letterT = 0x74
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
const emptyContent = Buffer.from('content":""')
const noChoices = Buffer.from('choices":[]')
const indexName = Buffer.from('index"')
const firstIndex = Buffer.from('index":0')
const callsName = Buffer.from('tool_calls"')
const noCalls = Buffer.from('tool_calls":null')

/** The frames at the beginning of a chunk that may pass unread. */
export interface PlainFrames {
  readonly frames: number
  /** How many bytes they take. */
  readonly bytes: number
}

/**
 * The longest run of whole `data:` frames with objects of mere content at the beginning of a chunk. It ends before a
 * frame that is not whole, that mentions an error, usage, a finish, the end or another choice than the first, or that
 * has no content; also before a tool call, unless it is known that there are calls. Quotes inside a JSON string are
 * escaped, so text that the model writes never looks like a member's name.
 */
export function plainFramesOf(bytes: Uint8Array, isCalling: boolean): PlainFrames {
  const { length } = bytes
  let frames = 0
  let passed = 0
  if (!stands(opening, bytes, 0)) return { frames, bytes: passed }
  for (let at = openingQuoteAt; at < length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      if (!isHarmless(bytes, at + 1, isCalling)) break
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

/** Whether what follows a quote is none of the names that must be read, or says nothing of interest. */
function isHarmless(bytes: Uint8Array, at: number, isCalling: boolean): boolean {
  switch (bytes[at]) {
    case letterC:
      return !stands(emptyContent, bytes, at) && !stands(noChoices, bytes, at)
    case letterI:
      return (
        !stands(indexName, bytes, at) ||
        (stands(firstIndex, bytes, at) && !isDigit(bytes[at + firstIndex.length]))
      )
    case letterT:
      return isCalling || !stands(callsName, bytes, at) || stands(noCalls, bytes, at)
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

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39

function stands(word: Uint8Array, bytes: Uint8Array, from: number): boolean {
  // Reading past the end would make every later reading slow.
  if (from + word.length > bytes.length) return false
  for (let at = 0; at < word.length; at += 1) if (bytes[from + at] !== word[at]) return false
  return true
}
