/** Gemini's `usageMetadata` as inclusive counts. */
import { asArray, asCount, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'

/**
 * Undefined while the object holds no counts yet (Vertex sends the traffic type first).
 * The prompt contains what was cached but not what Gemini's own tools read; the candidates leave thoughts out.
 * Source: Gemini API reference, `UsageMetadata`.
 */
export function usageOf(metadata: JsonObject | undefined): Usage | undefined {
  if (!metadata) return undefined
  const prompt = asCount(metadata['promptTokenCount'])
  const total = asCount(metadata['totalTokenCount'])
  if (prompt === null && total === null) return undefined
  const thoughts = asCount(metadata['thoughtsTokenCount'])
  const serviceTier = asString(metadata['serviceTier']) ?? asString(metadata['trafficType'])
  const promptDetails = metadata['promptTokensDetails']
  const candidatesDetails = metadata['candidatesTokensDetails']
  return {
    ...unknownUsage,
    inputTokens: (prompt ?? 0) + (asCount(metadata['toolUsePromptTokenCount']) ?? 0),
    // A count of zero is left out on the wire.
    outputTokens: (asCount(metadata['candidatesTokenCount']) ?? 0) + (thoughts ?? 0),
    cachedInputTokens: asCount(metadata['cachedContentTokenCount']),
    reasoningTokens: thoughts,
    inputImageTokens: countOfModality(promptDetails, 'IMAGE'),
    inputAudioTokens: countOfModality(promptDetails, 'AUDIO'),
    outputImageTokens: countOfModality(candidatesDetails, 'IMAGE'),
    outputAudioTokens: countOfModality(candidatesDetails, 'AUDIO'),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    raw: metadata,
  }
}

function countOfModality(details: JsonValue | undefined, modality: string): number | null {
  let sum: number | null = null
  for (const entry of asArray(details)) {
    const detail = asObject(entry)
    if (detail?.['modality'] === modality) sum = (sum ?? 0) + (asCount(detail['tokenCount']) ?? 0)
  }
  return sum
}
