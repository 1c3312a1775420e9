/** Hints between instances: what one found out about a track, so that the others need not find it out one failure at a time. */
import type { Soon } from '#core/domain/soon.ts'

export interface Hint {
  /** `open`: a breaker opened. `rest`: a key cools down for one model. `key-rest`: it does for every model. */
  readonly kind: 'open' | 'rest' | 'key-rest'
  /** `provider/model`; of a `key-rest` the provider alone. */
  readonly of: string
  /** The track's name: `@region#credential`, or nothing. */
  readonly track: string
  /** For how much longer it holds. */
  readonly forMs: number
}

export interface HeardHint extends Hint {
  /** When it ends, by the board's own clock: the same hint heard again has the same. */
  readonly untilMs: number
}

/** Where instances that work together pin what they found. Nothing depends on it: lost hints cost a few failures. */
export interface HintBoard {
  pin(hint: Hint): Soon<void>
  /** Everything that holds at this moment. */
  read(): Soon<readonly HeardHint[]>
}

/** The board of an instance that is alone. */
export const noHintBoard: HintBoard = { pin: () => undefined, read: () => [] }
