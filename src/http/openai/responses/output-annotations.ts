/** Citations of any provider as the annotations of an output text. */
import type { Citation } from '#core/domain/chat.ts'
import { asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'

/**
 * `lengthSoFar` stands in where a provider gives no positions: the citation belongs to the text up to there.
 * `cited_text` is an extension: the words of the source, where the provider shows them.
 */
export function writeAnnotation(citation: Citation, lengthSoFar: number): JsonObject {
  const value = asObject(citation.value) ?? {}
  if (citation.origin === 'openai-responses' && asString(value['type']) !== undefined) return value
  const cited = citation.text === undefined ? {} : { cited_text: citation.text }
  if (citation.url === undefined) {
    const index = citation.end ?? asNumber(value['index']) ?? lengthSoFar
    return { type: 'file_citation', file_id: '', filename: citation.title ?? '', index, ...cited }
  }
  return {
    type: 'url_citation',
    start_index: citation.start ?? 0,
    end_index: citation.end ?? lengthSoFar,
    url: citation.url,
    title: citation.title ?? '',
    ...cited,
  }
}
