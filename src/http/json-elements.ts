/** Taking single elements out of JSON text without writing the rest anew: numbers and spaces stay as they were. */

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c

/** The text of an array with each element as `rewrite` gives it back; undefined leaves it out. */
export function rewriteElements(
  text: string,
  rewrite: (element: string, index: number) => string | undefined,
): string {
  const kept: string[] = []
  for (const [index, element] of elementsOf(text).entries()) {
    const written = rewrite(element, index)
    if (written !== undefined) kept.push(written)
  }
  return `[${kept.join(',')}]`
}

/** The text of an object with the value of one of its own members as `rewrite` gives it back. */
export function rewriteMember(text: string, name: string, rewrite: (value: string) => string): string {
  const written = elementsOf(text).map((pair) => {
    const at = colonOf(pair)
    if (JSON.parse(pair.slice(0, at)) !== name) return pair
    return `${pair.slice(0, at + 1)}${rewrite(pair.slice(at + 1))}`
  })
  return `{${written.join(',')}}`
}

/** The elements of an array, or the members of an object, as they stand. The text must be valid JSON. */
function elementsOf(text: string): string[] {
  const elements: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (isOpening(code)) {
      depth++
      if (depth === 1) from = at + 1
    } else if (isClosing(code)) {
      depth--
      if (depth === 0 && text.slice(from, at).trim() !== '') elements.push(text.slice(from, at))
    } else if (code === comma && depth === 1) {
      elements.push(text.slice(from, at))
      from = at + 1
    }
  }
  return elements
}

const isOpening = (code: number) => code === 0x5b || code === 0x7b
const isClosing = (code: number) => code === 0x5d || code === 0x7d

function colonOf(pair: string): number {
  for (let at = 0; at < pair.length; at++) {
    const code = pair.charCodeAt(at)
    if (code === quote) at = endOfString(pair, at)
    else if (code === colon) return at
  }
  return pair.length
}

/** The position of the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quote) return at
  }
  return text.length
}
