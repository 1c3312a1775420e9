/** The price book: which price holds for a model, a tenant and a moment, with the operator's own prices and margins. */
import type { Margin } from '#core/domain/margin.ts'
import { isValidAt, priceAt } from '#core/domain/model-card.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { scaledPrice } from '#core/domain/service-tier.ts'

/** What a rule is for; undefined is any. */
interface RuleScope {
  readonly provider?: string | undefined
  /** The catalogue's name or the provider's. */
  readonly model?: string | undefined
  readonly validFromMs: number
  readonly validToMs?: number | undefined
}

/** A price of the operator's own: whole, or a factor in millionths on whatever the catalogue says. */
export type OwnPrice = RuleScope &
  (
    | { readonly kind: 'whole'; readonly model: string; readonly version: PriceVersion }
    | { readonly kind: 'factor'; readonly id: string; readonly millionths: number }
  )

export interface MarginRule extends RuleScope {
  readonly tenantId?: string | undefined
  readonly margin: Margin
}

export interface PriceTerms {
  readonly ownPrices: readonly OwnPrice[]
  readonly margins: readonly MarginRule[]
  /** Stands in for an unknown price; undefined where such a model is refused. */
  readonly ceilingPrice: PriceVersion | undefined
}

export interface PriceBook {
  /** The price that answers of a model to a tenant are held and charged by; undefined when nobody knows it. */
  priceFor(card: ModelCard, tenantId: string, momentMs: number): PriceVersion | undefined
}

export function createPriceBook({ ownPrices, margins, ceilingPrice }: PriceTerms): PriceBook {
  const marginOf = marginChooser(margins)
  const ownPriceOf = ownPriceChooser(ownPrices)
  const charged = withMargins()
  return {
    priceFor(card, tenantId, momentMs) {
      const cost = ownPriceOf(card, momentMs) ?? priceAt(card, momentMs) ?? ceilingPrice
      const margin = cost && marginOf(card, tenantId, momentMs)
      return margin ? charged(cost, margin) : cost
    },
  }
}

/** The card with the operator's own prices after those of the catalogue, so that they count where they are valid. */
export function withOwnPrices(card: ModelCard, ownPrices: readonly OwnPrice[]): ModelCard {
  const own = ownPrices.filter((price) => isAbout(price, card))
  if (own.length === 0) return card
  const added = own.flatMap((price) =>
    price.kind === 'whole'
      ? [price.version]
      : card.prices.flatMap((version) => scaledVersion(version, price)),
  )
  return { ...card, prices: [...card.prices, ...added] }
}

/** The part of a version's time that lies within the rule's. */
function scaledVersion(
  version: PriceVersion,
  { id, millionths, validFromMs, validToMs }: Extract<OwnPrice, { kind: 'factor' }>,
): readonly PriceVersion[] {
  const from = Math.max(version.validFromMs, validFromMs)
  const to = Math.min(version.validToMs ?? Number.POSITIVE_INFINITY, validToMs ?? Number.POSITIVE_INFINITY)
  if (from >= to) return []
  const services = version.services && [...version.services]
  return [
    {
      ...version,
      ...scaledPrice(version, millionths),
      id: `${version.id}*${id}`,
      validFromMs: from,
      validToMs: to === Number.POSITIVE_INFINITY ? undefined : to,
      services: services && new Map(services.map(([word, price]) => [word, scaledPrice(price, millionths)])),
    },
  ]
}

/** A model that only its provider knows has no card of the catalogue to lay the operator's price over. */
function ownPriceChooser(ownPrices: readonly OwnPrice[]) {
  const byModel = new Map<string, OwnPrice[]>()
  for (const price of ownPrices) {
    if (price.kind !== 'whole') continue
    const known = byModel.get(price.model)
    if (known) known.push(price)
    else byModel.set(price.model, [price])
  }
  if (byModel.size === 0) return () => undefined
  return (card: ModelCard, momentMs: number): PriceVersion | undefined => {
    const own = byModel.get(card.name) ?? byModel.get(card.providerModel) ?? []
    let found: PriceVersion | undefined
    for (const price of own) {
      if (price.kind === 'whole' && isAbout(price, card) && isValidAt(price, momentMs)) found = price.version
    }
    return found
  }
}

function isAbout({ provider, model }: RuleScope, card: ModelCard): boolean {
  if (provider !== undefined && provider !== card.provider) return false
  return model === undefined || model === card.name || model === card.providerModel
}

/** The most particular rule: one for the tenant before any other, then one for the model, then one for the provider. */
function marginChooser(rules: readonly MarginRule[]) {
  if (rules.length === 0) return () => undefined
  const byTenant = new Map<string | undefined, MarginRule[]>()
  for (const rule of rules) {
    const known = byTenant.get(rule.tenantId)
    if (known) known.push(rule)
    else byTenant.set(rule.tenantId, [rule])
  }
  const none: readonly MarginRule[] = []
  return (card: ModelCard, tenantId: string, momentMs: number): Margin | undefined =>
    bestOf(byTenant.get(tenantId) ?? none, card, momentMs) ??
    bestOf(byTenant.get(undefined) ?? none, card, momentMs)
}

/** Of several that are as particular, the one stated last. */
function bestOf(rules: readonly MarginRule[], card: ModelCard, momentMs: number): Margin | undefined {
  let best: MarginRule | undefined
  let rank = -1
  for (const rule of rules) {
    if (!isAbout(rule, card) || !isValidAt(rule, momentMs)) continue
    const own = (rule.model === undefined ? 0 : 2) + (rule.provider === undefined ? 0 : 1)
    if (own >= rank) {
      best = rule
      rank = own
    }
  }
  return best?.margin
}

/** Each pair of a price and a margin is joined once. */
function withMargins() {
  const known = new WeakMap<PriceVersion, Map<Margin, PriceVersion>>()
  return (price: PriceVersion, margin: Margin): PriceVersion => {
    let joined = known.get(price)
    if (!joined) {
      joined = new Map()
      known.set(price, joined)
    }
    let version = joined.get(margin)
    if (!version) {
      version = { ...price, margin, id: `${price.id}+${margin.id}` }
      joined.set(margin, version)
    }
    return version
  }
}
