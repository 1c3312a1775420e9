/** Where provider keys come from: what the settings ask for, and what this version can do. */
import type { KeyVaultConfig } from '#config/config.ts'
import type { ConfigFault } from '#config/fault.ts'
import type { AdminConfig } from '#config/schema.ts'

export interface KeySource {
  readonly provider: KeyVaultConfig['provider']
  readonly file: string | undefined
  readonly faults: readonly ConfigFault[]
  readonly warnings: readonly string[]
}

/** Falls back to the environment for vaults that are not live in this version, with a warning that says so. */
export function chooseKeySource(
  settings: AdminConfig['key_vault'],
  keyVaultUrl: string | undefined,
): KeySource {
  const { provider: kind } = settings
  if (kind !== 'env' && kind !== 'file') return environmentInstead(`key_vault.provider ${kind} is`)
  const address = keyVaultUrl ?? settings.vault_url
  const addressFile = fileOf(address)
  if (address !== undefined && addressFile === undefined) {
    const name = keyVaultUrl === undefined ? 'key_vault.vault_url' : 'KEY_VAULT_URL'
    return environmentInstead(`${name} names a vault, which is`)
  }
  const file = addressFile ?? settings.file
  if (kind === 'env' && addressFile === undefined) {
    return { provider: 'env', file: undefined, faults: [], warnings: [] }
  }
  const reason = 'is missing: provider file needs a folder or a file of secrets'
  const faults = file === undefined ? [{ path: ['key_vault', 'file'], reason }] : []
  return { provider: 'file', file, faults, warnings: [] }
}

function environmentInstead(what: string): KeySource {
  const warning = `${what} not live in this version: provider keys are read from the environment.`
  return { provider: 'env', file: undefined, faults: [], warnings: [warning] }
}

/** The path inside a `file:` address. */
function fileOf(address: string | undefined): string | undefined {
  if (!address?.startsWith('file:')) return undefined
  const path = URL.parse(address)?.pathname
  return path === undefined || path === '/' ? undefined : decodeURIComponent(path)
}
