/** What is wrong with text that is not JSON, or has a member twice: slow and careful, for the way to an error only. */

export interface JsonFault {
  /** What was expected or found, in words, without any of the text itself. */
  readonly expected: string
  /** Position in UTF-16 units from 0; line and column count from 1. */
  readonly position: number
  readonly line: number
  readonly column: number
}

/** The first place at which the text departs from RFC 8259, or undefined when it is JSON. */
export function jsonFault(text: string): JsonFault | undefined {
  const fault = walkJson(text, undefined)
  if (!fault) return undefined
  const before = text.slice(0, fault.position)
  const lineStart = before.lastIndexOf('\n') + 1
  return {
    expected: fault.expected,
    position: fault.position,
    line: before.split('\n').length,
    column: fault.position - lineStart + 1,
  }
}

/** The path of the first member that its object already has (`messages[0].role`), or undefined. */
export function duplicateKeyIn(text: string): string | undefined {
  let found: string | undefined
  walkJson(text, (path) => {
    found ??= path
  })
  return found
}

class FaultAt extends Error {
  readonly expected: string
  readonly position: number
  constructor(expected: string, position: number) {
    super(expected)
    this.expected = expected
    this.position = position
  }
}

type Duplicate = (path: string) => void

function walkJson(text: string, onDuplicate: Duplicate | undefined): FaultAt | undefined {
  try {
    const end = afterSpace(text, afterValue({ text, onDuplicate }, afterSpace(text, 0), ''))
    return end < text.length ? new FaultAt('unexpected text after the end of the value', end) : undefined
  } catch (thrown) {
    if (thrown instanceof FaultAt) return thrown
    throw thrown
  }
}

interface Walk {
  readonly text: string
  readonly onDuplicate: Duplicate | undefined
}

const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Depth is bounded by the caller's own limit, which is checked first. */
function afterValue(walk: Walk, at: number, path: string): number {
  const { text } = walk
  const first = text[at]
  if (first === '{') return afterObject(walk, at, path)
  if (first === '[') return afterArray(walk, at, path)
  if (first === '"') return afterString(text, at)
  for (const word of ['true', 'false', 'null']) if (text.startsWith(word, at)) return at + word.length
  numberForm.lastIndex = at
  const number = numberForm.exec(text)
  if (number) return at + number[0].length
  throw new FaultAt(first === undefined ? 'unexpected end of the text' : 'a value was expected', at)
}

function afterObject(walk: Walk, open: number, path: string): number {
  const { text } = walk
  const names = new Set<string>()
  let at = afterSpace(text, open + 1)
  if (text[at] === '}') return at + 1
  for (;;) {
    if (text[at] !== '"') throw missing(text, at, 'a member name in double quotes was expected')
    const end = afterString(text, at)
    const name = JSON.parse(text.slice(at, end)) as string
    const inner = path === '' ? name : `${path}.${name}`
    if (names.has(name)) walk.onDuplicate?.(inner)
    names.add(name)
    at = afterSpace(text, end)
    if (text[at] !== ':') throw missing(text, at, 'a colon was expected')
    at = afterSpace(text, afterValue(walk, afterSpace(text, at + 1), inner))
    if (text[at] === '}') return at + 1
    if (text[at] !== ',') throw missing(text, at, 'a comma or } was expected')
    at = afterSpace(text, at + 1)
  }
}

function afterArray(walk: Walk, open: number, path: string): number {
  const { text } = walk
  let at = afterSpace(text, open + 1)
  if (text[at] === ']') return at + 1
  for (let index = 0; ; index++) {
    at = afterSpace(text, afterValue(walk, at, `${path}[${index}]`))
    if (text[at] === ']') return at + 1
    if (text[at] !== ',') throw missing(text, at, 'a comma or ] was expected')
    at = afterSpace(text, at + 1)
  }
}

const escapeForm = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

function afterString(text: string, open: number): number {
  let at = open + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code < 0x20) throw new FaultAt('a control character must be escaped inside a string', at)
    if (code === 0x5c) {
      escapeForm.lastIndex = at
      const escape = escapeForm.exec(text)
      if (!escape) throw new FaultAt('a wrong escape in a string', at)
      at += escape[0].length
    } else at++
  }
  throw new FaultAt('a string without its closing quote', open)
}

const missing = (text: string, at: number, expected: string) =>
  new FaultAt(at >= text.length ? `unexpected end of the text, ${expected}` : expected, at)

function afterSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at
    at++
  }
}
