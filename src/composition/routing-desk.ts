/** The routing desk: routing kept in step with the configuration and with the provider keys that come and go. */
import { answerersOf, checkFurniture, furnish } from '#composition/furniture.ts'
import type { Answerers, Furniture } from '#composition/furniture.ts'
import type { HouseParts } from '#composition/house.ts'
import { secretSources } from '#composition/secret-sources.ts'
import type { Config } from '#config/config.ts'
import { tracksOf } from '#core/domain/track.ts'
import { createKeyVault } from '#services/key-vault/key-vault.ts'
import type { KeyVault } from '#services/key-vault/key-vault.ts'
import type { SecretEvent } from '#services/key-vault/source-reading.ts'
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

/** What is not as it should be for long is an error; a provider that nobody configured is no event. */
function tell(log: HouseParts['log'], { kind, name, source }: SecretEvent): void {
  if (kind === 'missing') return
  const sentence = kind === 'overdue' ? overdueSentence : 'key vault'
  if (kind === 'overdue' || kind === 'given_up') log.error({ kind, name, source }, sentence)
  else log.info({ kind, name, source }, sentence)
}

const overdueSentence =
  'a secret could not be read again for half of key_vault.stale_ms; when that is over it is no longer used'

/** Reads every provider key first, so that the first request already knows who is live. Throws `config_invalid`. */
export async function openRoutingDesk(
  { config, log, clock, chance }: HouseParts,
  report: (failure: unknown, place: string) => void,
): Promise<RoutingDesk> {
  let furniture = furnish(config)
  let onLiveChange = () => {}
  const keyVault = createKeyVault({
    sources: await secretSources({ config, log, clock, chance, report, settings: () => furniture.config }),
    rows: () => furniture.rows.flatMap((row) => tracksOf(row).map((track) => track.row)),
    clock,
    settings: () => furniture.config.keyVault,
    audit: (event) => tell(log, event),
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
