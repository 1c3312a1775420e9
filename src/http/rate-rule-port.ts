/** What the door needs to let the operator see and set rate limits. */
import type { Caller } from '#core/domain/caller.ts'
import type { LimitRule } from '#core/domain/limit-rule.ts'
import type { Soon } from '#core/domain/soon.ts'

/** Each function throws `not_permitted` for anybody but the operator. */
export interface RateRuleAdminPort {
  /** The rules of the configuration first. */
  list(actor: Caller): Soon<readonly RateRuleLine[]>
  /** Sets a new rule, or with an id another one in its place; undefined when there is none of this id. Throws `already_exists`. */
  set(actor: Caller, rule: LimitRule, ruleId: string | undefined): Soon<RateRuleLine | undefined>
  /** Whether there was one. */
  remove(actor: Caller, ruleId: string): Soon<boolean>
}

export interface RateRuleLine extends LimitRule {
  /** Undefined for a rule of the configuration. */
  readonly ruleId: string | undefined
  readonly setAtMs: number | undefined
}
