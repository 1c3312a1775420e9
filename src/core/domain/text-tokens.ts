/** How many tokens a text may be, from its characters alone. */

/** Ordinary text in Latin letters has about four characters to a token, and rarely fewer than two. */
const charactersPerToken = 4
const charactersPerTokenAtLeast = 2
/**
 * Other letters have vocabularies of their own: about a token for each UTF-16 unit, and rarely more than two. (A token
 * of a byte-level vocabulary is at least one byte of UTF-8, of which such a unit has two or three.)
 */
const tokensPerForeignUnit = 1
const tokensPerForeignUnitAtMost = 2
const lastAscii = 0x7f

/** Lengths of texts, added up as they come. */
export interface TextLength {
  ascii: number
  foreign: number
}

export const noText = (): TextLength => ({ ascii: 0, foreign: 0 })

/** Without a copy, and without a look at each character of a text that is all ASCII. */
export function addText(length: TextLength, text: string): void {
  let foreign = 0
  // The length in UTF-8 is that of the text when all of it is ASCII, and is found much faster than by looking.
  if (Buffer.byteLength(text) !== text.length) {
    for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > lastAscii) foreign++
  }
  length.foreign += foreign
  length.ascii += text.length - foreign
}

export function textLengthOf(text: string): TextLength {
  const length = noText()
  addText(length, text)
  return length
}

/** Not rounded. */
export function likelyTokens({ ascii, foreign }: TextLength): number {
  return ascii / charactersPerToken + foreign * tokensPerForeignUnit
}

/** Not rounded. */
export function mostTokens({ ascii, foreign }: TextLength): number {
  return ascii / charactersPerTokenAtLeast + foreign * tokensPerForeignUnitAtMost
}
