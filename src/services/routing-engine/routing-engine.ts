/** The routing engine: from a wished name to the targets to ask, best first, decided by what is known and nothing else. */
import type { ModelCard } from '#core/domain/model-card.ts'
import { choose } from '#services/routing-engine/choose.ts'
import { permitsOf } from '#services/routing-engine/model-patterns.ts'
import { buildTable } from '#services/routing-engine/model-table.ts'
import type { ModelTable } from '#services/routing-engine/model-table.ts'
import type { RoutingSources } from '#services/routing-engine/routing-sources.ts'
import type { RoutingChoice, RoutingWish } from '#services/routing-engine/routing-wish.ts'

export interface RoutingEngine {
  /**
   * A pure function of the wish, its signals and the sources: the same inputs give the same targets.
   * Throws `model_not_found`, `no_capable_model`, `unsupported_feature`, `context_length_exceeded`,
   * `provider_not_configured`, `model_not_permitted`.
   */
  choose(wish: RoutingWish): RoutingChoice
  /** New settings, catalogue or providers, taken whole. Throws `config_invalid` and keeps the old ones then. */
  refresh(sources: RoutingSources): void
  /** Every model and route that a caller with these patterns may name. */
  names(allowedModels: readonly string[] | undefined): readonly NamedModel[]
}

export interface NamedModel {
  /** What callers write in `model`. */
  readonly name: string
  /** Undefined for a route, which chooses among models. */
  readonly card: ModelCard | undefined
  readonly aliases: readonly string[]
  /** Whether somebody, real or simulated, can be asked now. */
  readonly isAvailable: boolean
  readonly isSimulated: boolean
}

/** Throws `config_invalid` when an alias or a route of the sources leads nowhere. */
export function createRoutingEngine(sources: RoutingSources): RoutingEngine {
  let table = buildTable(sources)
  return {
    choose: (wish) => choose(table, wish),
    refresh(next) {
      table = buildTable(next)
    },
    names: (allowedModels) => namesOf(table, allowedModels),
  }
}

function namesOf(table: ModelTable, allowedModels: readonly string[] | undefined): readonly NamedModel[] {
  const permits = permitsOf(allowedModels)
  const named: NamedModel[] = []
  for (const model of table.models) {
    if (!permits.model(model)) continue
    named.push({
      name: model.card.name,
      card: model.card,
      aliases: table.aliasesOf.get(model.card.name) ?? [],
      isAvailable: model.target !== undefined,
      isSimulated: model.target?.provider.isSimulated ?? false,
    })
  }
  for (const route of table.routes.values()) {
    const members = route.members ?? table.askable
    const usable = members.filter(
      ({ model }) => model.target && (permits.route(route.name) || permits.model(model)),
    )
    if (usable.length === 0 && !permits.route(route.name)) continue
    named.push({
      name: route.name,
      card: undefined,
      aliases: table.aliasesOf.get(route.name) ?? [],
      isAvailable: usable.length > 0,
      isSimulated: usable.length > 0 && usable.every(({ model }) => model.target?.provider.isSimulated),
    })
  }
  return named
}
