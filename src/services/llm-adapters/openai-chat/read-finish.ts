/** Why a chat completion ended, in OpenAI's words and its cousins'. */
import type { Finish, FinishReason } from '#core/domain/answer.ts'
import { entryOf } from '#core/domain/json.ts'

const unifiedOf: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  '': 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  sensitive: 'content_filter',
  error: 'error',
  insufficient_system_resource: 'error',
  network_error: 'error',
}

/** `raw` is null where the provider sent no word. Calls decide over `stop`: a forced tool ends with that word. */
export function finishOfChat(raw: string | null, hasCalls: boolean): Finish {
  const unified = raw === null ? 'stop' : (entryOf(unifiedOf, raw) ?? 'other')
  return { unified: hasCalls && unified === 'stop' ? 'tool_calls' : unified, raw }
}
