/** Citations as Gemini shows them: the sources, and which stretches of the answer rest on which. */
import type { Citation } from '#core/domain/chat.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { PlacedCitation } from '#http/gemini/candidate-writer.ts'

/** Undefined without citations. Source: Gemini API reference, `GroundingMetadata`; segments count bytes of UTF-8. */
export function writeGrounding(placed: readonly PlacedCitation[], text: string): JsonObject | undefined {
  if (placed.length === 0) return undefined
  const chunks: JsonObject[] = []
  const supports: JsonObject[] = []
  const numbers = new Map<string, number>()
  for (const { citation, textStart } of placed) {
    const chunk = chunkOf(citation)
    const key = JSON.stringify(chunk)
    let number = numbers.get(key)
    if (number === undefined) {
      number = chunks.push(chunk) - 1
      numbers.set(key, number)
    }
    const segment = segmentOf(citation, textStart, text)
    if (segment) supports.push({ segment, groundingChunkIndices: [number] })
    if (citation.origin === 'gemini-generate') supports.push(...ownSupports(citation, number))
  }
  return { groundingChunks: chunks, ...(supports.length > 0 ? { groundingSupports: supports } : {}) }
}

function chunkOf(citation: Citation): JsonObject {
  const { url, title, text, origin } = citation
  const own = origin === 'gemini-generate' ? asObject(citation.value) : undefined
  if (own) {
    const { supports: _supports, ...chunk } = own
    return chunk
  }
  const source = { ...(url === undefined ? {} : { uri: url }), ...(title === undefined ? {} : { title }) }
  if (url !== undefined) return { web: source }
  return { retrievedContext: { ...source, ...(text === undefined ? {} : { text }) } }
}

function segmentOf(citation: Citation, textStart: number, text: string): JsonObject | undefined {
  const { start, end } = citation
  if (start === undefined || end === undefined || end <= start) return undefined
  const from = Math.min(textStart + start, text.length)
  const to = Math.min(textStart + end, text.length)
  if (to <= from) return undefined
  const startIndex = Buffer.byteLength(text.slice(0, from))
  const cited = text.slice(from, to)
  return {
    ...(startIndex > 0 ? { startIndex } : {}),
    endIndex: startIndex + Buffer.byteLength(cited),
    text: cited,
  }
}

function ownSupports({ value }: Citation, number: number): readonly JsonObject[] {
  return asArray(asObject(value)?.['supports']).flatMap((entry) => {
    const support = asObject(entry)
    return support ? [{ ...support, groundingChunkIndices: [number] }] : []
  })
}
