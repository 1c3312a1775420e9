/** What must hold for several keys and addresses of one provider. */
import type { ConfigPath } from '#config/fault.ts'
import type { AdminConfig } from '#config/schema.ts'

type Report = (path: ConfigPath, reason: string) => void
type StatedProvider = AdminConfig['providers'][string]
type StatedKeys = StatedProvider['keys']

/** How the keys of well-known providers begin: their names do not. */
const keyBeginnings = /^(?:sk[-_]|AIza|gsk_|xai-|pplx-|r8_|hf_|nvapi-|fw_|csk-|tgp_)/

export function checkPool(name: string, provider: StatedProvider, report: Report): void {
  const path = ['providers', name]
  if (provider.keys && provider.key_vault_key !== undefined) {
    report([...path, 'keys'], 'has no place beside key_vault_key: name all keys here')
  }
  if (provider.regions && provider.base_url !== undefined) {
    report([...path, 'regions'], 'has no place beside base_url: name all addresses here')
  }
  checkKeys([...path, 'keys'], provider.keys, report)
  const seen = new Set<string>()
  for (const [index, region] of (provider.regions ?? []).entries()) {
    const at = [...path, 'regions', index]
    if (seen.has(region.name)) report([...at, 'name'], 'is the name of a region before it')
    seen.add(region.name)
    checkKeys([...at, 'keys'], region.keys, report)
  }
  const weights = (provider.regions ?? []).map(({ weight }) => weight)
  if (weights.length > 0 && weights.every((weight) => weight === 0)) {
    report([...path, 'regions'], 'must have a weight above 0')
  }
}

function checkKeys(path: ConfigPath, keys: StatedKeys, report: Report): void {
  const seen = new Set<string>()
  for (const [index, stated] of (keys ?? []).entries()) {
    const key = typeof stated === 'string' ? stated : stated.key
    if (keyBeginnings.test(key)) {
      report([...path, index], 'must be the name of a key in the key vault, never the key itself')
    }
    if (seen.has(key)) report([...path, index], 'is named before it')
    seen.add(key)
  }
  const weights = (keys ?? []).map((stated) => (typeof stated === 'string' ? 1 : stated.weight))
  if (weights.length > 0 && weights.every((weight) => weight === 0)) {
    report(path, 'must have a weight above 0')
  }
}
