/** `signalbox config check`: whether the configuration would be accepted. */
import type { Options } from '#cli/command.ts'
import { checkFurniture, furnish } from '#composition/furniture.ts'
import { loadConfig } from '#config/load.ts'
import { systemSource } from '#config/system-source.ts'
import { Problem } from '#core/domain/problem.ts'

/** The sentence to print. Throws `config_invalid` with every fault. */
export function runConfigCommand(words: readonly string[], options: Options): string {
  if (words[0] !== 'check') {
    throw new Problem('invalid_value', {
      detail: `There is no command "config ${words.join(' ')}".`,
      mend: 'Use: signalbox config check',
    })
  }
  const config = loadConfig(systemSource(words[1] ?? options['config']))
  // Routes, aliases and the catalogue are checked as a start does; which provider has a key makes no difference.
  checkFurniture(furnish(config), new Set())
  const notes = config.warnings.map((warning) => `note: ${warning}`)
  return [`${config.file ?? 'The defaults and the environment'}: no fault.`, ...notes].join('\n')
}
