/** A model or route as callers may name it: found by any of its names. */
import type { ModelCard } from '#core/domain/model-card.ts'
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ListedModel } from '#http/ports.ts'

/** By its name, an alias, or its provider and name. Throws `model_not_found` with the nearest names. */
export function findListed(models: readonly ListedModel[], wanted: string): ListedModel {
  const found = models.find((listed) => isNamed(listed, wanted))
  if (found) return found
  throw new Problem('model_not_found', {
    param: 'model',
    detail: `No model or route has the name "${wanted.slice(0, 128)}".`,
    nearest: nearestNames(
      wanted,
      models.map((listed) => listed.name),
    ),
  })
}

function isNamed({ name, aliases, card }: ListedModel, wanted: string): boolean {
  if (name === wanted || aliases.includes(wanted)) return true
  return card !== undefined && `${card.provider}/${card.name}` === wanted
}

/** When the model came out, in milliseconds since 1970; 0 when unknown. */
export function releasedAtMs(card: ModelCard | undefined): number {
  const atMs = card?.releasedOn === undefined ? Number.NaN : Date.parse(card.releasedOn)
  return Number.isNaN(atMs) ? 0 : atMs
}
