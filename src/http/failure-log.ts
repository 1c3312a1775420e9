/** What is written down when something inside fails: where in our code it happened, and for which request. */
import type { Problem } from '#core/domain/problem.ts'
import type { DoorLog } from '#http/ports.ts'

/** Writes only about failures that nobody foresaw: all others are in the usage records. */
export function logFailure(log: DoorLog, problem: Problem, requestId: string): void {
  if (problem.code !== 'internal_error') return
  const { cause } = problem
  const stack = cause instanceof Error ? cause.stack : problem.stack
  log.error({ requestId, stack }, 'a request failed inside the gateway')
}
