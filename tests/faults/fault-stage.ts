/** A house before a double that fails in every way: the target that is asked by mark, and a fallback that is sound. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Dialect } from '#core/domain/chat.ts'
import { openFailingPlaces, placeNames } from '#tests/faults/failing-places.ts'
import type { FailingPlaces, PlaceName } from '#tests/faults/failing-places.ts'
import type { Material, ReplyKind } from '#tests/faults/fault-mode.ts'
import { startFaultyProvider } from '#tests/faults/faulty-provider.ts'
import type { FaultyProvider, HeardRequest, WirePlay } from '#tests/faults/faulty-provider.ts'
import { goOn } from '#tests/faults/going-on.ts'
import type { GoingOn } from '#tests/faults/going-on.ts'
import { createLeapingClock } from '#tests/faults/leaping-clock.ts'
import type { LeapingClock } from '#tests/faults/leaping-clock.ts'
import { soundReply } from '#tests/faults/spoken.ts'
import { fin, rst } from '#tests/faults/wire-step.ts'
import type { WireStep } from '#tests/faults/wire-step.ts'
import { wires } from '#tests/faults/wires/wires.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { dialects } from '#tests/support/adapters.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

/** The providers that fail, and the settings with which a house finds them. */
export interface FaultWorld {
  readonly provider: FaultyProvider
  /** Who answers when the target does not. */
  readonly fallback: FaultyProvider
  readonly places: FailingPlaces
  readonly yaml: string
  play(mark: string, play: MarkedPlay): void
  /** What targets without a play of their own do; sound unless said otherwise. */
  playAlways(steps: ((material: Material) => readonly WireStep[]) | undefined): void
  /** Forgets all plays and everything that was heard. */
  forget(): void
  close(): Promise<void>
}

export interface FaultStage extends FaultWorld {
  readonly house: RunningHouse
  readonly clock: LeapingClock
}

/** What is done about the requests with one mark: all of them, or those with this key. */
export interface MarkedPlay extends WirePlay {
  readonly strikesKey?: string | undefined
}

/** The keys of the place that has two; the second is asked when the first is no good. */
export const poolKeys = { POOL_FIRST_KEY: 'first-key-of-the-pool', POOL_SPARE_KEY: 'spare-key-of-the-pool' }

export const targetModel = (dialect: Dialect, place: PlaceName = 'double') => `${dialect}-at-${place}`
export const fallbackModel = (dialect: Dialect) => `${dialect}-fallback`

const spokenWords = [
  'Words ',
  'that ',
  'are ',
  'grün, ',
  '漢字 ',
  'and 🙂, ',
  'told ',
  'one ',
  'by ',
  'one ',
  'here',
  '.',
]
export const targetWords = spokenWords.map((word, at) => (at === 0 ? `The target: ${word}` : word))
export const fallbackWords = ['The fallback ', 'answers ', 'in ', 'its ', 'own ', 'words', '.']

export const materialOf = (dialect: Dialect, kind: ReplyKind, words: readonly string[]): Material => {
  const wire = wires[dialect]
  const speech = { model: `the-model-of-${dialect}`, words }
  return { wire, speech, kind, whole: wire.whole(speech), stream: wire.stream(speech) }
}

export const markedPrompt = (mark: string) => `<<${mark}>> Go on.`
export const markIn = ({ body }: HeardRequest): string => /<<([\w-]+)>>/.exec(body)?.[1] ?? ''

/** Of the models at the places that are called after a deadline: shorter than a leap of the clock, which others outlast. */
function ownDeadlines(): Readonly<Record<string, object>> {
  const rows: Partial<Record<PlaceName, object>> = {
    'own-headers': { headers_ms: 5_000 },
    'own-first-token': { first_token_ms: 5_000 },
    'own-idle': { idle_ms: 5_000 },
    'own-total': { total_ms: 5_000 },
  }
  return Object.fromEntries(
    dialects.flatMap((dialect) =>
      Object.entries(rows).map(([place, own]) => [targetModel(dialect, place as PlaceName), own]),
    ),
  )
}

/**
 * Deadlines far beyond what any machine needs: nobody waits for them, the clock leaps. Nothing is remembered of one
 * failure, nobody waits for a place, and what breaks off is told: each case stands alone.
 */
export const forgetfulSettings = `
resilience: {deadlines: ${JSON.stringify(ownDeadlines())}, attempts_per_target: 1, connect_ms: 3000, first_token_ms: 30000, first_token_reasoning_ms: 30000,
  idle_ms: 20000, minimum_tokens_per_second: 3, total_ms: 300000, retry_base_ms: 0, retry_budget_floor: 1000000, cool_down: {max_ms: 0},
  ejection: {minimum_requests: 1000000},
  breaker: {minimum_requests: 1000000, connect_errors: 1000000, silence: {calls: 1000000}}}
load: {targets: {concurrency_min: 100000, concurrency_max: 100000}, shedding: {enabled: false}}
rescue: {policy: error}
`

