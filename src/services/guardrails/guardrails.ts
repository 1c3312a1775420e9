/** Guardrails: what a question must be before anybody is asked; one entry in the list for each check. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import { refuseEmptyQuestion } from '#services/guardrails/empty-question.ts'
import { refuseStrayToolResults } from '#services/guardrails/stray-tool-results.ts'

/** A check throws a Problem, or lets the question pass. */
export type Check = (question: ChatQuestion) => void

const checks: readonly Check[] = [refuseEmptyQuestion, refuseStrayToolResults]

export interface Guardrails {
  /** Throws the Problem of the first check that the question fails. */
  inspect(question: ChatQuestion): void
}

export function createGuardrails(): Guardrails {
  return {
    inspect(question) {
      for (const check of checks) check(question)
    },
  }
}
