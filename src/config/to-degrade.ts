/** The steps that a limit states for before it refuses, in the words of budgets. */
import type { AdminConfig } from '#config/schema.ts'
import type { DegradeStep } from '#core/domain/degrade-step.ts'

type StatedStep = AdminConfig['budget']['limits'][number]['degrade'][number]

export const toDegradeStep = ({ from_percent, action, models, output_tokens }: StatedStep): DegradeStep => ({
  fromPercent: from_percent,
  action,
  models,
  outputTokens: output_tokens,
})
