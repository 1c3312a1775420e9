/** What an application hears when it asks through a door with that API's own client: the same words for every API. */
import type { FinishReason } from '../../src/core/domain/answer.ts'
import type { Dialect } from '../../src/core/domain/chat.ts'
import type { JsonValue } from '../../src/core/domain/json.ts'

/** Asks a plain question through one door with the API's official client. */
export interface DoorReader {
  readonly dialect: Dialect
  /** Never rejects for what the gateway answers: a failure is heard too. `address` is `http://127.0.0.1:<port>`. */
  ask(address: string, wish: { readonly model: string; readonly isStreamed: boolean }): Promise<Heard>
}

export type Heard = HeardAnswer | HeardFailure

export interface HeardAnswer {
  readonly kind: 'answer'
  /** Visible text of the first answer, joined; thinking and refusals are not in it. */
  readonly text: string
  readonly refusal: string
  readonly reasoning: string
  /** Opaque tokens of thinking (signatures, encrypted or redacted thoughts), wherever this API carries them. */
  readonly carried: readonly string[]
  /** The calls that the application must run, arguments parsed (or the text of a custom tool). */
  readonly calls: ReadonlyArray<{ readonly id: string; readonly name: string; readonly input: JsonValue }>
  /** The API's own word read back into the common one, as an application of that API would understand it. */
  readonly finish: FinishReason
  /** Inclusive totals; undefined where this API has no place for the number. */
  readonly usage: {
    readonly inputTokens: number | undefined
    readonly outputTokens: number | undefined
    readonly cachedInputTokens: number | undefined
    readonly reasoningTokens: number | undefined
  }
}

export interface HeardFailure {
  readonly kind: 'failure'
  /** The HTTP status; undefined when the answer had begun. */
  readonly status: number | undefined
  /** The API's own word for the kind of error. */
  readonly word: string
  readonly message: string
  /** What had been heard before the break. */
  readonly textBefore: string
}
