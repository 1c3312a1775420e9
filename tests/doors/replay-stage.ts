/** A house in which every recording is a model of its own: asked for by name, a provider double answers with it. */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ProviderRow } from '#core/domain/target.ts'
import { builtInProviders } from '#services/llm-adapters/cousins.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import type { Recording } from '#tests/support/recording.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { Playback } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

/** Why a recording is asked for: each purpose has a model name of its own, so that the books tell them apart. */
export type Purpose = 'heard' | 'bytes' | 'broken'

export interface ReplayStage {
  readonly house: RunningHouse
  modelOf(recording: Recording, purpose: Purpose): string
  /** How a recording is played from now on when it is asked for with this purpose. */
  playAs(recording: Recording, purpose: Purpose, playback: Omit<Playback, 'recording'>): void
  close(): Promise<void>
}

const purposes: readonly Purpose[] = ['heard', 'bytes', 'broken']

/** Each recorded question is asked once: no retries, no breaker, no cache, no limit that could be met. */
const settings = `
cache: {enabled: false}
resilience: {attempts_per_target: 1, breaker: {minimum_requests: 1000000}}
rescue: {policy: error}
limits:
  per_user: {requests_per_minute: 10000000, tokens_per_minute: 100000000000, concurrent_requests: 10000}
  per_key: {requests_per_minute: 10000000, tokens_per_minute: 100000000000, concurrent_requests: 10000}
  per_tenant: {requests_per_minute: 10000000, tokens_per_minute: 100000000000, concurrent_requests: 10000}
budget: {default_monthly_limit: 1000000}
`

export async function openReplayStage(recordings: readonly Recording[]): Promise<ReplayStage> {
  const places = new Map(recordings.map((recording, place) => [recording, place]))
  const nameOf = (recording: Recording, purpose: Purpose) => `${purpose}-${places.get(recording) ?? -1}`
  const playbacks = new Map<string, Playback>()
  for (const recording of recordings) {
    for (const purpose of purposes) playbacks.set(nameOf(recording, purpose), { recording })
  }
  const provider = await startReplayingProvider({
    recording: ({ model }) => (model === undefined ? undefined : playbacks.get(model)),
  })
  const rows = recordings.map((recording) => rowOf(recording))
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-replay-'))
  const catalogue = join(directory, 'catalogue.json')
  const models = Object.fromEntries(
    recordings.flatMap((recording, place) =>
      purposes.map((purpose) => [nameOf(recording, purpose), cardOf(recording, rows[place]?.name ?? '')]),
    ),
  )
  writeFileSync(catalogue, JSON.stringify({ models }))
  const providers = Object.fromEntries(
    rows.map((row) => [row.name, settingOf(row, provider.baseUrl(row.dialect))]),
  )
  const house = await startHouse({
    yaml: `${soonWritten}${settings}providers: ${JSON.stringify(providers)}\ncatalog: {file: ${catalogue}}\n`,
    environment: Object.fromEntries(
      rows.flatMap(({ keyNames }) => keyNames.slice(0, 1).map((name) => [name, 'key'])),
    ),
  })
  return {
    house,
    modelOf: nameOf,
    playAs(recording, purpose, playback) {
      playbacks.set(nameOf(recording, purpose), { recording, ...playback })
    },
    async close() {
      await house.close()
      await provider.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface StageRow {
  readonly name: string
  readonly dialect: ProviderRow['dialect']
  readonly isBuiltIn: boolean
  readonly keyNames: readonly string[]
}

/** The provider's own row, with its oddities, where it has one for this dialect; else a provider of the operator's own. */
function rowOf({ provider, dialect }: Recording): StageRow {
  const own = builtInProviders.find(({ name }) => name === provider)
  const speaksBoth = own?.quirks.has('speaks_responses') === true && dialect === 'openai-responses'
  if (own && (own.dialect === dialect || speaksBoth)) {
    return { name: provider, dialect: own.dialect, isBuiltIn: true, keyNames: own.keyNames }
  }
  return { name: `${provider || 'documented'}-${dialect}`, dialect, isBuiltIn: false, keyNames: [] }
}

function settingOf({ dialect, isBuiltIn }: StageRow, baseUrl: string) {
  return isBuiltIn ? { base_url: baseUrl } : { base_url: baseUrl, dialect, auth: 'none' }
}

function cardOf({ dialect }: Recording, provider: string) {
  return {
    provider,
    abilities: ['text', 'streaming', 'system_prompt', 'tools', 'reasoning', 'temperature'],
    context_tokens: 1_000_000,
    max_output_tokens: 100_000,
    quirks: provider.endsWith(dialect) ? [] : quirksOf(dialect),
    prices: [{ valid_from: '2020-01-01', source: 'this test', input: '0.01', output: '0.02' }],
  }
}

/** Of a provider that speaks both of OpenAI's APIs, a recording is an answer in one of them. */
function quirksOf(dialect: Recording['dialect']): readonly string[] {
  if (dialect === 'openai-responses') return ['responses_only']
  return dialect === 'openai-chat' ? ['chat_only'] : []
}