export async function openFaultStage(
  settings = forgetfulSettings,
  goingOn: GoingOn = 'repeating',
  clock = createLeapingClock(),
): Promise<FaultStage> {
  const world = await openFaultWorld(`cache: {enabled: false}\n${settings}`, goingOn)
  const house = await startHouse({ yaml: world.yaml, clock, environment: poolKeys })
  return {
    ...world,
    house,
    clock,
    async close() {
      await house.close()
      await world.close()
    },
  }
}

export async function openFaultWorld(settings: string, goingOn: GoingOn = 'repeating'): Promise<FaultWorld> {
  const plays = new Map<string, MarkedPlay>()
  let always: ((material: Material) => readonly WireStep[]) | undefined
  const provider = await startFaultyProvider({
    strikesEarly: (path) => path.startsWith('/early-'),
    play(request) {
      if (request.path.startsWith('/early-')) {
        return { ...soundPlay, steps: [request.path.startsWith('/early-reset') ? rst : fin] }
      }
      const play = plays.get(markIn(request))
      if (play && (play.strikesKey === undefined || request.head.includes(play.strikesKey))) return play
      const material = materialFor(request, targetWords)
      return { ...soundPlay, steps: always ? always(material) : soundReply(material) }
    },
  })
  const places = await openFailingPlaces(provider.port)
  const fallback = await startFaultyProvider({
    play: (request) => ({
      ...soundPlay,
      steps: goOn(request, materialFor(request, fallbackWords), goingOn),
    }),
  })
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-faults-'))
  const catalogue = join(directory, 'catalogue.yaml')
  writeFileSync(catalogue, JSON.stringify({ models: cards() }))
  const rows = providerRows(provider, fallback, places)
  return {
    provider,
    fallback,
    places,
    yaml: `${soonWritten}${settings}\nproviders: ${JSON.stringify(rows)}\ncatalog: {file: "${catalogue}"}\n`,
    play: (mark, play) => void plays.set(mark, play),
    playAlways(steps) {
      always = steps
    },
    forget() {
      plays.clear()
      provider.forget()
      fallback.forget()
    },
    async close() {
      await provider.close()
      await fallback.close()
      await places.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const soundPlay: WirePlay = { steps: [], readerBegan: Promise.resolve() }

/** What a request is answered with: its dialect stands in its path. */
function materialFor({ path, body }: HeardRequest, words: readonly string[]): Material {
  const name = path.split('/')[2]
  const dialect = dialects.find((one) => one === name) ?? 'openai-chat'
  const isStream = dialect === 'gemini-generate' ? path.includes(':stream') : body.includes('"stream":true')
  return materialOf(dialect, isStream ? 'stream' : 'whole', words)
}

const pooled = {
  keys: Object.keys(poolKeys).map((key, at) => ({ key, weight: at === 0 ? 1 : 0 })),
}

/** The region that is asked first is away. */
const regional = ({ origins }: FailingPlaces, far: string) => ({
  regions: [
    { name: 'near', base_url: origins.get('refused'), weight: 1 },
    { name: 'far', base_url: far, weight: 0 },
  ],
})

function providerRows(provider: FaultyProvider, fallback: FaultyProvider, places: FailingPlaces) {
  const originOf = ({ port }: FaultyProvider) => `http://127.0.0.1:${port}`
  const rows: Record<string, object> = {}
  for (const dialect of dialects) {
    for (const place of placeNames) {
      const at = places.origins.get(place) ?? `${originOf(provider)}/${place}`
      const row =
        place === 'regions' ? regional(places, `${at}/${dialect}`) : { base_url: `${at}/${dialect}` }
      const access = place === 'pool' ? pooled : { auth: 'none' }
      rows[targetModel(dialect, place)] = { dialect, ...row, ...access }
    }
    rows[fallbackModel(dialect)] = {
      dialect,
      base_url: `${originOf(fallback)}/fallback/${dialect}`,
      auth: 'none',
    }
  }
  return rows
}

function cards() {
  const models: Record<string, object> = {}
  for (const dialect of dialects) {
    for (const name of [...placeNames.map((place) => targetModel(dialect, place)), fallbackModel(dialect)]) {
      models[name] = {
        provider: name,
        provider_model: `the-model-of-${dialect}`,
        abilities: ['text', 'streaming', 'system_prompt'],
        context_tokens: 100_000,
        max_output_tokens: 10_000,
        quality: 0.5,
        prices: [{ valid_from: '2020-01-01', source: 'this test', input: '2', output: '9' }],
      }
    }
  }
  return models
}
