/** How deep a JSON text nests, seen before it is parsed: what is parsed must also be fit to be walked and written. */

const quote = 0x22
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** Whether objects and arrays stand inside each other more than so many levels. Never throws. */
export function nestsDeeper(text: string, levels: number): boolean {
  const { length } = text
  // Every level is opened and closed.
  if (length < levels * 2) return false
  let depth = 0
  for (let at = 0; at < length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at + 1)
        break
      case openBrace:
      case openBracket:
        depth += 1
        if (depth > levels) return true
        break
      case closeBrace:
      case closeBracket:
        depth -= 1
        break
      default:
    }
  }
  return false
}

/** The position of the quote that ends a string, or the text's end when nothing does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (before >= start && text.charCodeAt(before) === backslash) before -= 1
    if ((end - before) % 2 === 1) return end
  }
  return text.length
}
