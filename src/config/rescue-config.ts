/** What becomes of streams that break off, as the settings say it. */
import type { AdminConfig } from '#config/schema.ts'

export type RescuePolicyConfig = 'hold' | 'continue' | 'error'

export interface RescueConfig {
  readonly policy: RescuePolicyConfig
  /** Of routes that have a policy of their own. */
  readonly policyOfRoute: ReadonlyMap<string, RescuePolicyConfig>
  /** How many attempts at going on one stream gets. */
  readonly attemptsMax: number
  readonly order: 'others-first' | 'same-first' | 'others-only'
  readonly overlapCharactersMax: number
  readonly keptCharactersMax: number
  readonly holdTokens: number
  readonly holdMs: number
}

const orders = {
  others_first: 'others-first',
  same_first: 'same-first',
  others_only: 'others-only',
} as const

export function toRescue({ rescue, routing }: AdminConfig): RescueConfig {
  const policies = Object.entries(routing.routes).flatMap(([name, route]) =>
    route.rescue === undefined ? [] : [[name, route.rescue] as const],
  )
  return {
    policy: rescue.policy,
    policyOfRoute: new Map(policies),
    attemptsMax: rescue.attempts_max,
    order: orders[rescue.order],
    overlapCharactersMax: rescue.overlap_characters_max,
    keptCharactersMax: rescue.kept_characters_max,
    holdTokens: rescue.hold_tokens,
    holdMs: rescue.hold_ms,
  }
}
