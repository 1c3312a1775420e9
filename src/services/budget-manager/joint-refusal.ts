/** A ledger whose store takes limits and money as one step may be stopped by the limits: then nothing was held. */
import { Problem } from '#core/domain/problem.ts'

export const isLimited = (thrown: unknown): boolean =>
  thrown instanceof Problem && thrown.code === 'rate_limited'
