/** What a budget does before it refuses: from a share of its limit on, requests are made cheaper or slower. */
import { isRolling } from '#core/domain/budget-window.ts'
import type { BudgetScope } from '#core/domain/budget-scope.ts'
import type { CountedWindow } from '#core/domain/budget-window.ts'

export const degradeActions = ['cheaper_models', 'lower_output_cap', 'pace'] as const
type DegradeAction = (typeof degradeActions)[number]

export interface DegradeStep {
  /** Of the limit, spent and held together; 0 is always. */
  readonly fromPercent: number
  readonly action: DegradeAction
  /** `cheaper_models`: names that may answer in place of the model that was asked for, where they are cheaper and can. */
  readonly models: readonly string[]
  /** `lower_output_cap`: the longest answer from then on. */
  readonly outputTokens: number | undefined
}

interface Degraded {
  readonly scope: BudgetScope
  readonly window: CountedWindow
}

/** What is wrong with a step for a budget: the field of the step, and what it must be. */
export function degradeFault(
  { action, models, outputTokens }: DegradeStep,
  { scope, window }: Degraded,
): { readonly field: 'action' | 'models' | 'output_tokens'; readonly reason: string } | undefined {
  // What a target has spent is known only after a target was chosen.
  if (scope === 'model' || scope === 'provider') {
    return {
      field: 'action',
      reason: `cannot be taken for the scope ${scope}: steps are taken before a target is chosen, so nobody knows yet which ${scope} will answer; put them on the tenant, team, user or key, or on everyone`,
    }
  }
  if (action === 'pace' && (window === 'total' || window === 'prepaid' || isRolling(window))) {
    return {
      field: 'action',
      reason: `cannot be pace for the window ${window}, which has no end to pace towards`,
    }
  }
  if (action !== 'cheaper_models' && models.length > 0) {
    return { field: 'models', reason: `has no meaning for ${action}` }
  }
  if (action === 'lower_output_cap' && outputTokens === undefined) {
    return { field: 'output_tokens', reason: 'is missing: how long may an answer be then?' }
  }
  if (action !== 'lower_output_cap' && outputTokens !== undefined) {
    return { field: 'output_tokens', reason: `has no meaning for ${action}` }
  }
  return undefined
}
