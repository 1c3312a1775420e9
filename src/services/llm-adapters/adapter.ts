/** The port of an adapter: how one dialect is spoken. Pure, so that tests need no network. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { ChatQuestion, Dialect } from '#core/domain/chat.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { ToolWords } from '#services/llm-adapters/fitting/tool-words.ts'

export interface LlmAdapter {
  readonly dialect: Dialect
  /**
   * The call that asks this question. A question that arrived in this same dialect is sent on as it came, with
   * only the model name, the output cap and the wish for usage changed.
   * Throws `unsupported_feature` for what the dialect cannot say and its provider does not ignore by documentation.
   */
  encode(question: ChatQuestion, target: Target, terms: CallTerms): HttpCall
  /** A whole reply with a success status. Throws `provider_malformed` when it is not an answer. */
  decode(reply: WholeReply, context: DecodeContext): ChatAnswer
  openStream(context: DecodeContext): StreamDecoder
  /** What a refusal means: whose fault it is, whether asking again can help, what to tell the caller. Never throws. */
  explain(reply: WholeReply, target: Target): Problem
}

export interface CallTerms {
  /** The output cap that the money held pays for; always sent upstream. */
  readonly maxOutputTokens: number
  /** The caller's id for this request, for providers that accept one. */
  readonly requestId: string
}

/** A call without its key: the transport adds that, and only towards the provider's own origin. */
export interface HttpCall {
  /** Appended to the provider's base URL: `/chat/completions`, with its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  readonly isStreamed: boolean
  /** Fields that the provider documents as ignored and that were therefore left out. */
  readonly dropped: readonly string[]
  /** How the answer's tool calls are to be read, when tools were sent under other names or in another form. */
  readonly toolWords?: ToolWords | undefined
}

/** Header names are lower case. */
export interface WholeReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface DecodeContext {
  readonly target: Target
  /** Whether the caller speaks this dialect, so that bytes may pass through as they are. */
  readonly isNative: boolean
  /** Whether the caller asked to see usage in the stream, where the dialect makes that a choice. */
  readonly isUsageWanted: boolean
  /** Of the call that was sent. */
  readonly toolWords?: ToolWords | undefined
  /** Makes ids for calls that came without one. */
  mintId(): string
}

/**
 * A stream being read: bytes in, events out, at any chunk boundary.
 * Once `problem` is set (an error inside the stream, malformed frames), nothing more is read.
 */
export interface StreamDecoder {
  push(chunk: Uint8Array): readonly ChatEvent[]
  /** The body has ended. Sets `problem` to `stream_cut` when the dialect's ending was never seen. */
  end(): readonly ChatEvent[]
  readonly problem: Problem | undefined
  /** The dialect's ending was seen; bytes after it are ignored. */
  readonly isComplete: boolean
}
