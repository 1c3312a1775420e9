/** How a response ended, from its status. */
import type { Finish, FinishReason } from '#core/domain/answer.ts'
import { asObject, asString, entryOf } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'

const unifiedOf: Readonly<Record<string, FinishReason>> = {
  completed: 'stop',
  failed: 'error',
  queued: 'pause',
  in_progress: 'pause',
  cancelled: 'other',
}

const incompleteOf: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length',
  max_messages: 'length',
  content_filter: 'content_filter',
  steered: 'pause',
}

/** Calls that the caller must run turn a completed response into a pause for them. */
export function finishOfResponse(response: JsonObject, hasCalls: boolean): Finish {
  const raw = asString(response['status']) ?? null
  if (raw === 'incomplete') {
    const detail = asObject(response['incomplete_details'])
    const reason = asString(detail?.['reason']) ?? ''
    return { unified: entryOf(incompleteOf, reason) ?? 'other', raw, ...(detail ? { detail } : {}) }
  }
  const unified = raw === null ? 'stop' : (entryOf(unifiedOf, raw) ?? 'other')
  return { unified: unified === 'stop' && hasCalls ? 'tool_calls' : unified, raw }
}
