/** The workload: what a request asks for, in the measures that limits, routing and budgets go by. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { Errand } from '#core/domain/errand.ts'
import { errandNeeds, estimateErrand } from '#core/domain/errand-measures.ts'
import { estimateInput } from '#core/domain/estimate.ts'
import type { TokenEstimate } from '#core/domain/estimate.ts'
import type { Ability } from '#core/domain/model-card.ts'
import { abilitiesNeeded } from '#core/domain/needs.ts'
import { askedServiceTier } from '#core/domain/service-tier.ts'

export interface Workload {
  readonly estimate: TokenEstimate
  /** The longest piece that a model must read at once, which its window must hold. */
  readonly longestTokens: number
  readonly needs: ReadonlySet<Ability>
  readonly isStreamed: boolean
  /** The output limit that the caller stated: undefined when none, 0 where nothing is written. */
  readonly outputTokensMax: number | undefined
  readonly answerCount: number
  /** The most search units that a ranking may be billed as. */
  readonly searchUnitsBound: number
  /** The service tier that is asked for, in the provider's word. */
  readonly serviceTier: string | undefined
  /** Nobody charges for this, whoever is asked, and it uses up no tokens. */
  readonly isFree: boolean
}

export function workloadOfQuestion(question: ChatQuestion): Workload {
  const estimate = estimateInput(question)
  return {
    estimate,
    longestTokens: estimate.likely,
    needs: abilitiesNeeded(question),
    isStreamed: question.isStreamed,
    outputTokensMax: question.maxOutputTokens,
    answerCount: question.answerCount ?? 1,
    searchUnitsBound: 0,
    serviceTier: askedServiceTier(question),
    isFree: false,
  }
}

export function workloadOfErrand(errand: Errand): Workload {
  const { estimate, longestTokens, searchUnitsBound } = estimateErrand(errand)
  return {
    estimate,
    longestTokens,
    needs: errandNeeds(errand),
    isStreamed: false,
    outputTokensMax: 0,
    answerCount: 1,
    searchUnitsBound,
    serviceTier: undefined,
    isFree: errand.kind === 'count-tokens',
  }
}
