/** Why Claude stopped, in our words (Messages API reference, `stop_reason`). */
import type { Finish, FinishReason } from '#core/domain/answer.ts'
import { asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
  pause_turn: 'pause',
  compaction: 'pause',
}

/** From the members `stop_reason`, `stop_sequence` and `stop_details` of a message or of a `message_delta`. */
export function finishOf(source: JsonObject): Finish {
  const raw = asString(source['stop_reason']) ?? null
  const stopSequence = asString(source['stop_sequence'])
  const detail = source['stop_details'] ?? undefined
  return {
    unified: raw !== null && Object.hasOwn(reasons, raw) ? (reasons[raw] ?? 'other') : 'other',
    raw,
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(detail === undefined ? {} : { detail }),
  }
}
