/** The decision itself: which targets, in which order, and why. */
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'
import { targetName } from '#core/domain/target.ts'
import type { Target } from '#core/domain/target.ts'
import { expectedCost } from '#services/routing-engine/expected-cost.ts'
import {
  demandOf,
  gapOf,
  isErrand,
  refuseFreeChoice,
  refuseModel,
  refuseRoute,
  windowSlack,
} from '#services/routing-engine/gaps.ts'
import type { Demand } from '#services/routing-engine/gaps.ts'
import { meaningOfModels } from '#services/routing-engine/meaning.ts'
import type { Meaning, Member, Route } from '#services/routing-engine/meaning.ts'
import { permitsOf } from '#services/routing-engine/model-patterns.ts'
import type { ModelTable } from '#services/routing-engine/model-table.ts'
import { pickInOrder } from '#services/routing-engine/pick.ts'
import type { PickLimits } from '#services/routing-engine/pick.ts'
import { unlistedModel } from '#services/routing-engine/provider-name.ts'
import type { RoutedModel } from '#services/routing-engine/routed-model.ts'
import type { RoutingChoice, RoutingWish } from '#services/routing-engine/routing-wish.ts'
import { strategyByName } from '#services/routing-engine/strategies/by-name.ts'
import { qualityFloorOf } from '#services/routing-engine/task-quality.ts'

/** Enough to survive the failure of a few providers, and short enough that a caller still waits. */
const targetsMax = 6
const chosenFreely: PickLimits = { targets: targetsMax, perProvider: 3 }
const allMembers: PickLimits = { targets: 64, perProvider: 64 }
const targetsWithFallbacksMax = 16
/** A retired model's successor may have retired too, this many times. */
const successorsMax = 5
/** Names are repeated in errors; no more of one than this. */
const shownNameLength = 128

/** See RoutingEngine.choose. */
export function choose(table: ModelTable, wish: RoutingWish): RoutingChoice {
  const demand = demandOf(wish)
  const first = consider(table, wish.modelAsked ?? table.defaultRoute, demand)
  if (wish.cheaper) return cheapestFirst(table, first, demand, wish.cheaper)
  if (wish.fallbacks.length > 0) return withFallbacks(table, first, demand)
  if (first instanceof Problem) throw first
  return first
}

/** Whoever was asked for and whoever may stand in, the lowest expected cost first. */
function cheapestFirst(
  table: ModelTable,
  first: RoutingChoice | Problem,
  demand: Demand,
  names: readonly string[],
): RoutingChoice {
  const { wish } = demand
  const asked = wish.fallbacks.length > 0 ? withFallbacks(table, first, demand) : first
  if (asked instanceof Problem) throw asked
  const targets = new Map(asked.targets.map((target) => [targetName(target), target]))
  for (const name of names) {
    const choice = consider(table, name, demand)
    if (choice instanceof Problem) continue
    for (const target of choice.targets)
      if (targets.size < allMembers.targets) targets.set(targetName(target), target)
  }
  const costOf = ({ card }: Target) => expectedCost(card, wish, table.ceilingPrice)
  const ranked = [...targets.values()].map((target) => ({ target, cost: costOf(target) }))
  // Unknown prices are Infinity, of which no difference can be taken.
  ranked.sort((a, b) => (a.cost < b.cost ? -1 : a.cost > b.cost ? 1 : 0))
  return {
    ...asked,
    targets: availableFirst(
      ranked.map(({ target }) => target),
      wish,
    ),
    reason: `cheapest of ${ranked.length}, because a budget is running low; ${asked.reason}`,
  }
}

/** Names that cannot answer are passed over, as long as one of them can; the first one's refusal is told when none can. */
function withFallbacks(table: ModelTable, first: RoutingChoice | Problem, demand: Demand): RoutingChoice {
  if (first instanceof Problem && first.code === 'model_not_found') throw first
  const targets = new Map<string, Target>()
  let decided: RoutingChoice | undefined
  const add = (choice: RoutingChoice | Problem) => {
    if (choice instanceof Problem) return
    decided ??= choice
    for (const target of choice.targets) {
      const name = targetName(target)
      if (!targets.has(name) && targets.size < targetsWithFallbacksMax) targets.set(name, target)
    }
  }
  add(first)
  for (const name of demand.wish.fallbacks) {
    const choice = consider(table, name, demand)
    if (choice instanceof Problem && choice.code === 'model_not_found') throw choice
    add(choice)
  }
  if (first instanceof Problem && !decided) throw first
  if (!decided) throw new Problem('no_capable_model')
  const reason = first instanceof Problem ? `fallback, because ${lowerFirst(first.message)}` : decided.reason
  return { targets: availableFirst([...targets.values()], demand.wish), route: decided.route, reason }
}

