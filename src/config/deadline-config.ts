/** The deadlines that some models or routes have in place of the usual ones. */
import type { z } from 'zod'
import type { AdminConfig } from '#config/schema.ts'
import type { deadlineSettings } from '#config/schema/deadlines.ts'
import type { DeadlineChanges, OwnDeadlines } from '#core/domain/deadlines.ts'

/** Undefined when nobody has any. */
export function toOwnDeadlines({ resilience, routing }: AdminConfig): OwnDeadlines | undefined {
  const ofModels = Object.entries(resilience.deadlines).map(([name, own]) => [name, changesOf(own)] as const)
  const ofRoutes = Object.entries(routing.routes).flatMap(([name, { deadlines }]) =>
    deadlines ? [[name, changesOf(deadlines)] as const] : [],
  )
  if (ofModels.length + ofRoutes.length === 0) return undefined
  return { ofModels: new Map(ofModels), ofRoutes: new Map(ofRoutes) }
}

const changesOf = (own: z.output<typeof deadlineSettings>): DeadlineChanges => ({
  headersMs: own.headers_ms,
  firstTokenMs: own.first_token_ms,
  idleMs: own.idle_ms,
  totalMs: own.total_ms,
})
