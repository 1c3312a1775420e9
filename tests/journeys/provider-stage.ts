/** A house whose four providers are one double that plays recordings: who is asked, with which key, at which price. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import OpenAI from 'openai'
import type { Dialect } from '#core/domain/chat.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import type { ExpectedUsage, Recording } from '#tests/support/recording.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { Playback, ReceivedRequest, ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

/** US dollars for a million tokens, as they stand in catalogue.yaml. */
export interface Asking {
  readonly dialect: Dialect
  readonly provider: string
  readonly model: string
  readonly providerModel: string
  readonly key: string
  readonly usd: {
    readonly input: number
    readonly output: number
    readonly cached?: number
    readonly cacheWrite?: number
    readonly perToolUse?: Readonly<Record<string, number>>
  }
  /** What the provider must have received. */
  readonly path: (isStreamed: boolean) => string
  readonly keyHeader: readonly [name: string, value: string]
}

const keys = {
  openai: 'sk-openai-of-this-test',
  anthropic: 'sk-ant-of-this-test',
  google: 'AIza-of-this-test',
  cohere: 'co-of-this-test',
} as const

export const askings: readonly Asking[] = [
  {
    dialect: 'openai-chat',
    provider: 'openai',
    model: 'talking-gpt',
    providerModel: 'talking-gpt-2026',
    key: keys.openai,
    usd: { input: 2, output: 9, cached: 0.2, cacheWrite: 2.5, perToolUse: { web_search: 0.01 } },
    path: () => '/v1/chat/completions',
    keyHeader: ['authorization', `Bearer ${keys.openai}`],
  },
  {
    dialect: 'openai-responses',
    provider: 'openai',
    model: 'thinking-gpt',
    providerModel: 'thinking-gpt',
    key: keys.openai,
    usd: { input: 3, output: 11, cached: 0.3, cacheWrite: 3.5, perToolUse: { web_search: 0.02 } },
    path: () => '/v1/responses',
    keyHeader: ['authorization', `Bearer ${keys.openai}`],
  },
  {
    dialect: 'anthropic-messages',
    provider: 'anthropic',
    model: 'some-claude',
    providerModel: 'some-claude-20260101',
    key: keys.anthropic,
    usd: { input: 5, output: 25, cached: 0.5, cacheWrite: 6.25, perToolUse: { web_search: 0.01 } },
    path: () => '/v1/messages',
    keyHeader: ['x-api-key', keys.anthropic],
  },
  {
    dialect: 'gemini-generate',
    provider: 'google',
    model: 'some-gemini',
    providerModel: 'some-gemini-001',
    key: keys.google,
    usd: { input: 0.3, output: 2.5, cached: 0.03, perToolUse: { google_search: 0.014 } },
    path: (isStreamed) =>
      `/v1beta/models/some-gemini-001:${isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    keyHeader: ['x-goog-api-key', keys.google],
  },
  {
    dialect: 'cohere-chat',
    provider: 'cohere',
    model: 'some-command',
    providerModel: 'some-command-2026',
    key: keys.cohere,
    usd: { input: 2.5, output: 10 },
    path: () => '/v2/chat',
    keyHeader: ['authorization', `Bearer ${keys.cohere}`],
  },
]

export function askingOf(dialect: Dialect): Asking {
  const asking = askings.find((one) => one.dialect === dialect)
  assert.ok(asking)
  return asking
}

/** Of the cousins that speak a provider's protocol, each has its own row and its own oddities. */
const ownProviders: Readonly<Record<string, readonly string[]>> = {
  'openai-chat': ['openai'],
  'openai-responses': ['openai'],
  'anthropic-messages': ['anthropic'],
  'gemini-generate': ['google', 'vertex'],
  'cohere-chat': ['cohere'],
}

/**
 * The golden recordings of a provider itself, without those that may be refused as well as read, and without those that
 * say of words that they were made of nothing: these are charged by an estimate.
 */
export function recordingsOf({ dialect }: Asking): readonly Recording[] {
  return readGoldenRecordings(dialect).filter(
    ({ provider, expect }) =>
      ownProviders[dialect]?.includes(provider) &&
      expect.acceptAlso === undefined &&
      !(expect.usage?.outputTokens === 0 && expect.toolCalls?.length),
  )
}

export interface ProviderStage {
  readonly house: RunningHouse
  readonly provider: ReplayingProvider
  readonly client: OpenAI
  /** What the double answers from now on, in turn; the last one again and again. */
  play(...playbacks: readonly (Playback | Recording)[]): void
  /** The requests that the double received since the last `play`. */
  received(): readonly ReceivedRequest[]
  close(): Promise<void>
}

export const catalogueFile = join(import.meta.dirname, 'catalogue.yaml')

/** Without retries, breakers and cache unless the settings say otherwise: each question is one call. */
export async function openStage(
  settings = quietSettings,
  environment: Readonly<Record<string, string>> = {},
): Promise<ProviderStage> {
  let playbacks: readonly (Playback | Recording)[] = []
  let playedFrom = 0
  const provider = await startReplayingProvider({
    recording: () => {
      const turn = provider.requests.length - playedFrom - 1
      return playbacks[Math.min(turn, playbacks.length - 1)]
    },
  })
  const addresses = askings
    .filter(({ dialect }) => dialect !== 'openai-responses')
    .map(({ provider: name, dialect }) => `  ${name}: {base_url: "${provider.baseUrl(dialect)}"}`)
  const house = await startHouse({
    yaml: `${soonWritten}${settings}providers:\n${addresses.join('\n')}\ncatalog: {file: ${catalogueFile}}\n`,
    environment: {
      OPENAI_API_KEY: keys.openai,
      ANTHROPIC_API_KEY: keys.anthropic,
      GEMINI_API_KEY: keys.google,
      COHERE_API_KEY: keys.cohere,
      ...environment,
    },
  })
  return {
    house,
    provider,
    client: new OpenAI({ baseURL: `${house.address}/v1`, apiKey: 'callers-own-text', maxRetries: 0 }),
    play(...next) {
      playbacks = next
      playedFrom = provider.requests.length
    },
    received: () => provider.requests.slice(playedFrom),
    async close() {
      await house.close()
      await provider.close()
    },
  }
}

export const quietSettings = `
cache: {enabled: false}
resilience: {attempts_per_target: 1, cool_down: {max_ms: 0}, breaker: {minimum_requests: 1000000}}
rescue: {policy: error}
`

/** What an answer costs in nano-dollars, worked out from the catalogue's prices and what the recording counted. */
export function expectedCost({ usd }: Asking, { expect }: Recording, usage: ExpectedUsage): number {
  const tokens = (count: number, usdPerMillion: number) =>
    Math.ceil((count * usdPerMillion * 1e9) / 1e6 - 1e-6)
  if (usage.billed)
    return tokens(usage.billed.inputTokens, usd.input) + tokens(usage.billed.outputTokens, usd.output)
  const cached = usd.cached === undefined ? 0 : Math.min(usage.cachedInputTokens, usage.inputTokens)
  const written = usd.cacheWrite === undefined ? 0 : usage.cacheWriteTokens
  const fees = Object.entries(usage.serverToolUses ?? usesOf(expect.serverTools ?? [])).map(
    ([tool, uses]) => (usd.perToolUse?.[tool] ?? 0) * uses,
  )
  return (
    tokens(usage.inputTokens - cached - written, usd.input) +
    tokens(cached, usd.cached ?? 0) +
    tokens(written, usd.cacheWrite ?? 0) +
    tokens(usage.outputTokens, usd.output) +
    Math.round(fees.reduce((sum, fee) => sum + fee, 0) * 1e9)
  )
}

/** Where the provider counts no uses of its tools, each call that it shows is one. */
function usesOf(serverTools: readonly string[]): Readonly<Record<string, number>> {
  const uses: Record<string, number> = {}
  for (const name of serverTools) {
    const tool = name === 'GOOGLE_SEARCH_WEB' ? 'google_search' : name.replace(/_call$/, '')
    uses[tool] = (uses[tool] ?? 0) + 1
  }
  return uses
}

/** The provider saw its own path, its key and nothing of the caller's. */
export function assertAskedRightly(asking: Asking, request: ReceivedRequest | undefined): void {
  assert.ok(request, 'the provider was asked')
  assert.equal(request.method, 'POST')
  assert.equal(request.path, asking.path(request.isStreamed))
  const [name, value] = asking.keyHeader
  assert.equal(request.headers[name], value)
  const others = Object.values(keys).filter((key) => key !== asking.key)
  const everything = JSON.stringify(request.headers) + request.bodyText
  for (const secret of [...others, 'callers-own-text']) assert.ok(!everything.includes(secret), secret)
  for (const header of Object.keys(request.headers)) {
    assert.doesNotMatch(header, /^x-signalbox|^cookie$|^x-forwarded/)
  }
  assert.match(request.headers['content-type'] ?? '', /^application\/json/)
}
