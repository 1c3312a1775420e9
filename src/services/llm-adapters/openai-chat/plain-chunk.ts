/** Whether bytes of a stream may pass unread: whole frames of mere content, judged by the names in them alone. */
import { asBuffer } from '#services/llm-adapters/wire/byte-hold.ts'

/** How every frame with an object begins, as all servers write it. */
const opening = 'data: {"'
const blankLine = '\n\n'
const brace = 0x7d

/** After a quote, what must be read: an error, usage, a finish, no content, no choice, another choice than the first. */
const told = [
  'error"',
  'usage"(?!:null)',
  'finish_reason"(?!:null)',
  'content":""',
  'choices":\\[\\]',
  'index"(?!:0(?!\\d))',
]
/** A tool call, unless it is known that there are calls. */
const calls = 'tool_calls"(?!:null)'
const end = '\\[DONE\\]'
/** Lines that end otherwise may end a frame too. */
const carriageReturn = '\\r'
const tellingOf = (names: readonly string[]) =>
  new RegExp(`"(?:${names.join('|')})|${end}|${carriageReturn}`, 'g')
const telling = tellingOf([...told, calls])
const tellingBesideCalls = tellingOf(told)

/** The frames at the beginning of a chunk that may pass unread. */
export interface PlainFrames {
  readonly frames: number
  /** How many bytes they take. */
  readonly bytes: number
}

/** Looked at in one go: of a large chunk whose frames must be read, the rest is not searched anew after each of them. */
const windowBytes = 16_384

/**
 * The longest run of whole `data:` frames with objects of mere content at the beginning of a chunk. It ends before a
 * frame that is not whole, that mentions an error, usage, a finish, the end or another choice than the first, or that
 * has no content; also before a tool call, unless it is known that there are calls. Quotes inside a JSON string are
 * escaped, so text that the model writes never looks like a member's name. Frames larger than a window are left to be
 * read.
 */
export function plainFramesOf(bytes: Uint8Array, isCalling: boolean): PlainFrames {
  const chunk = asBuffer(bytes)
  const names = isCalling ? tellingBesideCalls : telling
  let frames = 0
  let passed = 0
  while (passed < chunk.length) {
    // One character for each byte: enough to find ASCII names, whatever the text between them.
    const run = plainRunOf(chunk.toString('latin1', passed, passed + windowBytes), names)
    if (run.frames === 0) break
    frames += run.frames
    passed += run.bytes
  }
  return { frames, bytes: passed }
}

function plainRunOf(text: string, names: RegExp): PlainFrames {
  let frames = 0
  let passed = 0
  if (!text.startsWith(opening)) return { frames, bytes: passed }
  names.lastIndex = 0
  const upTo = names.exec(text)?.index ?? text.length
  for (;;) {
    const close = text.indexOf(blankLine, passed)
    const isPlain = close !== -1 && close < upTo && text.charCodeAt(close - 1) === brace
    if (!isPlain || !text.startsWith(opening, passed)) return { frames, bytes: passed }
    frames += 1
    passed = close + blankLine.length
  }
}
