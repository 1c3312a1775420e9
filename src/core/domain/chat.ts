/** A question: everything that a caller can ask of a model, in one form that every dialect translates to. */
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

/** The wire protocols that Signalbox speaks. A provider is a row of data that names one of them. */
export type Dialect =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini-generate'
  | 'cohere-chat'

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool'

/** One turn. Tool results are `tool_result` parts in a message of role `tool`. Order of parts is meaning. */
export interface ChatMessage {
  readonly role: Role
  readonly parts: readonly Part[]
  /** The speaker's name, where the dialect has one. */
  readonly name?: string | undefined
}

export type Part =
  | TextPart
  | MediaPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | RefusalPart
  | ServerToolPart
  | OpaquePart

/** What every part may bring along. */
interface PartBase {
  /** Opaque tokens that must return to their origin on this same part (signatures, encrypted reasoning). */
  readonly carry?: readonly Carry[] | undefined
  /** The caller asks that the prompt be cached up to here; `ttl` as the dialect writes it ("5m", "1h"). */
  readonly cacheHint?: { readonly ttl?: string | undefined } | undefined
}

export interface TextPart extends PartBase {
  readonly type: 'text'
  readonly text: string
  readonly citations?: readonly Citation[] | undefined
  /** Cohere's plan before tool calls: shown text that is not the answer. */
  readonly isToolPlan?: boolean | undefined
}

export interface MediaPart extends PartBase {
  readonly type: 'image' | 'document' | 'audio' | 'video'
  readonly source: MediaSource
  /** IANA media type, lower case: `image/png`. Undefined for a URL or file whose type nobody stated. */
  readonly mediaType?: string | undefined
  readonly filename?: string | undefined
  /** How closely to look at an image, in the caller's word (auto, low, high, original). */
  readonly detail?: string | undefined
  /** What a produced audio part says. */
  readonly transcript?: string | undefined
  /** Id under which the provider keeps a produced audio part. */
  readonly id?: string | undefined
}

export type MediaSource =
  | { readonly kind: 'inline'; readonly base64: string }
  | { readonly kind: 'url'; readonly url: string }
  /** A file that one provider keeps; useless anywhere else. */
  | { readonly kind: 'file'; readonly fileId: string; readonly origin: Dialect }
  /** A document given as plain text. */
  | { readonly kind: 'text'; readonly text: string }

/** Thinking that the model showed. Text may be empty while `carry` holds what must be replayed. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning'
  readonly text: string
}

/** A tool call that the caller must run. */
export interface ToolCallPart extends PartBase {
  readonly type: 'tool_call'
  /** Unique within the conversation; minted by the gateway when the provider sends none. */
  readonly id: string
  readonly name: string
  /** `function`: arguments are JSON text. `custom`: free text in a form that the tool declared. */
  readonly kind: 'function' | 'custom'
  /** The arguments exactly as written by the model; for a function without arguments `{}`. */
  readonly argumentsText: string
}

export interface ToolResultPart extends PartBase {
  readonly type: 'tool_result'
  readonly callId: string
  /** The tool's name, which Gemini needs; found from the call when the caller left it out. */
  readonly name?: string | undefined
  readonly parts: readonly Part[]
  readonly isError: boolean
}

export interface RefusalPart extends PartBase {
  readonly type: 'refusal'
  readonly text: string
}

/** A tool call or result that the provider ran itself, kept whole for its own dialect. */
export interface ServerToolPart extends PartBase {
  readonly type: 'server_tool'
  readonly phase: 'call' | 'result'
  readonly name: string
  readonly origin: Dialect
  readonly value: JsonObject
}

/** Anything without a common form: replayed to its own dialect, never shown as text. */
export interface OpaquePart extends PartBase {
  readonly type: 'opaque'
  readonly kind: string
  readonly origin: Dialect
  readonly value: JsonValue
}

/** An opaque token bound to its origin: returned there byte for byte and in place, dropped everywhere else. */
export interface Carry {
  readonly origin: Dialect
  readonly kind: 'signature' | 'encrypted' | 'redacted' | 'thought_signature' | 'reasoning_content' | 'item'
  readonly value: string
  /** The id under which the origin knows the item (Responses `rs_...`). */
  readonly itemId?: string | undefined
  /** Fields of the same item that the origin wants back beside the token, unchanged. */
  readonly extras?: JsonObject | undefined
}

