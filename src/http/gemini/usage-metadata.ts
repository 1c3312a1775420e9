/** Usage in Gemini's counting: thoughts beside the answer, everything in the total. */
import type { JsonObject } from '#core/domain/json.ts'
import type { Usage } from '#core/domain/usage.ts'

/** Undefined when nothing was counted. Source: Gemini API reference, `UsageMetadata`. */
export function writeUsageMetadata(usage: Usage): JsonObject | undefined {
  const { inputTokens, outputTokens, reasoningTokens, cachedInputTokens } = usage
  if (inputTokens === null && outputTokens === null) return undefined
  const thoughts = Math.min(reasoningTokens ?? 0, outputTokens ?? 0)
  const answer = (outputTokens ?? 0) - thoughts
  return {
    promptTokenCount: inputTokens ?? 0,
    candidatesTokenCount: answer,
    totalTokenCount: (inputTokens ?? 0) + (outputTokens ?? 0),
    ...(cachedInputTokens ? { cachedContentTokenCount: cachedInputTokens } : {}),
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
    ...details('promptTokensDetails', inputTokens ?? 0, usage.inputImageTokens, usage.inputAudioTokens),
    ...details('candidatesTokensDetails', answer, usage.outputImageTokens, usage.outputAudioTokens),
  }
}

/** Only where the provider told pictures or sound apart. */
function details(name: string, total: number, image: number | null, audio: number | null): JsonObject {
  if (!image && !audio) return {}
  const text = Math.max(0, total - (image ?? 0) - (audio ?? 0))
  const counts = [
    ['TEXT', text],
    ['IMAGE', image ?? 0],
    ['AUDIO', audio ?? 0],
  ] as const
  return {
    [name]: counts.flatMap(([modality, tokenCount]) => (tokenCount > 0 ? [{ modality, tokenCount }] : [])),
  }
}
