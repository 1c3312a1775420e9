/** The table of everything that can be asked for by name: built once for each set of sources, then only read. */
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'
import { followAliases } from '#services/routing-engine/alias-chain.ts'
import { meaningOfModels, underAlias } from '#services/routing-engine/meaning.ts'
import type { Meaning, Member, Route } from '#services/routing-engine/meaning.ts'
import { unlistedModel } from '#services/routing-engine/provider-name.ts'
import { routeModel, unknownCard } from '#services/routing-engine/routed-model.ts'
import type { RoutedModel } from '#services/routing-engine/routed-model.ts'
import type {
  OfferedProvider,
  RouteSetting,
  RoutingSources,
} from '#services/routing-engine/routing-sources.ts'
import { usualQualityFloor } from '#services/routing-engine/task-quality.ts'

export interface ModelTable {
  readonly meanings: ReadonlyMap<string, Meaning>
  readonly models: readonly RoutedModel[]
  /**
   * Where routes without members choose: models that can be asked and paid for, real ones where there are any,
   * else simulated ones.
   */
  readonly askable: readonly Member[]
  readonly routes: ReadonlyMap<string, Route>
  /** Other names by model or route, for listings. */
  readonly aliasesOf: ReadonlyMap<string, readonly string[]>
  readonly offers: ReadonlyMap<string, OfferedProvider>
  readonly defaultRoute: string
  readonly ceilingPrice: PriceVersion | undefined
}

const builtInRoutes: readonly Route[] = [
  { name: 'auto', strategy: 'cheapest', members: undefined, usualFloor: usualQualityFloor },
  { name: 'auto:cheap', strategy: 'cheapest', members: undefined, usualFloor: 0 },
  { name: 'auto:fast', strategy: 'fastest', members: undefined, usualFloor: 0.5 },
  { name: 'auto:best', strategy: 'best', members: undefined, usualFloor: 0 },
]

/** Throws `config_invalid` when an alias, a route or the default route leads nowhere. */
export function buildTable({ catalogue, settings, providers, simulated }: RoutingSources): ModelTable {
  const offers = new Map(providers.map((offer) => [offer.row.name, offer]))
  const cards = [...catalogue.models, ...cardsOfListed(catalogue.models, providers)]
  const models = cards.map((card) => routeModel(card, offers.get(card.provider), simulated))
  const named = nameModels(models, catalogue.aliases)
  const cardNames = new Set(cards.map(({ name }) => name))
  // A catalogue alias with a model's own name says what follows once that model has retired; see meaning.ts.
  const aliases = new Map([...catalogue.aliases].filter(([name]) => !cardNames.has(name)))
  for (const [name, meant] of settings.aliases) aliases.set(name, meant)

  const routes = new Map(builtInRoutes.map((route) => [route.name, route]))
  const memberOf = (name: string, param: string): RoutedModel => {
    const meant = followAliases(aliases, name)
    const meaning = named.get(meant)
    const model = meaning?.kind === 'models' ? meaning.models[0] : unlistedModel(meant, offers)
    if (!model) throw leadsNowhere(param, name, [...named.keys()])
    return model
  }
  for (const [name, setting] of settings.routes) routes.set(name, routeOf(name, setting, memberOf))
  for (const route of routes.values()) named.set(route.name, { kind: 'route', route })

  const meanings = new Map(named)
  const aliasesOf = new Map<string, string[]>()
  for (const alias of aliases.keys()) {
    const meant = followAliases(aliases, alias)
    const meaning = named.get(meant) ?? meaningOfUnlisted(meant, offers)
    if (!meaning) throw leadsNowhere(`routing.aliases.${alias}`, meant, [...named.keys()])
    meanings.set(alias, underAlias(meaning, alias))
    const target = meaning.kind === 'route' ? meaning.route.name : (meaning.models[0]?.card.name ?? meant)
    aliasesOf.set(target, [...(aliasesOf.get(target) ?? []), alias])
  }
  const { defaultRoute, ceilingPrice } = settings
  if (!meanings.has(defaultRoute) && !unlistedModel(defaultRoute, offers)) {
    throw leadsNowhere('routing.default_route', defaultRoute, [...meanings.keys()])
  }
  return {
    meanings,
    models,
    askable: askableOf(models, ceilingPrice),
    routes,
    aliasesOf,
    offers,
    defaultRoute,
    ceilingPrice,
  }
}

