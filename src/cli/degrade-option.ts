/** What a budget does before it refuses, as the words of an option: `80:cheaper_models=small+fast,90:lower_output_cap=512`. */
import { degradeActions, degradeFault } from '#core/domain/degrade-step.ts'
import type { DegradeStep } from '#core/domain/degrade-step.ts'
import type { BudgetScope } from '#core/domain/budget-scope.ts'
import type { BudgetWindow } from '#core/domain/budget-window.ts'

interface Degraded {
  readonly scope: BudgetScope
  readonly window: BudgetWindow
}

const stepForm = /^(\d{1,3}(?:\.\d{1,3})?):([a-z_]+)(?:=(.+))?$/
const outputTokensForm = /^\d{2,8}$/

/** The steps, or in words what is wrong with the text; `none` is none. */
export function degradeStepsIn(text: string, budget: Degraded): readonly DegradeStep[] | string {
  if (text === 'none') return []
  const steps: DegradeStep[] = []
  for (const word of text.split(',')) {
    const step = stepIn(word.trim())
    if (typeof step === 'string') return step
    const fault = degradeFault(step, budget)
    if (fault) return `in "${word}", ${fault.field} ${fault.reason}`
    steps.push(step)
  }
  return steps
}

function stepIn(word: string): DegradeStep | string {
  const [, percent, name, value] = stepForm.exec(word) ?? []
  const action = degradeActions.find((known) => known === name)
  if (percent === undefined || action === undefined || Number(percent) > 100)
    return `"${word}" is not PERCENT:ACTION with one of ${degradeActions.join(', ')}`
  const fromPercent = Number(percent)
  if (action === 'lower_output_cap') {
    const isCount = value !== undefined && outputTokensForm.test(value) && Number(value) >= 64
    if (!isCount) return `"${word}" needs the longest answer in tokens, from 64 on: ${percent}:${action}=512`
    return { fromPercent, action, models: [], outputTokens: Number(value) }
  }
  const models = value === undefined ? [] : value.split('+').filter((model) => model !== '')
  return { fromPercent, action, models, outputTokens: undefined }
}

/** The steps as the option takes them. */
export function degradeText(steps: readonly DegradeStep[]): string {
  return steps
    .map(({ fromPercent, action, models, outputTokens }) => {
      const value = outputTokens ?? models.join('+')
      return `${fromPercent}:${action}${value === '' ? '' : `=${value}`}`
    })
    .join(',')
}
