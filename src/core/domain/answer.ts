/** An answer: whole, or as the events of a stream. */
import type { Carry, Citation, Dialect, MediaPart, Part } from '#core/domain/chat.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Usage } from '#core/domain/usage.ts'

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'pause' | 'error' | 'other'

export interface Finish {
  readonly unified: FinishReason
  /** The provider's own word; null where it sent none. */
  readonly raw: string | null
  readonly stopSequence?: string | undefined
  /** The provider's explanation (a refusal's category, a block reason). */
  readonly detail?: JsonValue | undefined
}

export interface AnswerChoice {
  readonly index: number
  readonly parts: readonly Part[]
  readonly finish: Finish
  readonly logprobs?: Logprobs | undefined
}

/** Token log-probabilities in the provider's own form, with the token count that readers check first. */
export interface Logprobs {
  readonly origin: Dialect
  readonly tokenCount: number
  readonly value: JsonValue
}

export interface ChatAnswer {
  /** The provider's id of the answer; empty when it sent none. */
  readonly id: string
  /** The model that really answered, in the provider's word; empty when it did not say. */
  readonly model: string
  readonly choices: readonly AnswerChoice[]
  readonly usage: Usage
  readonly createdAtS?: number | undefined
  /** Members of the reply that only its own dialect knows. */
  readonly extras?: JsonObject | undefined
  /** The reply as it arrived, for a caller that speaks the same dialect. */
  readonly native?: NativeAnswer | undefined
}

export interface NativeAnswer {
  readonly dialect: Dialect
  readonly bytes: Uint8Array
  /** How the first choice ended, where that was read without reading the words. */
  readonly finish?: Finish | undefined
}

/**
 * One step of a streamed answer. `choice` is the number of the answer (0 unless several were asked for).
 * A delta continues the choice's latest part when that is of the same kind, unless `begins` says that a new part starts.
 */
export type ChatEvent =
  /** Once, before everything else that the provider sends. */
  | {
      readonly type: 'start'
      readonly id: string
      readonly model: string
      readonly createdAtS?: number | undefined
    }
  | {
      readonly type: 'text-delta'
      readonly choice: number
      readonly text: string
      readonly begins?: boolean | undefined
      readonly isToolPlan?: boolean | undefined
    }
  | {
      readonly type: 'reasoning-delta'
      readonly choice: number
      readonly text: string
      readonly begins?: boolean | undefined
    }
  | { readonly type: 'refusal-delta'; readonly choice: number; readonly text: string }
  /** Belongs to the choice's latest part (or to the call `call`); comes as soon as the token is complete. */
  | {
      readonly type: 'carry'
      readonly choice: number
      readonly call?: number | undefined
      readonly carry: Carry
    }
  | { readonly type: 'citation'; readonly choice: number; readonly citation: Citation }
  /** `call` numbers the choice's calls from 0 in order of appearance. */
  | {
      readonly type: 'tool-call-start'
      readonly choice: number
      readonly call: number
      readonly id: string
      readonly name: string
      readonly kind: 'function' | 'custom'
    }
  | {
      readonly type: 'tool-call-delta'
      readonly choice: number
      readonly call: number
      readonly argumentsText: string
    }
  /** A part that arrives complete: produced media, a provider's own tool, an unknown item. */
  | { readonly type: 'part'; readonly choice: number; readonly part: Part }
  | { readonly type: 'media-delta'; readonly choice: number; readonly media: MediaPart }
  | { readonly type: 'logprobs'; readonly choice: number; readonly logprobs: Logprobs }
  | { readonly type: 'finish'; readonly choice: number; readonly finish: Finish }
  /** Cumulative: the last one counts. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'extras'; readonly extras: JsonObject }
  /**
   * The answer broke off here, and goes on from somebody else. Comes in a batch of its own. `said` is everything so
   * far in common words, for a writer that has passed it on as bytes and must write words from here on; nothing of it
   * is to be said again.
   */
  | { readonly type: 'resumed'; readonly said: readonly ChatEvent[]; readonly by: string }
  /** Bytes of whole frames, as they came, for a caller that speaks the same dialect. `deltas` counts the content frames inside. */
  | {
      readonly type: 'native'
      readonly dialect: Dialect
      readonly bytes: Uint8Array
      readonly deltas: number
    }

/** Whether an event shows that the provider has begun to answer: from here on a retry would be visible. */
export function isContent(event: ChatEvent): boolean {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
    case 'tool-call-start':
    case 'tool-call-delta':
    case 'part':
    case 'media-delta':
      return true
    case 'native':
      return event.deltas > 0
    case 'start':
    case 'carry':
    case 'citation':
    case 'logprobs':
    case 'finish':
    case 'usage':
    case 'extras':
    case 'resumed':
      return false
  }
}

/** The visible text of a choice's parts, joined. */
export function visibleText(parts: readonly Part[]): string {
  let text = ''
  for (const part of parts) if (part.type === 'text' && !part.isToolPlan) text += part.text
  return text
}
