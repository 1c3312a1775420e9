/** The words of alerts: what is told about a budget, or said to try whether a destination hears. */
import type { BudgetStanding } from '#core/domain/budget-standing.ts'

/** What is told about one budget at most once in a window: that a share of it is spent, or that it will not last. */
export type Mark = { readonly kind: 'threshold'; readonly threshold: number } | { readonly kind: 'forecast' }

export interface BudgetAlert {
  readonly kind: 'budget'
  /** The same at every attempt to deliver it. */
  readonly id: string
  readonly mark: Mark
  readonly standing: BudgetStanding
  /** When the budget will be used up at the present run rate, if that is before its next window. */
  readonly usedUpAtMs: number | undefined
  readonly atMs: number
}

export interface TestAlert {
  readonly kind: 'test'
  readonly id: string
  readonly atMs: number
}

export type Alert = BudgetAlert | TestAlert

/** How a mark is written in the book of alerts: `0.5`, `forecast`. */
export const markName = (mark: Mark): string => (mark.kind === 'forecast' ? 'forecast' : `${mark.threshold}`)
