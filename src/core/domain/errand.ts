/** An errand: work for a model that is no conversation. Vectors of texts, rankings of documents, counts of tokens, verdicts. */
import type { NativeAnswer } from '#core/domain/answer.ts'
import type { ChatQuestion, NativeRequest, Part } from '#core/domain/chat.ts'
import type { Usage } from '#core/domain/usage.ts'

export type Errand = EmbedErrand | RerankErrand | CountErrand | ModerateErrand
export type ErrandKind = Errand['kind']
export type ErrandOf<Kind extends ErrandKind> = Extract<Errand, { readonly kind: Kind }>

/** One thing to be embedded or judged: a text, the tokens of one, or text and media that are taken together. */
export type ErrandInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tokens'; readonly tokens: readonly number[] }
  | { readonly kind: 'mixed'; readonly parts: readonly Part[] }

export interface EmbedErrand {
  readonly kind: 'embed'
  readonly inputs: readonly ErrandInput[]
  /** What the vectors are for; models that tell purposes apart give other vectors for each. */
  readonly purpose?: EmbedPurpose | undefined
  /** How many numbers each vector shall have; undefined is what the model usually gives. */
  readonly dimensions?: number | undefined
  /** In which forms the vectors are wanted. */
  readonly forms: readonly VectorForm[]
  /** What happens to inputs that are too long; undefined leaves it to the model. */
  readonly truncate?: 'none' | 'start' | 'end' | undefined
  /** The title of the document that is embedded. */
  readonly title?: string | undefined
  readonly endUser?: string | undefined
  /** A member of the request without which the vectors would be others, and which only its own dialect can say. */
  readonly ownWish?: string | undefined
  /** Members that mean something to the request's own dialect alone and change nothing in the vectors. */
  readonly unsaid?: readonly string[] | undefined
  /** The request as it arrived, for a target that speaks the same dialect. */
  readonly native?: NativeRequest | undefined
}

export type EmbedPurpose =
  | 'search_query'
  | 'search_document'
  | 'similarity'
  | 'classification'
  | 'clustering'
  | 'question_answering'
  | 'fact_verification'
  | 'code_query'
  | 'image'

/** `base64` is the float vector as little-endian 32-bit floats; the others are made by the model's provider alone. */
export type VectorForm = 'float' | 'base64' | QuantisedForm
export type QuantisedForm = 'int8' | 'uint8' | 'binary' | 'ubinary'

export interface RerankErrand {
  readonly kind: 'rerank'
  readonly query: string
  readonly documents: readonly string[]
  /** How many of the best are wanted; undefined is all. */
  readonly topCount?: number | undefined
  /** Documents are cut to this many tokens. */
  readonly tokensPerDocumentMax?: number | undefined
  /** Members that mean something to the request's own dialect alone. */
  readonly unsaid?: readonly string[] | undefined
  readonly native?: NativeRequest | undefined
}

/** How many tokens a question would count as, were it asked. */
export interface CountErrand {
  readonly kind: 'count-tokens'
  readonly question: ChatQuestion
}

export interface ModerateErrand {
  readonly kind: 'moderate'
  readonly inputs: readonly ErrandInput[]
  readonly native?: NativeRequest | undefined
}

interface Answers {
  readonly embed: EmbedAnswer
  readonly rerank: RerankAnswer
  readonly 'count-tokens': CountAnswer
  readonly moderate: ModerateAnswer
}
export type ErrandAnswer<Kind extends ErrandKind = ErrandKind> = Answers[Kind]

export interface EmbedAnswer {
  /** The provider's id of the answer; empty when it sent none. */
  readonly id: string
  /** The model that answered, in the provider's word; empty when it did not say. */
  readonly model: string
  /** One for each input, in their order; empty when `float` and `base64` were not asked for, or nobody read them. */
  readonly vectors: readonly Vector[]
  /** The other forms that were asked for, one vector for each input. */
  readonly quantised?: Readonly<Partial<Record<QuantisedForm, readonly Vector[]>>> | undefined
  readonly usage: Usage
  /** The reply as it arrived, for a caller that speaks the same dialect. */
  readonly native?: NativeAnswer | undefined
}

export type Vector = readonly number[]

export interface RerankAnswer {
  readonly id: string
  /** Best first. */
  readonly results: ReadonlyArray<{ readonly index: number; readonly score: number }>
  readonly usage: Usage
  readonly native?: NativeAnswer | undefined
}

export interface CountAnswer {
  readonly inputTokens: number
  /** Estimated here, because the target counts for nobody. */
  readonly isEstimated: boolean
  readonly usage: Usage
  readonly native?: NativeAnswer | undefined
}

export interface ModerateAnswer {
  readonly id: string
  readonly model: string
  /** One for each input, in their order. */
  readonly results: readonly ModerateVerdict[]
  readonly usage: Usage
  readonly native?: NativeAnswer | undefined
}

/** A verdict in the provider's own categories. */
export interface ModerateVerdict {
  readonly isFlagged: boolean
  readonly categories: Readonly<Record<string, boolean>>
  /** From 0 to 1. */
  readonly scores: Readonly<Record<string, number>>
  /** Which kinds of input each category was judged by, where the provider says. */
  readonly inputTypes?: Readonly<Record<string, readonly string[]>> | undefined
}
