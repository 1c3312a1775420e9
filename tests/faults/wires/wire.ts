/** How a provider of one dialect speaks, rightly and wrongly: the material that faults are made of. */
import type { Dialect } from '#core/domain/chat.ts'
import { asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'

/** Who speaks: the model's name and the words of its answer, in the pieces of its stream. */
export interface Speech {
  readonly model: string
  readonly words: readonly string[]
}

/** What kind of refusal an error body tells; each dialect has its own word for it. */
export type RefusalKind =
  | 'invalid'
  | 'auth'
  | 'permission'
  | 'quota'
  | 'missing'
  | 'limited'
  | 'overloaded'
  | 'timeout'
  | 'internal'

/** A stream in its parts, each part the text of whole events. */
export interface SpokenStream {
  /** Before the first word. */
  readonly opening: readonly string[]
  /** One for each piece of the words. */
  readonly deltas: readonly string[]
  /** What says that the answer is complete, without the terminator. */
  readonly ending: readonly string[]
  /** The event after which nothing comes; undefined where the end of the body is the end. */
  readonly terminator: string | undefined
}

export interface Wire {
  readonly dialect: Dialect
  readonly whole: (speech: Speech, usage?: WireUsage) => JsonObject
  readonly stream: (speech: Speech, usage?: WireUsage) => SpokenStream
  readonly refusal: (kind: RefusalKind, message: string) => JsonObject
  /** An error told inside a stream. */
  readonly streamedError: (kind: RefusalKind, message: string) => string
  /** A whole reply that has the form of an answer and holds none. */
  readonly empty: (speech: Speech) => JsonObject
  /** A second answer of one word beside the first, which nobody asked for; undefined where there is no such thing. */
  readonly besideWord?: (speech: Speech, word: string) => string
  /** An event of a kind that nobody knows yet. */
  readonly unknownEvent: string
  /** An event that is alive and says nothing: no word of an answer. */
  readonly wordlessEvent: (speech: Speech) => string
}

/** What the provider says that it counted; `undefined` says nothing at all. */
export interface WireUsage {
  readonly input: number | undefined
  readonly output: number | undefined
}

export const soberUsage: WireUsage = { input: 11, output: 9 }

export const dataFrame = (data: JsonObject): string => `data: ${JSON.stringify(data)}\n\n`

export const namedFrame = (data: JsonObject): string =>
  `event: ${asString(data['type']) ?? ''}\ndata: ${JSON.stringify(data)}\n\n`

/** The members that are counts, without those that are not said. */
export function stated(counts: Readonly<Record<string, number | undefined>>): JsonObject {
  const object: Record<string, number> = {}
  for (const [name, count] of Object.entries(counts)) if (count !== undefined) object[name] = count
  return object
}

/** A whole reply or event without its counts when nothing was counted. */
export const isCounted = ({ input, output }: WireUsage): boolean =>
  input !== undefined || output !== undefined
