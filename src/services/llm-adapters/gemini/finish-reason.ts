/** Why Gemini stopped, in our words. */
import type { Finish, FinishReason } from '#core/domain/answer.ts'
import { asString, entryOf } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

/** Source: Gemini API reference, `FinishReason`. Names that are not here and begin with IMAGE_ are filters too. */
const unifiedOf: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  CONTINUATION: 'pause',
  MALFORMED_FUNCTION_CALL: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  MALFORMED_RESPONSE: 'error',
  MISSING_THOUGHT_SIGNATURE: 'error',
  NO_IMAGE: 'error',
}

/** `STOP` is also what Gemini says after calls that the caller must run. */
export function finishOf(candidate: JsonObject, raw: string, hasCalls: boolean): Finish {
  const known = entryOf(unifiedOf, raw) ?? (raw.startsWith('IMAGE_') ? 'content_filter' : 'other')
  const unified = known === 'stop' && hasCalls ? 'tool_calls' : known
  const detail = detailOf(candidate, unified)
  return { unified, raw, ...(detail === undefined ? {} : { detail }) }
}

/** The finish of a prompt that was refused before any answer; undefined when it was not. */
export function finishOfBlockedPrompt(feedback: JsonObject | undefined): Finish | undefined {
  const raw = asString(feedback?.['blockReason'])
  if (feedback === undefined || raw === undefined) return undefined
  return { unified: 'content_filter', raw, detail: feedback }
}

function detailOf(candidate: JsonObject, unified: FinishReason): JsonValue | undefined {
  if (unified === 'stop' || unified === 'tool_calls' || unified === 'length') return undefined
  const message = asString(candidate['finishMessage'])
  const ratings = candidate['safetyRatings']
  if (message === undefined && ratings === undefined) return undefined
  return {
    ...(message === undefined ? {} : { message }),
    ...(ratings === undefined ? {} : { safetyRatings: ratings }),
  }
}
