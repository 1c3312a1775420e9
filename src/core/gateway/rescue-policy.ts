/** What becomes of a stream that breaks off after its first words: by the request's wish, its route, or the settings. */

/**
 * `hold`: the first words are given out late, so that a break in them is not seen. `continue`: another attempt goes on
 * where the answer broke off. `error`: the caller is told.
 */
export type RescuePolicy = 'hold' | 'continue' | 'error'

export interface RescueSettings {
  readonly policy: RescuePolicy
  /** Of routes that have a policy of their own. */
  readonly policyOfRoute: ReadonlyMap<string, RescuePolicy>
  /** How many attempts at going on one stream gets. */
  readonly attemptsMax: number
  /** Who goes on: the other targets and then the one that failed, the other way round, or the others alone. */
  readonly order: 'others-first' | 'same-first' | 'others-only'
  /** The longest repetition that is looked for where an answer goes on. */
  readonly overlapCharactersMax: number
  /** Of a longer answer, what was said is not kept, and nobody goes on with it. */
  readonly keptCharactersMax: number
  /** Under `hold`, words are given out after this many tokens ... */
  readonly holdTokens: number
  /** ... or this long after the first of them. */
  readonly holdMs: number
}

export function rescuePolicyOf(
  settings: RescueSettings,
  route: string,
  wish: RescuePolicy | undefined,
): RescuePolicy {
  return wish ?? settings.policyOfRoute.get(route) ?? settings.policy
}
