/** The configuration as a whole: file and environment read, checked together, and either right or refused. */
import type { Config, ConfigSource } from '#config/config.ts'
import { environmentSecret, readEnvironment } from '#config/environment.ts'
import type { EnvironmentSettings } from '#config/environment.ts'
import { judgeExposure } from '#config/exposure.ts'
import { configInvalid } from '#config/fault.ts'
import type { ConfigFault } from '#config/fault.ts'
import { chooseKeySource } from '#config/key-source.ts'
import { schemaFaults } from '#config/schema-faults.ts'
import { adminConfigSchema } from '#config/schema.ts'
import type { AdminConfig } from '#config/schema.ts'
import { brokenRules } from '#config/settings-rules.ts'
import { toConfig } from '#config/to-config.ts'
import { readYaml } from '#config/yaml-text.ts'

/** Read when no file is named and it exists, from the folder that the program was started in. */
export const usualConfigFile = 'config/admin_config.yaml'

/**
 * Reads and checks everything. Throws `config_invalid` with every fault: its path, reason, nearest name and place.
 * With a running configuration, what only a new start can change stays as it runs and is named in
 * `waitingForRestart`; how open the door may be is judged by the address that is really listened on.
 */
export function loadConfig(source: ConfigSource, running?: Config): Config {
  const environment = readEnvironment(source.environment, source.readFile)
  const read = readSettings(source)
  const faults: ConfigFault[] = [...environment.faults, ...read.faults]
  if (!read.settings) throw configInvalid(faults)
  const exposure = judgeExposure(exposureQuestion(read.settings, environment))
  const keySource = chooseKeySource(read.settings.key_vault, environment)
  for (const fault of [...exposure.faults, ...keySource.faults]) {
    faults.push(fault.source === undefined ? read.located(fault) : fault)
  }
  const unsealed = sealFault(read.settings, environment)
  if (unsealed) faults.push(read.located(unsealed))
  const asked = { ...exposureQuestion(read.settings, environment), host: running?.server.host ?? '' }
  const exposureNow = running ? judgeExposure(asked) : exposure
  if (exposure.faults.length === 0) {
    for (const fault of exposureNow.faults)
      faults.push(fault.source === undefined ? read.located(fault) : fault)
  }
  if (faults.length > 0) throw configInvalid(faults)
  const config = toConfig({
    file: read.file,
    settings: read.settings,
    environment,
    exposure: exposureNow,
    keySource,
    environmentSecret: (name) => environmentSecret(source.environment, source.readFile, name),
  })
  return running ? withRunningParts(config, running) : config
}

/** Sections of which something is read once, when the house is built, and stays until the next start. */
const sections = [
  'server',
  'storage',
  'access',
  'keyVault',
  'cache',
  'analytics',
  'alerts',
  'idempotency',
] as const

function withRunningParts(stated: Config, running: Config): Config {
  const { mode, server, storage, access, analytics } = running
  const { entriesMax, bytesMax } = running.cache
  const { refreshMs, retryMs, staleMs } = stated.keyVault
  const kept = {
    ...stated,
    mode,
    server,
    storage,
    access,
    analytics,
    keyVault: Object.freeze({ ...running.keyVault, refreshMs, retryMs, staleMs }),
    cache: Object.freeze({ ...stated.cache, entriesMax, bytesMax }),
    // The timer that renews leases is set by what they were at the start.
    idempotency: Object.freeze({ ...stated.idempotency, leaseMs: running.idempotency.leaseMs }),
    alerts: Object.freeze({ ...stated.alerts, checkEveryMs: running.alerts.checkEveryMs }),
  }
  const waiting = sections.flatMap((section) => differences(section, stated[section], kept[section]))
  if (stated.mode !== mode) waiting.unshift('mode')
  return Object.freeze({ ...kept, waitingForRestart: Object.freeze(waiting) })
}

/** The settings of a section whose values differ, as they are written in the file: `server.body_bytes_max`. */
function differences(section: string, stated: object, running: object): string[] {
  const runningValues = new Map(Object.entries(running))
  return Object.entries(stated)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(runningValues.get(name)))
    .map(([name]) => `${section}.${name}`.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}

interface SettingsRead {
  readonly file: string | undefined
  /** Undefined when the file is so wrong that nothing more can be said about it. */
  readonly settings: AdminConfig | undefined
  readonly faults: readonly ConfigFault[]
  located(fault: ConfigFault): ConfigFault
}

function readSettings(source: ConfigSource): SettingsRead {
  const { file, text, fault } = findFile(source)
  const place = file ?? 'settings'
  const failed = (faults: readonly ConfigFault[]): SettingsRead => ({
    file,
    settings: undefined,
    faults: faults.map((one) => ({ source: place, ...one })),
    located: (one) => one,
  })
  if (fault) return failed([fault])
  const yaml = readYaml(text ?? '')
  const located = (one: ConfigFault): ConfigFault => {
    return { source: place, ...(text === undefined ? one : yaml.located(one)) }
  }
  if (yaml.faults.length > 0) return failed(yaml.faults)
  const parsed = adminConfigSchema.safeParse(yaml.value, { reportInput: true })
  if (!parsed.success) return failed(schemaFaults(parsed.error, adminConfigSchema).map(located))
  return { file, settings: parsed.data, faults: brokenRules(parsed.data).map(located), located }
}

interface FileFound {
  readonly file: string | undefined
  readonly text: string | undefined
  readonly fault?: ConfigFault | undefined
}

/** A file that was named must be there; the usual one may be missing. */
function findFile(source: ConfigSource): FileFound {
  const named = source.file ?? (source.environment['CONFIG_FILE']?.trim() || undefined)
  const file = named ?? usualConfigFile
  try {
    const text = source.readFile(file)
    if (text !== undefined) return { file, text }
    if (named === undefined) return { file: undefined, text: undefined }
    return { file, text: undefined, fault: { path: [], reason: 'does not exist' } }
  } catch (error) {
    const reason = `cannot be read: ${error instanceof Error ? error.message : 'unknown'}`
    return { file, text: undefined, fault: { path: [], reason } }
  }
}

/** What is kept is encrypted, always. */
function sealFault(
  { responses }: AdminConfig,
  { responseStoreKeys, faults }: EnvironmentSettings,
): ConfigFault | undefined {
  const isTold = faults.some(({ path }) => path[0] === 'RESPONSE_STORE_KEYS')
  if (responses.store === 'off' || responseStoreKeys.length > 0 || isTold) return undefined
  const reason =
    'needs RESPONSE_STORE_KEYS: 32 random bytes in base64, as "openssl rand -base64 32" prints them'
  return { path: ['responses', 'store'], reason }
}

function exposureQuestion(settings: AdminConfig, environment: EnvironmentSettings) {
  return {
    host: environment.host ?? settings.server.host,
    mode: settings.mode,
    requireKey: settings.access.require_key,
    adminKey: environment.adminKey,
  }
}
