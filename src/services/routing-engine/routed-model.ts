/** A model of the table: its card, who would be asked, and what stands in the way when nobody can be. */
import { freePrice } from '#core/domain/model-card.ts'
import type { Ability, ModelCard } from '#core/domain/model-card.ts'
import { waysOf } from '#core/domain/spoken-dialect.ts'
import type { Way } from '#core/domain/spoken-dialect.ts'
import { targetName } from '#core/domain/target.ts'
import type { ProviderRow, Target } from '#core/domain/target.ts'
import { allAbilities, maskOf } from '#services/routing-engine/ability-mask.ts'
import type { OfferedProvider } from '#services/routing-engine/routing-sources.ts'

export interface RoutedModel {
  readonly card: ModelCard
  /** Undefined when nobody can be asked. */
  readonly target: Target | undefined
  /** The target alone, as a ready-made answer. */
  readonly targets: readonly Target[]
  readonly targetName: string
  /** The dialects in which it can be asked; empty when nobody can be. */
  readonly ways: readonly Way[]
  readonly abilityMask: number
  /** 0 when nobody measured. */
  readonly quality: number
  /** Infinity when no end is known. */
  readonly retiresAtMs: number
  /** Why nobody can be asked; undefined when somebody can. */
  readonly obstacle: { readonly detail: string; readonly mend: string } | undefined
}

/** What a model that nobody described is taken to be: the provider knows better and will say so. */
const unknownContextTokens = 1_000_000
const unknownMaxOutputTokens = 128_000
const unknownAbilities: ReadonlySet<Ability> = new Set(allAbilities)

/** A card for a name that only the provider knows. */
export function unknownCard(name: string, providerModel: string, offer: OfferedProvider): ModelCard {
  return {
    name,
    provider: offer.row.name,
    providerModel,
    abilities: unknownAbilities,
    contextTokens: unknownContextTokens,
    maxOutputTokens: unknownMaxOutputTokens,
    // Own hardware: nothing is owed for its answers.
    prices: offer.isFree === true ? [freePrice] : [],
    quirks: new Set(),
  }
}

/** Joins a card to whoever answers for it: its provider, the simulated one, or nobody. */
export function routeModel(
  card: ModelCard,
  offer: OfferedProvider | undefined,
  simulated: ProviderRow | undefined,
): RoutedModel {
  const priced = offer?.isFree === true && card.prices.length === 0 ? { ...card, prices: [freePrice] } : card
  const isOffered = offer === undefined || isListed(card, offer)
  const target = isOffered ? targetOf(priced, offer, simulated) : undefined
  return {
    card: priced,
    target,
    targets: target ? [target] : [],
    targetName: target ? targetName(target) : '',
    ways: target ? waysOf(target) : [],
    abilityMask: maskOf(card.abilities),
    quality: card.quality ?? 0,
    retiresAtMs: card.retiresOn === undefined ? Number.POSITIVE_INFINITY : endOf(card.retiresOn),
    obstacle: target ? undefined : obstacleOf(card, offer, isOffered),
  }
}

function isListed(card: ModelCard, { models }: OfferedProvider): boolean {
  return models === undefined || models.includes(card.name) || models.includes(card.providerModel)
}

function targetOf(
  card: ModelCard,
  offer: OfferedProvider | undefined,
  simulated: ProviderRow | undefined,
): Target | undefined {
  if (offer?.state === 'live') return { provider: offer.row, card, model: card.providerModel }
  if (offer?.state === 'disabled' || !simulated) return undefined
  return { provider: simulated, card, model: card.name }
}

function obstacleOf(card: ModelCard, offer: OfferedProvider | undefined, isOffered: boolean) {
  if (!offer) {
    return {
      detail: `${card.name} is a model of ${card.provider}, which is not configured here.`,
      mend: `Configure the provider ${card.provider}, or choose another model.`,
    }
  }
  const { row } = offer
  if (offer.state === 'disabled' || !isOffered) {
    return {
      detail: `${card.name} of ${row.title} is not offered here.`,
      mend: `Choose another model, or enable it under providers.${row.name} in the settings.`,
    }
  }
  if (row.auth === 'none' || row.baseUrl === '') {
    return {
      detail: `${card.name} is a model of ${row.title}, whose address is not set here.`,
      mend: `State base_url under providers.${row.name} in the settings, or choose another model.`,
    }
  }
  const names = row.vaultKeyName === undefined ? row.keyNames : [row.vaultKeyName]
  return {
    detail: `${card.name} is a model of ${row.title}, whose key is not set here.`,
    mend: names.length > 0 ? `Set ${names.join(' or ')}, or choose another model.` : 'Choose another model.',
  }
}

/** The end of a day written as YYYY-MM-DD, UTC; a date that is none never comes. */
function endOf(date: string): number {
  const startMs = Date.parse(date)
  return Number.isNaN(startMs) ? Number.POSITIVE_INFINITY : startMs + 86_400_000
}
