/** What is fuzzed: something that takes bytes from outside, with sound inputs to spoil and the judgement of what came. */
import { problemCatalogue } from '#core/domain/problem-catalogue.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Chance } from './chance.ts'

export interface FuzzSubject {
  readonly name: string
  /** Sound inputs, which are spoilt. */
  readonly inputs: readonly Buffer[]
  mutate(input: Buffer, chance: Chance): Buffer
  /**
   * Takes an input and judges what became of it; a word for the statistics. Throws for whatever must never happen. The
   * chance decides how the input arrives, never what is expected.
   */
  run(input: Buffer, chance: Chance): string
}

/** A thing that must never happen. */
export class FuzzFault extends Error {}

export function fault(sentence: string): never {
  throw new FuzzFault(sentence)
}

/** A thrown thing as a Problem that is fit to be shown; anything else is a fault. */
export function soundProblem(thrown: unknown): Problem {
  if (!(thrown instanceof Problem)) {
    fault(
      `threw what is no Problem: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`,
    )
  }
  if (!Object.hasOwn(problemCatalogue, thrown.code))
    fault(`a problem that is not in the catalogue: ${JSON.stringify(thrown.code)}`)
  if (thrown.code === 'internal_error') {
    const { cause } = thrown.details
    fault(
      `an exception of another kind: ${cause instanceof Error ? (cause.stack ?? cause.message) : thrown.message}`,
    )
  }
  if (thrown.message.length > 20_000) fault(`a message of ${thrown.message.length} characters`)
  const { retryAfterMs } = thrown.details
  if (retryAfterMs !== undefined && !(retryAfterMs >= 0 && Number.isFinite(retryAfterMs))) {
    fault(`to be tried again after ${retryAfterMs} ms`)
  }
  return thrown
}

type Attempt<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: Problem }

/** Either what the work gives, or the sound Problem that it throws. */
export function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() }
  } catch (thrown) {
    if (thrown instanceof FuzzFault) throw thrown
    return { problem: soundProblem(thrown) }
  }
}
