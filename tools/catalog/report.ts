/** Differences as lines that a person reads before taking them over. */
import { formatUsd } from '#core/domain/money.ts'
import type { CatalogPrice } from '#config/catalog-schema.ts'
import type { Difference } from './differences.ts'
import { dollarsOf, priceFields } from './upstream.ts'
import type { UpstreamPrice } from './upstream.ts'

const titles = {
  price: 'Prices that changed',
  kept: 'Prices entered by hand that the list states otherwise (they stay)',
  limit: 'Limits that changed',
  gone: 'Models that are in no list',
  new: 'Models that the catalogue does not have (add them by hand: a person must say what they can do)',
} as const satisfies Record<Difference['kind'], string>

/** One section for each kind; models that are new are only counted, unless they are asked for. */
export function reportOf(differences: readonly Difference[], showsNew: boolean): string {
  const sections = Object.entries(titles).flatMap(([kind, title]) => {
    const mine = differences.filter((difference) => difference.kind === kind)
    if (mine.length === 0) return []
    const lines = kind === 'new' && !showsNew ? ['run with --all to see them'] : mine.map(lineOf)
    return [`${title}: ${mine.length}`, ...lines.map((line) => `  ${line}`), '']
  })
  return sections.length === 0 ? 'The catalogue and the lists agree.\n' : sections.join('\n')
}

function lineOf(difference: Difference): string {
  switch (difference.kind) {
    case 'price':
      return `${difference.name} from ${difference.validFrom}: ${priceChanges(difference.before, difference.price)}`
    case 'kept':
      return `${difference.name}: ${priceChanges(difference.before, difference.price)}`
    case 'limit':
      return `${difference.name}: ${difference.field} ${difference.before} -> ${difference.after}`
    case 'new':
      return `${difference.provider}/${difference.model}`
    case 'gone':
      return difference.name
  }
}

function priceChanges(before: CatalogPrice | undefined, after: UpstreamPrice): string {
  const changes = priceFields.flatMap((field) => {
    const theirs = after.base[field]
    const ours = dollarsOf(before?.[field])
    if (theirs === undefined || ours === theirs) return []
    return [`${field} ${ours === undefined ? 'unknown' : formatUsd(ours)} -> ${formatUsd(theirs)}`]
  })
  return changes.length > 0 ? changes.join(', ') : 'long-context tiers'
}
