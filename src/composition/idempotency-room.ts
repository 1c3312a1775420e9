/** Idempotency keys joined to the house: the book that the instances share, the seal of kept answers, and the chores. */
import type { Cellar } from '#composition/cellar.ts'
import type { HouseParts } from '#composition/house.ts'
import { pause } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import { createIdempotency } from '#services/idempotency/idempotency.ts'
import type { Idempotency, IdempotencySettings } from '#services/idempotency/idempotency.ts'
import { createAnswerSeal } from '#services/idempotency/sealed-answer.ts'

type Report = (failure: unknown, place: string) => void

export function openIdempotency(
  { clock }: Pick<HouseParts, 'clock'>,
  { keyBook, pepper }: Cellar,
  settings: () => IdempotencySettings,
  report: Report,
): Idempotency {
  const seal = createAnswerSeal(pepper)
  return createIdempotency({ book: keyBook, seal, clock, pause, report }, settings)
}

/** A lease is renewed several times before it ends, so that one slow answer of the store does not end it. */
const renewalsPerLease = 5

export const renewEveryMs = ({ idempotency }: Config): number =>
  Math.ceil(idempotency.leaseMs / renewalsPerLease)
