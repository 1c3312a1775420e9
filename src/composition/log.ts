/** The log: lines of JSON on standard output, without anything that was said and without credentials. */
import { pino } from 'pino'
import type { LogLevel } from '#config/config.ts'
import { Problem } from '#core/domain/problem.ts'

export interface Log {
  info(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
  error(fields: object, sentence: string): void
}

export interface LevelledLog extends Log {
  /** The least important line that is still written; a reload may change it. */
  level: string
}

export function createLog(level: LogLevel): LevelledLog {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
}

/** What may be written down of a failure: its code and its place in our code, never its text from outside. */
export function failureFields(failure: unknown, place: string): object {
  if (failure instanceof Problem) {
    const { code, details, cause } = failure
    return {
      place,
      code,
      upstreamStatus: details.upstreamStatus,
      provider: details.provider,
      stack: stackOf(cause),
    }
  }
  return { place, stack: stackOf(failure) }
}

function stackOf(failure: unknown): string | undefined {
  return failure instanceof Error ? failure.stack : undefined
}
