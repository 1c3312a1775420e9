/** The catalogue of errors: every code that a caller can see, each declared once in one of its two halves. */
import { requestProblems } from '#core/domain/request-problems.ts'
import { serviceProblems } from '#core/domain/service-problems.ts'

export const problemCatalogue = { ...requestProblems, ...serviceProblems } as const
