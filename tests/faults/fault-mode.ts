/** A way in which a provider fails: when it strikes, what is done on the wire, and what must become of it. */
import type { Dialect } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import type { PlaceName } from '#tests/faults/failing-places.ts'
import type { WireStep } from '#tests/faults/wire-step.ts'
import type { SpokenStream, Speech, Wire } from '#tests/faults/wires/wire.ts'

export type FaultPhase =
  | 'connecting'
  | 'request'
  | 'status'
  | 'head'
  | 'body'
  | 'before the first word'
  | 'in mid-answer'
  | 'at the end'
  | 'harmless'

export type ReplyKind = 'whole' | 'stream'

/**
 * What must become of a request.
 * - `passes`: the caller has the target's whole answer.
 * - `spared`: the same, by another key or region after a failed attempt.
 * - `fails`: nothing was shown. With a fallback the caller has its whole answer; without one a clean refusal.
 * - `refused`: a clean refusal in any case: the request itself was wrong, and no other target would take it.
 * - `breaks`: a part was shown. It is never ended as if it were whole.
 */
export type Outcome = 'passes' | 'spared' | 'fails' | 'refused' | 'breaks'

export interface Expectation {
  readonly outcome: Outcome
  /** What the failed attempt is called in its usage row; several where the dialects have different words. */
  readonly codes: readonly ProblemCode[]
}

export const passes: Expectation = { outcome: 'passes', codes: [] }
export const spared = (...codes: readonly ProblemCode[]): Expectation => ({ outcome: 'spared', codes })
export const fails = (...codes: readonly ProblemCode[]): Expectation => ({ outcome: 'fails', codes })
export const refused = (...codes: readonly ProblemCode[]): Expectation => ({ outcome: 'refused', codes })
export const breaks = (...codes: readonly ProblemCode[]): Expectation => ({ outcome: 'breaks', codes })

/** What a fault is made of. */
export interface Material {
  readonly wire: Wire
  readonly speech: Speech
  readonly kind: ReplyKind
  readonly whole: JsonObject
  readonly stream: SpokenStream
}

export interface FaultMode {
  readonly name: string
  readonly phase: FaultPhase
  /** Both, unless said otherwise. */
  readonly kinds?: readonly ReplyKind[]
  /** All, unless the fault is one of a grammar that not every dialect has. */
  readonly dialects?: readonly Dialect[]
  /** Where the provider's address leads, when the connection itself is at fault. */
  readonly place?: PlaceName
  /** The place has two keys, and only the one that is asked first is struck. */
  readonly strikesFirstKeyAlone?: boolean
  readonly wire: (material: Material) => readonly WireStep[]
  readonly expect: Expectation | ((material: Pick<Material, 'kind' | 'wire'>) => Expectation)
  /** Why this is right, where it is not plain. */
  readonly because?: string
  /** The double itself leaves its API's grammar, so that bytes which are handed on as they came leave it too. */
  readonly isOddGrammar?: boolean
  /** Takes tens of megabytes, or much of the processor: few of these at once. */
  readonly isHeavy?: boolean
}

export const expectationOf = (
  { expect }: FaultMode,
  material: Pick<Material, 'kind' | 'wire'>,
): Expectation => (typeof expect === 'function' ? expect(material) : expect)
