/** Why an answer ended, in the words of the Messages API (reference, `stop_reason` and `stop_details`). */
import type { Finish } from '#core/domain/answer.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'

export interface Ending {
  readonly finish: Finish
  readonly hasCalls: boolean
  /** What the model said in place of an answer; it stands in the content too, where every client shows it. */
  readonly refusal: string
  /** What the caller asked to stop at. */
  readonly stopSequences: readonly string[]
}

export interface StopWords {
  readonly stop_reason: string
  readonly stop_sequence: string | null
  readonly stop_details: JsonValue
}

/** An agent goes on only when it hears `tool_use`, so calls decide unless the answer was cut or refused. */
export function stopWords({ finish, hasCalls, refusal, stopSequences }: Ending): StopWords {
  switch (finish.unified) {
    case 'content_filter':
      return refused(refusal, finish.detail)
    case 'length':
      return plain('max_tokens')
    case 'pause':
      return plain(hasCalls ? 'tool_use' : 'pause_turn')
    case 'error':
      throw new Problem('provider_error', {
        detail: `The model ended its answer with an error${finish.raw ? ` (${finish.raw})` : ''}.`,
      })
    case 'tool_calls':
      return plain('tool_use')
    case 'stop':
    case 'other':
      if (hasCalls) return plain('tool_use')
      return refusal === '' ? stopped(finish, stopSequences) : refused(refusal, undefined)
  }
}

const plain = (stop_reason: string): StopWords => ({ stop_reason, stop_sequence: null, stop_details: null })

function stopped({ stopSequence, raw }: Finish, asked: readonly string[]): StopWords {
  // A provider that says only that some sequence ended the answer can mean but the one.
  const sequence =
    stopSequence ?? (raw && /^stop_sequence$/i.test(raw) && asked.length === 1 ? asked[0] : undefined)
  if (sequence === undefined) return plain('end_turn')
  return { stop_reason: 'stop_sequence', stop_sequence: sequence, stop_details: null }
}

function refused(refusal: string, detail: JsonValue | undefined): StopWords {
  const given = asObject(detail)
  const stop_details =
    given?.['type'] === 'refusal'
      ? given
      : { type: 'refusal', category: null, explanation: refusal || explanationOf(detail) }
  return { stop_reason: 'refusal', stop_sequence: null, stop_details }
}

function explanationOf(detail: JsonValue | undefined): string | null {
  if (detail === undefined || detail === null) return null
  return asString(detail) ?? asString(asObject(detail)?.['message']) ?? JSON.stringify(detail)
}
