/** Where the public lists and our catalogue differ, and what follows from each difference. */
import type { CatalogFile, CatalogModel, CatalogPrice } from '#config/catalog-schema.ts'
import { dollarsOf, priceFields } from './upstream.ts'
import type { Prices, UpstreamList, UpstreamModel, UpstreamPrice } from './upstream.ts'

export type Difference =
  | {
      readonly kind: 'price'
      readonly name: string
      readonly before: CatalogPrice | undefined
      readonly price: UpstreamPrice
      /** The day from which the new version holds. */
      readonly validFrom: string
      readonly source: string
    }
  /** The price was entered by a person from another source; it stays. */
  | {
      readonly kind: 'kept'
      readonly name: string
      readonly before: CatalogPrice
      readonly price: UpstreamPrice
    }
  | {
      readonly kind: 'limit'
      readonly name: string
      readonly field: 'context_tokens' | 'max_output_tokens'
      readonly before: number
      readonly after: number
    }
  /** A person must say what it can do. */
  | { readonly kind: 'new'; readonly provider: string; readonly model: string }
  | { readonly kind: 'gone'; readonly name: string }

export interface UpstreamLists {
  readonly prices: UpstreamList
  /** Has limits; its prices are looked at where the first list has none. */
  readonly limits: UpstreamList | undefined
}

/** Everything that differs, in the catalogue's order. `today` is a day like 2026-11-23. */
export function findDifferences(catalog: CatalogFile, lists: UpstreamLists, today: string): Difference[] {
  const all = lists.limits ? [lists.prices, lists.limits] : [lists.prices]
  const listed = new Set(all.flatMap((list) => list.models.map((model) => model.provider)))
  const used = new Set<UpstreamModel>()
  const found: Difference[] = []
  for (const [name, model] of Object.entries(catalog.models)) {
    if (!listed.has(model.provider)) continue
    const upstream = all.map((list) => ({
      list,
      model: findModel(list, model.provider, wireName(name, model)),
    }))
    for (const { model: match } of upstream) if (match) used.add(match)
    if (upstream.every(({ model: match }) => match === undefined)) found.push({ kind: 'gone', name })
    const priced = upstream.find(({ model: match }) => match !== undefined && match.prices.length > 0)
    if (priced?.model)
      found.push(...priceDifferences({ name, model, list: priced.list, today }, priced.model.prices))
    found.push(...limitDifferences(name, model, upstream[1]?.model))
  }
  return [...found, ...newModels(catalog, lists.prices, used)]
}

/** The name that the lists use: Fireworks puts its models in a folder of an account. */
function wireName(name: string, model: CatalogModel): string {
  return (model.provider_model ?? name).replace(/^accounts\/fireworks\/models\//, '')
}

function findModel(list: UpstreamList, provider: string, name: string): UpstreamModel | undefined {
  const mine = list.models.filter((model) => model.provider === provider)
  return mine.find((model) => model.model === name) ?? mine.find((model) => model.matches(name))
}

interface PricedModel {
  readonly name: string
  readonly model: CatalogModel
  readonly list: UpstreamList
  readonly today: string
}

function priceDifferences(of: PricedModel, prices: readonly UpstreamPrice[]): Difference[] {
  const { name, model, list, today } = of
  const versions = [...model.prices].sort((one, other) => (one.valid_from < other.valid_from ? -1 : 1))
  const current = versions.findLast((version) => version.valid_from <= today)
  const holds = prices.findLast((price) => (price.validFrom ?? '') <= today)
  const found: Difference[] = []
  if (holds && !isSame(current, holds)) {
    if (current && !current.source.startsWith(list.label)) {
      found.push({ kind: 'kept', name, before: current, price: holds })
    } else {
      const began = holds.validFrom ?? today
      const validFrom = current === undefined || began > current.valid_from ? began : today
      found.push({ kind: 'price', name, before: current, price: holds, validFrom, source: list.source })
    }
  }
  for (const price of prices) {
    const { validFrom } = price
    if (validFrom === undefined || validFrom <= today) continue
    const announced = versions.find((version) => version.valid_from === validFrom)
    if (isSame(announced, price)) continue
    if (announced) found.push({ kind: 'kept', name, before: announced, price })
    else found.push({ kind: 'price', name, before: current, price, validFrom, source: list.source })
  }
  return found
}

/** Whether every price that the list states is the one that we have. What it leaves out is ours alone. */
function isSame(ours: CatalogPrice | undefined, theirs: UpstreamPrice): boolean {
  if (!ours || !isSameList(ours, theirs.base)) return false
  if (ours.tiers.length !== theirs.tiers.size) return false
  return ours.tiers.every((tier) => {
    const other = theirs.tiers.get(tier.above_input_tokens)
    return other !== undefined && isSameList(tier, other)
  })
}

function isSameList(ours: Partial<Record<string, unknown>>, theirs: Prices): boolean {
  return priceFields.every((field) => theirs[field] === undefined || dollarsOf(ours[field]) === theirs[field])
}

function limitDifferences(
  name: string,
  model: CatalogModel,
  upstream: UpstreamModel | undefined,
): Difference[] {
  const limits = [
    ['context_tokens', upstream?.contextTokens],
    ['max_output_tokens', upstream?.maxOutputTokens],
  ] as const
  return limits.flatMap(([field, after]) =>
    after === undefined || after === 0 || after === model[field]
      ? []
      : [{ kind: 'limit', name, field, before: model[field], after } as const],
  )
}

function newModels(catalog: CatalogFile, list: UpstreamList, used: ReadonlySet<UpstreamModel>): Difference[] {
  const known = new Set([...Object.keys(catalog.models), ...Object.keys(catalog.aliases)])
  return list.models
    .filter((model) => !used.has(model) && model.prices.length > 0 && !known.has(model.model))
    .filter((model) => !known.has(`${model.provider}/${model.model}`))
    .map(({ provider, model }) => ({ kind: 'new', provider, model }))
}