export interface Citation {
  readonly text?: string | undefined
  readonly url?: string | undefined
  readonly title?: string | undefined
  /** Character positions in the text part, where the provider gives them. */
  readonly start?: number | undefined
  readonly end?: number | undefined
  readonly origin: Dialect
  readonly value: JsonValue
}

/** A tool that the model may use. */
export type Tool =
  | {
      readonly kind: 'function'
      readonly name: string
      readonly description?: string | undefined
      /** JSON Schema of the arguments; undefined when the tool takes none. */
      readonly parameters?: JsonObject | undefined
      readonly isStrict?: boolean | undefined
      readonly cacheHint?: { readonly ttl?: string | undefined } | undefined
      /** Fields of this tool that only its own dialect knows. */
      readonly extras?: JsonObject | undefined
    }
  | {
      readonly kind: 'custom'
      readonly name: string
      readonly description?: string | undefined
      readonly format?: JsonObject | undefined
    }
  /** A tool that a provider runs itself, kept whole. */
  | { readonly kind: 'server'; readonly name: string; readonly origin: Dialect; readonly value: JsonObject }

export type ToolChoice =
  | { readonly mode: 'auto' | 'none' | 'required' }
  | { readonly mode: 'named'; readonly name: string }
  /** Only these tools; one of them must be used when `isRequired`. */
  | { readonly mode: 'allowed'; readonly names: readonly string[]; readonly isRequired: boolean }

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json_schema'
      readonly name: string
      readonly schema: JsonObject
      readonly isStrict?: boolean | undefined
      readonly description?: string | undefined
    }

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface ReasoningWish {
  readonly effort?: ReasoningEffort | undefined
  /** Most tokens to think with; -1 lets the model decide (Gemini). */
  readonly budgetTokens?: number | undefined
  /** Whether the caller wants to see the thinking. */
  readonly isShown?: boolean | undefined
}

/** Everything asked of a model in one request. Fields left out were not stated by the caller. */
export interface ChatQuestion {
  readonly messages: readonly ChatMessage[]
  readonly isStreamed: boolean
  readonly tools?: readonly Tool[] | undefined
  readonly toolChoice?: ToolChoice | undefined
  readonly isParallelToolUseAllowed?: boolean | undefined
  readonly responseFormat?: ResponseFormat | undefined
  readonly reasoning?: ReasoningWish | undefined
  readonly maxOutputTokens?: number | undefined
  readonly stopSequences?: readonly string[] | undefined
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly seed?: number | undefined
  readonly frequencyPenalty?: number | undefined
  readonly presencePenalty?: number | undefined
  /** How many answers to give (`n`, `candidateCount`). */
  readonly answerCount?: number | undefined
  readonly logprobs?: { readonly top?: number | undefined } | undefined
  readonly outputModalities?: readonly string[] | undefined
  /** An opaque name of the end user, passed on for the provider's abuse checks. */
  readonly endUser?: string | undefined
  /** Members of the request that mean something to its own dialect alone: any other target does not hear of them. */
  readonly unsaid?: readonly string[] | undefined
  /** The request as it arrived, for a target that speaks the same dialect. */
  readonly native?: NativeRequest | undefined
}

/** A request in its own dialect: unknown and brand-new fields reach a target of that dialect untouched. */
export interface NativeRequest {
  readonly dialect: Dialect
  readonly body: JsonObject
  /** The body's exact text; what must change is spliced into it (see native-body.ts). */
  readonly text: string
  /** Where each top-level member's value stands in `text`. */
  readonly members: ReadonlyMap<string, TextSpan>
  /** Whether the caller asked for usage in the stream (`stream_options.include_usage`). */
  readonly isUsageWanted?: boolean | undefined
  /** The dialect's own request headers, lower case, that its door lets through (`anthropic-version`, `anthropic-beta`). */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A half-open range of UTF-16 positions: from `start` up to, not including, `end`. */
export interface TextSpan {
  readonly start: number
  readonly end: number
}
