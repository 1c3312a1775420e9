/** What an answer rests on: Gemini's `groundingMetadata` as citations and as uses of its search. */
import type { Citation } from '#core/domain/chat.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

/**
 * One citation for each source. Gemini's segments count bytes of the whole answer, not characters of a part,
 * so they stay in `value` beside their source.
 */
export function citationsOf(grounding: JsonObject): readonly Citation[] {
  const supports = supportsByChunk(asArray(grounding['groundingSupports']))
  return asArray(grounding['groundingChunks']).map((entry, position) => {
    const chunk = asObject(entry) ?? {}
    const source = sourceOf(chunk)
    const url = asString(source['uri'])
    const title = asString(source['title'])
    const text = asString(source['text'])
    const own = supports.get(position)
    const value: JsonValue = own ? { ...chunk, supports: own } : chunk
    return {
      origin: 'gemini-generate',
      ...(url === undefined ? {} : { url }),
      ...(title === undefined ? {} : { title }),
      ...(text === undefined ? {} : { text }),
      value,
    }
  })
}

/** What each source supports, by the source's position. */
function supportsByChunk(supports: readonly JsonValue[]): ReadonlyMap<number, readonly JsonValue[]> {
  const byChunk = new Map<number, JsonValue[]>()
  for (const support of supports) {
    for (const position of new Set(asArray(asObject(support)?.['groundingChunkIndices']))) {
      if (typeof position !== 'number') continue
      const own = byChunk.get(position)
      if (own) own.push(support)
      else byChunk.set(position, [support])
    }
  }
  return byChunk
}

/** A chunk has one member, named after where it was found: `web`, `retrievedContext`, `maps`. */
function sourceOf(chunk: JsonObject): JsonObject {
  for (const source of Object.values(chunk)) {
    const known = asObject(source)
    if (known) return known
  }
  return {}
}

/** How many searches the answer made; 0 when none. */
export function searchCountOf(grounding: JsonObject): number {
  return asArray(grounding['webSearchQueries']).length
}
