/** The log: lines of JSON on standard output, without anything that was said and without credentials. */
import { pino } from 'pino'
import type { LogOutput } from '#composition/log-output.ts'
import type { LogLevel } from '#config/config.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'

export interface Log {
  info(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
  error(fields: object, sentence: string): void
}

export interface LevelledLog extends Log {
  /** The least important line that is still written; a reload may change it. */
  level: string
}

export function createLog(level: LogLevel, output: Pick<LogOutput, 'write'>): LevelledLog {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, output)
}

/** Codes whose sentences are written by this program alone and tell the operator what to mend. */
const ownWords: ReadonlySet<ProblemCode> = new Set(['config_invalid', 'secret_missing', 'store_unavailable'])

/** What may be written down of a failure: its code and its place in our code, never its text from outside. */
export function failureFields(failure: unknown, place: string): object {
  if (failure instanceof Problem) {
    const { code, details, cause } = failure
    return {
      place,
      code,
      upstreamStatus: details.upstreamStatus,
      provider: details.provider,
      ...(ownWords.has(code) ? { why: failure.message, mend: failure.mend } : {}),
      stack: stackOf(cause),
    }
  }
  return { place, stack: stackOf(failure) }
}

function stackOf(failure: unknown): string | undefined {
  return failure instanceof Error ? failure.stack : undefined
}
