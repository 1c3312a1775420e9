/** How Signalbox is set up for a measurement: its configuration, its directory and the key that the load uses. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place, Preparation } from './targets.ts'

const program = join(import.meta.dirname, '../src/main.ts')
const here = import.meta.dirname
const usualTemplate = join(here, 'signalbox.config.yaml')
const dialectsTemplate = join(here, 'dialects.config.yaml')
const sheddingPart = join(here, 'shedding.config.yaml')
const createKey = ['keys', 'create', '--tenant', 'bench', '--name', 'bench']
/** A Signalbox key as the command prints it, alone or in JSON. */
const keyPattern = /\bsbk_[\w-]{20,}/
const providerKey = 'sk-bench-provider-key'
const commandTimeoutMs = 20_000

/** Why Signalbox cannot be measured; undefined when it can. */
export function whySignalboxCannotStart(): string | undefined {
  return existsSync(program) ? undefined : 'not available yet: src/main.ts is missing'
}

/** Makes an API key in the target's own database. Throws with what the command said when it prints none. */
function newApiKey(environment: Record<string, string>): string {
  const said = execFileSync(process.execPath, [program, ...createKey], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    encoding: 'utf8',
    timeout: commandTimeoutMs,
  })
  const key = keyPattern.exec(said)?.[0]
  if (!key) throw new Error(`"${createKey.join(' ')}" printed no key: ${said.slice(0, 500)}`)
  return key
}

export const prepareSignalbox = (place: Place): Preparation => prepared(place, usualTemplate, {})

/** With thresholds at which requests of low priority are turned away as soon as there is work. */
export const prepareShedding = (place: Place): Preparation => prepared(place, usualTemplate, {}, sheddingPart)

/** With a provider of every API behind it. */
export const prepareAllDialects = (place: Place): Preparation =>
  prepared(place, dialectsTemplate, {
    ANTHROPIC_API_KEY: providerKey,
    GEMINI_API_KEY: providerKey,
    COHERE_API_KEY: providerKey,
  })

/** Writes the configuration into the target's directory and makes an API key for the tenant `bench`. */
function prepared(
  { port, upstreamPort, directory }: Place,
  template: string,
  keys: Readonly<Record<string, string>>,
  furtherPart?: string,
): Preparation {
  const configFile = join(directory, 'config.yaml')
  const further = furtherPart === undefined ? '' : readFileSync(furtherPart, 'utf8')
  const config = `${readFileSync(template, 'utf8')}\n${further}`
    .replaceAll('UPSTREAM_PORT', String(upstreamPort))
    .replaceAll('BENCH_FOLDER', here)
  writeFileSync(configFile, config)
  const environment = {
    HOST: '127.0.0.1',
    PORT: String(port),
    CONFIG_FILE: configFile,
    DATA_DIR: join(directory, 'data'),
    OPENAI_API_KEY: providerKey,
    ...keys,
    ADMIN_API_KEY: 'bench-operator-key-0123456789abcdef0123456789abcdef',
  }
  const apiKey = newApiKey(environment)
  return { nodeArguments: [program], environment, headerLines: [`authorization: Bearer ${apiKey}`] }
}
