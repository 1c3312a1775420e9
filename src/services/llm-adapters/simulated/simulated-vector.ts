/** Made-up vectors: the same text always gives the same one, and texts that share words give vectors that are near. */

/** Words beyond these change nothing. */
const wordsMax = 256

/** The words of a text in lower case, without what stands between them. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = []
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    if (words.push(word) === wordsMax) break
  }
  return words.length > 0 ? words : [text]
}

/** A vector of length 1: the sum of one direction for each word. */
export function unitVector(words: readonly string[], dimensions: number): readonly number[] {
  const sum = new Float64Array(dimensions)
  for (const word of words) addDirection(sum, seedOf(word))
  const length = Math.hypot(...blocksOf(sum))
  return Array.from(sum, (value) => Number((value / (length || 1)).toPrecision(8)))
}

/** FNV-1a. */
function seedOf(word: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193)
  return hash | 0 || 1
}

/** Marsaglia's xorshift: numbers between -1 and 1 that follow from the seed. */
function addDirection(sum: Float64Array, seed: number): void {
  let state = seed
  for (let at = 0; at < sum.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    sum[at] = (sum[at] ?? 0) + state / 0x80000000
  }
}

/** Lengths of pieces: a call takes only so many arguments. */
function blocksOf(vector: Float64Array): readonly number[] {
  const lengths: number[] = []
  for (let from = 0; from < vector.length; from += 512) {
    lengths.push(Math.hypot(...vector.subarray(from, from + 512)))
  }
  return lengths
}
