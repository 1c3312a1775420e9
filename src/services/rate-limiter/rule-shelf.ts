/** The port of the rule shelf: rules about requests and tokens that were set while the gateway runs, beside those of the configuration. */
import type { LimitRule } from '#core/domain/limit-rule.ts'
import type { Soon } from '#core/domain/soon.ts'

export interface StoredRule extends LimitRule {
  /** Unique; given when the rule is set. */
  readonly ruleId: string
  readonly setAtMs: number
  /** The id of the key that set it. */
  readonly setBy: string
}

/** Throws `store_unavailable` when the store cannot be reached. */
export interface RuleShelf {
  /** All rules, in the order of their ids. */
  list(): Soon<readonly StoredRule[]>
  /** Adds a rule, or replaces the one with the same id. */
  put(rule: StoredRule): Soon<void>
  /** Whether there was one. */
  remove(ruleId: string): Soon<boolean>
  /** A number that is another one after every change, whichever instance made it. */
  version(): Soon<number>
}

/** Whether two rules are for the same level, subject and window, so that one would hide the other. */
export const isSameSubject = (one: LimitRule, other: LimitRule): boolean =>
  one.level === other.level &&
  one.id === other.id &&
  one.tenantId === other.tenantId &&
  one.window === other.window
