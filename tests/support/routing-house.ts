// A small catalogue and its providers, for tests of routing.
import { noFeatures } from '../../src/core/domain/feature.ts'
import type { Ability, ModelCard } from '../../src/core/domain/model-card.ts'
import type { ProviderRow } from '../../src/core/domain/target.ts'
import type { OfferedProvider, RoutingSources } from '../../src/services/routing-engine/routing-sources.ts'
import type { RoutingWish } from '../../src/services/routing-engine/routing-wish.ts'

const nanoPerUsd = 1_000_000_000

export interface CardWish extends Partial<Omit<ModelCard, 'abilities'>> {
  readonly can?: readonly Ability[]
  /** US dollars per million tokens, input and output; undefined is unknown. */
  readonly usd?: readonly [number, number] | undefined
}

/** `card('openai/gpt-4o')` is the catalogue's gpt-4o of openai. */
export function card(place: string, { can = [], usd = [1, 2], ...rest }: CardWish = {}): ModelCard {
  const [provider = '', name = ''] = place.split('/')
  const [input, output] = usd
  return {
    name,
    provider,
    providerModel: name,
    abilities: new Set<Ability>(['text', 'streaming', ...can]),
    contextTokens: 128_000,
    maxOutputTokens: 16_000,
    quality: 0.7,
    prices: [
      {
        id: 'p',
        validFromMs: 0,
        base: { input: input * nanoPerUsd, output: output * nanoPerUsd },
        tiers: [],
      },
    ],
    quirks: new Set(),
    ...rest,
  }
}

export function row(name: string, changes: Partial<ProviderRow> = {}): ProviderRow {
  return {
    name,
    title: name,
    dialect: 'openai-chat',
    baseUrl: `https://${name}.example/v1`,
    auth: { header: 'authorization', prefix: 'Bearer ' },
    keyNames: [`${name.toUpperCase()}_API_KEY`],
    headers: {},
    quirks: new Set(),
    isSimulated: false,
    ...changes,
  }
}

export const simulatedRow = row('simulated', { auth: 'none', baseUrl: 'simulated:', isSimulated: true })

export const live = (name: string, changes: Partial<OfferedProvider> = {}): OfferedProvider => ({
  row: row(name),
  state: 'live',
  ...changes,
})

export interface SourcesWish extends Partial<Omit<RoutingSources, 'settings' | 'catalogue'>> {
  readonly models: readonly ModelCard[]
  readonly catalogueAliases?: Readonly<Record<string, string>>
  readonly aliases?: Readonly<Record<string, string>>
  readonly routes?: RoutingSources['settings']['routes']
  readonly defaultRoute?: string
  readonly ceilingPrice?: RoutingSources['settings']['ceilingPrice']
}

/** Sources in which every provider of the models is live unless others are given. */
export function sources(wish: SourcesWish): RoutingSources {
  const names = [...new Set(wish.models.map(({ provider }) => provider))]
  return {
    catalogue: { models: wish.models, aliases: new Map(Object.entries(wish.catalogueAliases ?? {})) },
    settings: {
      defaultRoute: wish.defaultRoute ?? 'auto',
      routes: wish.routes ?? new Map(),
      aliases: new Map(Object.entries(wish.aliases ?? {})),
      ceilingPrice: wish.ceilingPrice,
    },
    providers: wish.providers ?? names.map((name) => live(name)),
    simulated: wish.simulated,
  }
}

export function wish(changes: Partial<RoutingWish> = {}): RoutingWish {
  return {
    modelAsked: undefined,
    fallbacks: [],
    needs: new Set(),
    features: noFeatures,
    nativeDialect: undefined,
    inputTokens: 1_000,
    outputTokens: 0,
    taskType: undefined,
    quality: undefined,
    allowedModels: undefined,
    dialect: undefined,
    seed: 0.5,
    nowMs: Date.parse('2026-11-23'),
    signalOf: () => ({ isAvailable: true, successRate: undefined, latencyMs: undefined }),
    ...changes,
  }
}
