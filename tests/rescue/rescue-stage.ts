// A house whose providers are one storyteller, with a route from each API to each other: ordered, so that the second goes on.
import type { Dialect } from '#core/domain/chat.ts'
import { askings, catalogueFile, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { Asking } from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'
import { openStoryteller } from './storyteller.ts'
import type { Storyteller } from './storyteller.ts'

export interface RescueStage {
  readonly house: RunningHouse
  readonly teller: Storyteller
  close(): Promise<void>
}

export const routeOf = (first: Dialect, second: Dialect) => `${first}.${second}`

export async function openRescueStage(settings = ''): Promise<RescueStage> {
  const teller = await openStoryteller()
  const addresses = askings
    .filter(({ dialect }) => dialect !== 'openai-responses')
    .map(({ provider, dialect }) => `  ${provider}: {base_url: "${teller.baseUrl(dialect)}"}`)
  const pairs = askings.flatMap((first) => askings.map((second): [Asking, Asking] => [first, second]))
  const routes = pairs.map(([first, second]) => {
    const targets = [...new Set([first.model, second.model])].join(', ')
    return `    ${routeOf(first.dialect, second.dialect)}: {strategy: ordered, targets: [${targets}], rescue: continue}`
  })
  const house = await startHouse({
    yaml: [
      `${soonWritten}${quietSettings}${settings}`,
      `routing:\n  routes:\n${routes.join('\n')}`,
      `providers:\n${addresses.join('\n')}`,
      `catalog: {file: ${catalogueFile}}\n`,
    ].join('\n'),
    environment: Object.fromEntries(
      ['OPENAI', 'ANTHROPIC', 'GEMINI', 'COHERE'].map((name) => [`${name}_API_KEY`, 'key-of-this-test']),
    ),
  })
  return {
    house,
    teller,
    async close() {
      await house.close()
      await teller.close()
    },
  }
}
