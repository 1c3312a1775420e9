/** What a person sees when Signalbox has started: where it is, what is live, and what to try next. */
import type { Config } from '#config/config.ts'

export interface HouseStatus {
  /** Providers that can be asked now. */
  readonly liveProviders: readonly string[]
  /** The usual names of provider keys, for the advice to set one. */
  readonly keyNames: readonly string[]
  readonly isSimulating: boolean
  /** One line for each store. */
  readonly stores: readonly string[]
  /** Where provider keys are looked for, in order. */
  readonly keys: string
  readonly modelCount: number
}

/** Several lines, the last one a command that works. */
export function welcomeText(facts: {
  readonly address: string
  readonly config: Config
  readonly status: HouseStatus
}): string {
  const { address, config, status } = facts
  const lines = [
    '',
    `Signalbox listens on ${address}`,
    '',
    `  mode       ${modeText(config)}`,
    `  providers  ${providersText(status)}`,
    `  keys       from ${status.keys}`,
    `  models     ${status.modelCount}, listed at ${address}/v1/models`,
    `  stores     ${status.stores.join('; ')}`,
    `  docs       ${address}/docs`,
    ...config.warnings.map((warning) => `  note       ${warning}`),
    '',
    'Try it:',
    '',
    `  curl ${address}/v1/generate${keyText(config)} -H 'content-type: application/json' \\`,
    `    -d '{"prompt": "What is a signal box?", "user_id": "me"}'`,
    '',
  ]
  return `${lines.join('\n')}\n`
}

function modeText(config: Config): string {
  if (config.mode === 'production') return 'production: every request needs a key'
  return config.access.requireKey
    ? 'development: every request needs a key'
    : `development: requests without a key act as the tenant "${config.access.developmentTenant}"`
}

function providersText(status: HouseStatus): string {
  if (status.liveProviders.length > 0) {
    const simulated = status.isSimulating ? '; other models are simulated' : ''
    return `${status.liveProviders.join(', ')}${simulated}`
  }
  const hint = `set a key to go live, for example ${status.keyNames.slice(0, 3).join(', ')}`
  return status.isSimulating ? `simulated: no provider has a key (${hint})` : `none: ${hint}`
}

const keyText = (config: Config) => (config.access.requireKey ? " -H 'authorization: Bearer <key>'" : '')
