/** Where provider keys are looked for, in order: the operator's file or folder, then the environment. */
import type { Config } from '#config/config.ts'
import { readYaml } from '#config/yaml-text.ts'
import { createEnvironmentSource } from '#services/key-vault/environment-source.ts'
import { createFileSource } from '#services/key-vault/file-source.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'

export function secretSources(
  { keyVault }: Config,
  warn: (sentence: string) => void,
): readonly SecretSource[] {
  const environment = createEnvironmentSource(keyVault.environmentSecret)
  if (keyVault.file === undefined) return [environment]
  const parseYaml = (text: string): unknown => readYaml(text).value
  return [createFileSource({ path: keyVault.file, parseYaml, warn }), environment]
}
