/** A house with one model of every dialect that can do everything, and a double that looks at what each is sent. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Dialect } from '../../src/core/domain/chat.ts'
import type { Ability, ModelCard } from '../../src/core/domain/model-card.ts'
import type { Target } from '../../src/core/domain/target.ts'
import { builtInProviders } from '../../src/services/llm-adapters/cousins.ts'
import { allAbilities } from '../../src/services/routing-engine/ability-mask.ts'
import { soonWritten } from '../journeys/records.ts'
import { readGoldenRecordings } from '../support/golden-recordings.ts'
import type { RecordedReply, Recording } from '../support/recording.ts'
import { startReplayingProvider } from '../support/replaying-provider.ts'
import type { ReceivedRequest } from '../support/replaying-provider.ts'
import { startHouse } from '../support/running-house.ts'
import type { RunningHouse } from '../support/running-house.ts'

export interface StageModel {
  readonly name: string
  readonly provider: string
  readonly dialect: Dialect
  readonly quirks: readonly string[]
}

/** The models that the matrix is about, one for each dialect. */
export const stageModels: readonly StageModel[] = [
  { name: 'to-chat', provider: 'openai', dialect: 'openai-chat', quirks: ['chat_only'] },
  { name: 'to-responses', provider: 'openai', dialect: 'openai-responses', quirks: ['responses_only'] },
  {
    name: 'to-claude',
    provider: 'anthropic',
    dialect: 'anthropic-messages',
    quirks: ['adaptive_thinking'],
  },
  {
    name: 'to-gemini',
    provider: 'google',
    dialect: 'gemini-generate',
    quirks: ['thinking_level', 'minimal_thinking_level'],
  },
  { name: 'to-command', provider: 'cohere', dialect: 'cohere-chat', quirks: [] },
]

/** Providers that copy chat completions, each in its own way. */
export const cousinModels: readonly StageModel[] = [
  'mistral',
  'deepseek',
  'groq',
  'ollama',
  'openrouter',
].map((provider) => ({ name: `to-${provider}`, provider, dialect: 'openai-chat', quirks: [] }))

const abilities = allAbilities.filter(
  (ability): ability is Ability => !['embeddings', 'rerank', 'moderation'].includes(ability),
)

/** The model as routing and its adapter see it. */
export function targetOf(model: StageModel): Target {
  const row = builtInProviders.find(({ name }) => name === model.provider)
  if (!row) throw new Error(`no provider is named ${model.provider}`)
  const card: ModelCard = {
    name: model.name,
    provider: model.provider,
    providerModel: model.name,
    abilities: new Set(abilities),
    contextTokens: 1_000_000,
    maxOutputTokens: 100_000,
    prices: [],
    quirks: new Set(model.quirks),
  }
  return { provider: { ...row, dialect: model.dialect }, card, model: model.name }
}

export interface TranslationStage {
  readonly house: RunningHouse
  /** What the double received since the last time this was asked. */
  taken(): readonly ReceivedRequest[]
  /** What the double answers from now on, to whatever it is asked; undefined is plain text again. */
  answerWith(reply: RecordedReply | undefined): void
  close(): Promise<void>
}

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

export async function openTranslationStage(): Promise<TranslationStage> {
  const models = [...stageModels, ...cousinModels]
  let position = 0
  let played: RecordedReply | undefined
  const double = await startReplayingProvider({
    recording(request) {
      const plain = answerTo(request)
      return plain && played ? { ...plain, reply: played } : plain
    },
  })
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-translation-'))
  const catalogue = join(directory, 'catalogue.json')
  writeFileSync(catalogue, JSON.stringify({ models: Object.fromEntries(models.map(cardOf)) }))
  const rows = builtInProviders.filter(({ name }) => models.some(({ provider }) => provider === name))
  const providers = Object.fromEntries(
    rows.map(({ name, dialect }) => [name, { base_url: double.baseUrl(dialect) }]),
  )
  const house = await startHouse({
    yaml: `${soonWritten}${settings}providers: ${JSON.stringify(providers)}\ncatalog: {file: ${catalogue}}\n`,
    environment: Object.fromEntries(
      rows.flatMap(({ keyNames }) => keyNames.slice(0, 1).map((name) => [name, 'key'])),
    ),
  })
  return {
    house,
    taken() {
      const taken = double.requests.slice(position)
      position = double.requests.length
      return taken
    },
    answerWith(reply) {
      played = reply
    },
    async close() {
      await house.close()
      await double.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function cardOf({ name, provider, quirks }: StageModel): [string, object] {
  const prices = [{ valid_from: '2020-01-01', source: 'this test', input: '1', output: '2' }]
  return [
    name,
    { provider, abilities, context_tokens: 1_000_000, max_output_tokens: 100_000, quirks, prices },
  ]
}

const answers = readGoldenRecordings().filter(
  ({ expect, reply }) =>
    expect.outcome === 'ok' && reply.status === 200 && expect.text && !expect.toolCalls?.length,
)

function answerTo({ dialect, isStreamed }: ReceivedRequest): Recording | undefined {
  return answers.find((one) => one.dialect === dialect && (one.reply.stream !== undefined) === isStreamed)
}