function consider(table: ModelTable, name: string, demand: Demand, hops = 0): RoutingChoice | Problem {
  const meaning = table.meanings.get(name) ?? unlistedMeaning(table, name)
  if (!meaning) return notFound(table, name)
  return meaning.kind === 'route'
    ? considerRoute(table, meaning.route, demand)
    : considerModels(table, meaning, demand, hops)
}

function unlistedMeaning(table: ModelTable, name: string): Meaning | undefined {
  const model = unlistedModel(name, table.offers)
  return model && meaningOfModels([model])
}

function considerModels(
  table: ModelTable,
  meaning: Extract<Meaning, { kind: 'models' }>,
  demand: Demand,
  hops: number,
): RoutingChoice | Problem {
  const { models, route, reason } = meaning
  const usable: RoutedModel[] = []
  for (const model of models) if (gapOf(model, demand, windowSlack) === undefined) usable.push(model)
  const [only] = usable
  if (only && usable.length === 1) return { targets: only.targets, route, reason }
  if (only) {
    const targets = usable.flatMap((model) => model.targets)
    return { targets: availableFirst(targets, demand.wish), route, reason }
  }
  const [asked] = models
  const gap = asked && gapOf(asked, demand, windowSlack)
  if (!asked || !gap) return new Problem('no_capable_model')
  const { successor } = meaning
  if (gap === 'retired' && successor !== undefined && hops < successorsMax) {
    const choice = consider(table, successor, demand, hops + 1)
    if (choice instanceof Problem) return choice
    return { ...choice, route: 'alias', reason: `${asked.card.name} was retired; ${successor} follows it` }
  }
  return refuseModel(asked, gap, demand, table.askable)
}

function considerRoute(table: ModelTable, route: Route, asked: Demand): RoutingChoice | Problem {
  const { wish } = asked
  if (!route.members && isErrand(asked)) return refuseFreeChoice(route.name, table.askable, asked)
  const demand = asked.permits.route(route.name) ? { ...asked, permits: permitsOf(undefined) } : asked
  const members = route.members ?? table.askable
  const capable = members.filter(({ model }) => gapOf(model, demand, 1) === undefined)
  if (capable.length === 0) return refuseRoute(route.name, members, demand)

  const strategy = strategyByName[route.strategy]
  const floor = strategy.hasFloor ? (wish.quality ?? qualityFloorOf(wish.taskType) ?? route.usualFloor) : 0
  const good = floor > 0 ? capable.filter(({ model }) => model.quality >= floor) : capable
  const isBelow = good.length === 0
  const chosen = isBelow ? capable : good
  const { rank } = wish.cheaper ? strategyByName.cheapest : isBelow ? strategyByName.best : strategy
  const costOf = (model: RoutedModel) => expectedCost(model.card, wish, table.ceilingPrice)
  const limits = route.members ? allMembers : chosenFreely
  const targets = pickInOrder(chosen, rank(chosen, { wish, costOf }), wish, limits)
  const reason = isBelow
    ? `best of ${count(chosen)}, because none has quality ${floor} or more`
    : `${strategy.superlative} of ${count(chosen)}${floor > 0 ? ` at quality ${floor} or more` : ''}`
  return { targets, route: route.name, reason }
}

const count = (members: readonly Member[]) =>
  members.length === 1 ? '1 capable model' : `${members.length} capable models`

function availableFirst(targets: readonly Target[], wish: RoutingWish): readonly Target[] {
  const isAvailable = (target: Target) => wish.signalOf(targetName(target)).isAvailable
  const available = targets.filter(isAvailable)
  if (available.length === targets.length) return targets
  return [...available, ...targets.filter((target) => !available.includes(target))]
}

function notFound(table: ModelTable, name: string): Problem {
  const shown = name.slice(0, shownNameLength)
  return new Problem('model_not_found', {
    detail: `No model or route is named ${JSON.stringify(shown)}.`,
    param: 'model',
    nearest: nearestNames(shown, table.meanings.keys(), 5),
  })
}

const lowerFirst = (sentence: string) =>
  sentence.slice(0, 1).toLowerCase() + sentence.slice(1).replace(/\.$/, '')
