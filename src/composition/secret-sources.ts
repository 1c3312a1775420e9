/** Where provider keys are looked for, in order: the operator's file, folder or secret server, then the environment. */
import type { HouseParts } from '#composition/house.ts'
import type { Config } from '#config/config.ts'
import { readYaml } from '#config/yaml-text.ts'
import { createEnvironmentSource } from '#services/key-vault/environment-source.ts'
import { createFileSource } from '#services/key-vault/file-source.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'

type SourceParts = Pick<HouseParts, 'config' | 'log' | 'clock' | 'chance'> & {
  readonly report: (failure: unknown, place: string) => void
  /** The running settings. */
  readonly settings: () => Config
}

/** Throws `config_invalid` when a source could never be read. */
export async function secretSources(parts: SourceParts): Promise<readonly SecretSource[]> {
  const { file, server, environmentSecret } = parts.config.keyVault
  const environment = createEnvironmentSource(environmentSecret)
  const warn = (sentence: string) => parts.log.warn({}, sentence)
  if (server !== undefined) return [await secretServer(parts, server, warn), environment]
  if (file === undefined) return [environment]
  const parseYaml = (text: string): unknown => readYaml(text).value
  return [createFileSource({ path: file, parseYaml, warn }), environment]
}

async function secretServer(
  { config, clock, chance, report, settings }: SourceParts,
  server: NonNullable<Config['keyVault']['server']>,
  warn: (sentence: string) => void,
): Promise<SecretSource> {
  // Loaded here, so that a gateway without a secret server starts without it.
  const { openHashicorpSource } = await import('#services/key-vault/hashicorp/hashicorp-source.ts')
  const credential = config.keyVault.environmentSecret
  const restMs = () => settings().keyVault.retryMs / 2
  return openHashicorpSource({ clock, chance, credential, restMs, warn, report }, server)
}
