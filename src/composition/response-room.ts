/** The store of responses joined to the house: where it keeps, and the keys it seals with. */
import type { Cellar } from '#composition/cellar.ts'
import type { HouseParts } from '#composition/house.ts'
import { createResponseSeal } from '#services/response-store/response-seal.ts'
import { createResponseStore } from '#services/response-store/response-store.ts'
import type { ResponseStore, ResponseStoreSettings } from '#services/response-store/response-store.ts'

/** The keys are those of the start, as the environment of a process does not change. */
export function openResponseStore(
  { config, clock }: Pick<HouseParts, 'config' | 'clock'>,
  { responseShelf }: Cellar,
  settings: () => ResponseStoreSettings,
  report: (failure: unknown, place: string) => void,
): ResponseStore {
  const [newest, ...older] = config.responses.keys.map((key) => Buffer.from(key, 'base64'))
  const seal = newest && createResponseSeal([newest, ...older])
  return createResponseStore({ shelf: responseShelf, seal, clock, report }, settings)
}

export const responseReadings = (store: ResponseStore) => ({
  signalbox_responses_kept_total: () => store.counts().kept,
  signalbox_responses_not_kept_total: () => store.counts().notKept,
})
