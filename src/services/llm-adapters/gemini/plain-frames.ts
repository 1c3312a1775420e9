/** Whether bytes of a Gemini stream may pass nearly unread: whole frames of one candidate's text, judged in one look at each byte. */

const lf = 0x0a
const cr = 0x0d
const space = 0x20
const quote = 0x22
const digitZero = 0x30
const digitNine = 0x39
const brace = 0x7d
const openBrace = 0x7b
const letterT = 0x74
const letterI = 0x69
const letterU = 0x75

/** How every frame begins, as Google writes it. */
const opening = Buffer.from('data: {"')
const text = Buffer.from('text":')
const index = Buffer.from('index":')
const usage = Buffer.from('usageMetadata":')

/** Members that say more than a piece of text does, by their first letter. */
const telling: (readonly Uint8Array[] | undefined)[] = []
for (const name of [
  'codeExecutionResult',
  'error',
  'executableCode',
  'fileData',
  'finishReason',
  'functionCall',
  'functionResponse',
  'groundingMetadata',
  'inlineData',
  'promptFeedback',
]) {
  const first = name.charCodeAt(0)
  telling[first] = [...(telling[first] ?? []), Buffer.from(`${name}"`)]
}

/** The frames at the beginning of a chunk that may pass; each says one piece of text. */
export interface PlainReplies {
  readonly frames: number
  /** How many bytes they take. */
  readonly bytes: number
  /** The text of the last usage object among them; undefined when there is none, or none that is whole. */
  readonly usageText: string | undefined
}

/**
 * The longest run, at the beginning of a chunk that begins between frames, of frames with one piece of text of the
 * first candidate and its usage so far. Quotes inside a JSON string are escaped, so text that the model writes never
 * looks like a member's name.
 */
export function plainRepliesOf(chunk: Uint8Array): PlainReplies {
  let frames = 0
  let passed = 0
  let usageAt = -1
  for (;;) {
    const frame = plainFrame(chunk, passed)
    if (!frame) break
    frames += 1
    passed = frame.end
    if (frame.usageAt !== -1) usageAt = frame.usageAt
  }
  return { frames, bytes: passed, usageText: usageAt === -1 ? undefined : objectText(chunk, usageAt) }
}

interface PlainFrame {
  /** Just after the blank line. */
  readonly end: number
  /** Where the usage object begins; -1 when there is none. */
  readonly usageAt: number
}

function plainFrame(chunk: Uint8Array, from: number): PlainFrame | undefined {
  if (!stands(opening, chunk, from)) return undefined
  const { length } = chunk
  let texts = 0
  let usageAt = -1
  for (let at = from + opening.length - 1; at < length; at += 1) {
    const byte = chunk[at]
    if (byte === quote) {
      const letter = chunk[at + 1] ?? 0
      if (isTelling(chunk, at + 1, letter)) return undefined
      if (letter === letterT && stands(text, chunk, at + 1)) texts += saysSomething(chunk, at + 1) ? 1 : 2
      else if (letter === letterU && stands(usage, chunk, at + 1)) usageAt = at + 1 + usage.length
    } else if (byte === lf || byte === cr) {
      const end = chunk[at - 1] === brace && texts === 1 ? blankLineEnd(chunk, at) : -1
      return end === -1 ? undefined : { end, usageAt }
    }
  }
  return undefined
}

/** Whether the member whose name stands here must be read. */
function isTelling(chunk: Uint8Array, at: number, letter: number): boolean {
  const names = telling[letter]
  if (names) for (const name of names) if (stands(name, chunk, at)) return true
  return letter === letterI && stands(index, chunk, at) && !isFirst(chunk, at + index.length)
}

/** Whether the number here is 0. */
function isFirst(chunk: Uint8Array, from: number): boolean {
  const at = chunk[from] === space ? from + 1 : from
  const next = chunk[at + 1] ?? digitZero
  return chunk[at] === digitZero && !(next >= digitZero && next <= digitNine)
}

/** Whether the text here is a string that is not empty. */
function saysSomething(chunk: Uint8Array, from: number): boolean {
  const colonEnd = from + text.length
  const at = chunk[colonEnd] === space ? colonEnd + 1 : colonEnd
  return chunk[at] === quote && chunk[at + 1] !== quote
}

/** Just after a line's end and the blank line behind it, both LF or both CRLF; -1 for anything else. */
function blankLineEnd(chunk: Uint8Array, at: number): number {
  if (chunk[at] === lf) return at + 1 < chunk.length && chunk[at + 1] === lf ? at + 2 : -1
  const isWhole = at + 3 < chunk.length
  return isWhole && chunk[at + 1] === lf && chunk[at + 2] === cr && chunk[at + 3] === lf ? at + 4 : -1
}

/** The text of the object that begins here. Usage is names and numbers: a brace in a string only makes it no JSON. */
function objectText(chunk: Uint8Array, from: number): string | undefined {
  let depth = 0
  for (let at = from; at < chunk.length; at += 1) {
    const byte = chunk[at]
    if (byte === openBrace) depth += 1
    else if (byte === brace && --depth === 0) return Buffer.from(chunk.subarray(from, at + 1)).toString()
    else if (byte === lf) return undefined
  }
  return undefined
}

function stands(word: Uint8Array, bytes: Uint8Array, from: number): boolean {
  // Reading past the end would make every later reading slow.
  if (from + word.length > bytes.length) return false
  for (let at = 0; at < word.length; at += 1) if (bytes[from + at] !== word[at]) return false
  return true
}
