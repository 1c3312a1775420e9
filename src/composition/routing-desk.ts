/** The routing desk: routing kept in step with the configuration and with the provider keys that come and go. */
import { answerersOf, checkFurniture, furnish } from '#composition/furniture.ts'
import type { Answerers, Furniture } from '#composition/furniture.ts'
import type { HouseParts } from '#composition/house.ts'
import { secretSources } from '#composition/secret-sources.ts'
import type { Config } from '#config/config.ts'
import { tracksOf } from '#core/domain/track.ts'
import { createKeyVault } from '#services/key-vault/key-vault.ts'
import type { KeyVault } from '#services/key-vault/key-vault.ts'
import { createRoutingEngine } from '#services/routing-engine/routing-engine.ts'
import type { RoutingEngine } from '#services/routing-engine/routing-engine.ts'

export interface RoutingDesk {
  readonly keyVault: KeyVault
  readonly routingEngine: RoutingEngine
  furniture(): Furniture
  answerers(): Answerers
  /** Throws `config_invalid` when routing could not live with this configuration. */
  check(next: Config): void
  refurnish(next: Config): void
}

/** How long a key that cannot be read again stays in use. */
const staleSecretMs = 3_600_000

/** Reads every provider key first, so that the first request already knows who is live. Throws `config_invalid`. */
export async function openRoutingDesk(
  { config, log, clock }: HouseParts,
  report: (failure: unknown, place: string) => void,
): Promise<RoutingDesk> {
  let furniture = furnish(config)
  let onLiveChange = () => {}
  const keyVault = createKeyVault({
    sources: secretSources(config, (sentence) => log.warn({}, sentence)),
    rows: () => furniture.rows.flatMap((row) => tracksOf(row).map((track) => track.row)),
    clock,
    settings: () => ({ refreshMs: furniture.config.keyVault.refreshMs, staleMs: staleSecretMs }),
    audit: ({ kind, name, source }) => {
      // A provider that nobody configured is no event.
      if (kind !== 'missing') log.info({ kind, name, source }, 'key vault')
    },
    report,
    onLiveChange: () => onLiveChange(),
  })
  await keyVault.refresh()
  let answerers = answerersOf(furniture, keyVault.liveProviders())
  const routingEngine = createRoutingEngine(answerers.sources)
  onLiveChange = () => {
    answerers = answerersOf(furniture, keyVault.liveProviders())
    routingEngine.refresh(answerers.sources)
  }
  return {
    keyVault,
    routingEngine,
    furniture: () => furniture,
    answerers: () => answerers,
    check: (next) => checkFurniture(furnish(next), keyVault.liveProviders()),
    refurnish(next) {
      furniture = furnish(next)
      onLiveChange()
      void keyVault.refresh()
    },
  }
}
