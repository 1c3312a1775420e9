/** How Signalbox is set up for a measurement: its configuration, its directory and the key that the load uses. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Place, Preparation } from './targets.ts'

const program = join(import.meta.dirname, '../src/main.ts')

/** Why Signalbox cannot be measured; undefined when it can. */
export function whySignalboxCannotStart(): string | undefined {
  return existsSync(program) ? undefined : 'not available yet: src/main.ts is missing'
}

/** Writes the configuration into the target's directory and makes an API key for the tenant `bench`. */
export function prepareSignalbox(place: Place): Preparation {
  throw new Error(`not wired yet (port ${place.port})`)
}