/** Cards for models that the operator lists and the catalogue does not know. */
function cardsOfListed(
  known: readonly ModelCard[],
  providers: readonly OfferedProvider[],
): readonly ModelCard[] {
  return providers.flatMap((offer) => {
    const provider = offer.row.name
    const own = known.filter((card) => card.provider === provider)
    const missing = (offer.models ?? []).filter(
      (name) => !own.some((card) => card.name === name || card.providerModel === name),
    )
    return missing.map((name) => unknownCard(`${provider}/${name}`, name, offer))
  })
}

/** Every catalogue name, `provider/name`, and the bare names of listed models that nobody else has. */
function nameModels(
  models: readonly RoutedModel[],
  catalogueAliases: ReadonlyMap<string, string>,
): Map<string, Meaning> {
  const named = new Map<string, Meaning>()
  const byMirrorName = new Map<string, RoutedModel[]>()
  for (const model of models) {
    for (const key of new Set([model.card.name, model.card.providerModel].map(mirrorNameOf))) {
      byMirrorName.set(key, [...(byMirrorName.get(key) ?? []), model])
    }
  }
  for (const model of models) {
    const { name } = model.card
    if (named.has(name)) {
      throw new Problem('config_invalid', { detail: `The catalogue has two models named "${name}".` })
    }
    const isPinned = name.startsWith(`${model.card.provider}/`)
    const equals = isPinned ? [] : (byMirrorName.get(mirrorNameOf(name)) ?? [])
    const mirrors = equals.filter(
      (other) => other.card.provider !== model.card.provider && other.target?.provider.isSimulated === false,
    )
    const isOutdone = mirrors.length > 0 && model.target?.provider.isSimulated === true
    const candidates = isOutdone ? mirrors : [model, ...mirrors]
    named.set(name, meaningOfModels(candidates, catalogueAliases.get(name)))
  }
  for (const model of models) {
    const { name, provider, providerModel } = model.card
    const alone = meaningOfModels([model], catalogueAliases.get(name))
    for (const other of [`${provider}/${name}`, `${provider}/${providerModel}`, providerModel]) {
      if (!named.has(other)) named.set(other, alone)
    }
  }
  return named
}

/** What the same model is called wherever it is served: the last piece of its name, `4.5` and `4-5` alike. */
function mirrorNameOf(name: string): string {
  return name
    .slice(name.lastIndexOf('/') + 1)
    .toLowerCase()
    .replaceAll('.', '-')
}

function routeOf(
  name: string,
  { strategy, targets }: RouteSetting,
  memberOf: (name: string, param: string) => RoutedModel,
): Route {
  const param = `routing.routes.${name}.targets`
  if (targets.length === 0 && (strategy === 'ordered' || strategy === 'weighted')) {
    throw new Problem('config_invalid', { detail: `The route "${name}" needs targets.`, param })
  }
  const members = targets.map(({ model, weight }) => ({ model: memberOf(model, param), weight }))
  return { name, strategy, members: members.length > 0 ? members : undefined, usualFloor: 0 }
}

function meaningOfUnlisted(name: string, offers: ReadonlyMap<string, OfferedProvider>): Meaning | undefined {
  const model = unlistedModel(name, offers)
  return model && meaningOfModels([model])
}

function askableOf(
  models: readonly RoutedModel[],
  ceilingPrice: PriceVersion | undefined,
): readonly Member[] {
  const askable = models.filter(
    ({ target, card }) => target !== undefined && (card.prices.length > 0 || ceilingPrice !== undefined),
  )
  const real = askable.filter(({ target }) => target?.provider.isSimulated === false)
  // Simulated, the operator's own hardware would always be the cheapest, though there is none.
  const priced = askable.filter(({ card }) => !isFree(card))
  const chosen = real.length > 0 ? real : priced.length > 0 ? priced : askable
  return chosen.map((model) => ({ model, weight: 1 }))
}

function isFree({ prices }: ModelCard): boolean {
  const base = prices.at(-1)?.base
  return base !== undefined && base.input === 0 && base.output === 0 && !base.perSearchUnitNanoUsd
}

function leadsNowhere(param: string, name: string, known: readonly string[]): Problem {
  return new Problem('config_invalid', {
    detail: `${param} names "${name}", which is no model or route here.`,
    param,
    nearest: nearestNames(name, known, 5),
  })
}
