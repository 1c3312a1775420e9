/** A recording: what a provider really answered, and the words that an adapter must make of it. */
import type { FinishReason } from '../../src/core/domain/answer.ts'
import type { Dialect } from '../../src/core/domain/chat.ts'
import type { JsonObject, JsonValue } from '../../src/core/domain/json.ts'
import type { ProblemCode } from '../../src/core/domain/problem.ts'

export interface Recording {
  readonly name: string
  readonly dialect: Dialect
  /** Who spoke the dialect: `groq` and `azure` speak `openai-chat`. */
  readonly provider: string
  readonly model: string
  readonly source: RecordingSource
  readonly features: readonly string[]
  /** Absent where only the reply was recorded. */
  readonly request?: RecordedRequest | undefined
  readonly reply: RecordedReply
  readonly expect: Expectation
}

export interface RecordingSource {
  readonly repository: string
  readonly commit: string
  readonly path: string
  readonly licence: string
}

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: JsonValue
}

export interface RecordedReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** A whole body as JSON; a string is a body that was no JSON. */
  readonly body?: JsonValue | undefined
  /** The text of a server-sent event stream. */
  readonly stream?: string | undefined
}

export interface Expectation {
  /** `stream_error`: status 200, then an error inside the stream. */
  readonly outcome: 'ok' | 'error' | 'stream_error'
  /** Another outcome that is as good. */
  readonly acceptAlso?: readonly string[] | undefined
  readonly id?: string | undefined
  readonly model?: string | undefined
  /** Visible text of the first choice. */
  readonly text?: string | undefined
  readonly toolPlan?: string | undefined
  readonly refusal?: string | undefined
  readonly reasoning?: ExpectedReasoning | undefined
  /** What a splitter of `<think>` tags makes of the text. */
  readonly thinkTags?: { readonly reasoning: string; readonly text: string } | undefined
  readonly toolCalls?: readonly ExpectedCall[] | undefined
  readonly serverTools?: readonly string[] | undefined
  /** Kinds of the items without a common form. */
  readonly otherItems?: readonly string[] | undefined
  readonly citations?: number | undefined
  readonly media?: readonly string[] | undefined
  readonly transcript?: string | undefined
  readonly logprobTokens?: number | undefined
  readonly finish?: ExpectedFinish | undefined
  /** Null when the provider reported none. */
  readonly usage?: ExpectedUsage | null | undefined
  /** Every choice, when there were several. */
  readonly choices?: readonly { readonly index: number; readonly text: string }[] | undefined
  readonly problem?: { readonly code?: ProblemCode; readonly retryAfterMs?: number } | undefined
}

export interface ExpectedReasoning {
  readonly text: string
  readonly blocks: number
  readonly signatures: number
  readonly encrypted: number
  readonly redacted: number
}

export interface ExpectedCall {
  /** Null where the provider sent none: the adapter must have minted one. */
  readonly id: string | null
  readonly name: string
  /** `item`: a call in a form of its own (a shell), which may be kept whole as an item instead. */
  readonly kind: 'function' | 'custom' | 'item'
  /** The arguments as a value; absent when `argumentsText` is no JSON. */
  readonly arguments?: JsonValue | undefined
  readonly argumentsText?: string | undefined
}

export interface ExpectedFinish {
  readonly raw: string | null
  readonly unified: FinishReason | null
  readonly stopSequence?: string | undefined
  /** A word that must occur in the finish's detail. */
  readonly detailHas?: string | undefined
}

/** Counts; 0 stands for "none or not reported". */
export interface ExpectedUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly reasoningTokens: number
  readonly inputImageTokens?: number | undefined
  readonly inputAudioTokens?: number | undefined
  readonly outputImageTokens?: number | undefined
  readonly billed?: { readonly inputTokens: number; readonly outputTokens: number } | undefined
  readonly serverToolUses?: Readonly<Record<string, number>> | undefined
}

const encoder = new TextEncoder()

/** The bytes that came over the wire, as far as the recording kept them. */
export function replyBytes(reply: RecordedReply): Uint8Array {
  if (reply.stream !== undefined) return encoder.encode(reply.stream)
  if (typeof reply.body === 'string') return encoder.encode(reply.body)
  return encoder.encode(reply.body === undefined ? '' : JSON.stringify(reply.body))
}

/** Whether a value is an object as JSON knows it; for reading recordings. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}
