/** Plan: decide, before any money is spent, whether the answer is known, where the question may go, and hold the money. */
import { priceAt } from '#core/domain/model-card.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { abilitiesNeeded } from '#core/domain/needs.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import { featuresOf } from '#core/domain/question-features.ts'
import { spokenTarget } from '#core/domain/spoken-dialect.ts'
import type { Target } from '#core/domain/target.ts'
import type { Guarded, KnownPlan, Passage, Plan } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { BudgetNeed, Reservation } from '#services/budget-manager/budget-manager.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'
import type { RoutingChoice } from '#services/routing-engine/routing-wish.ts'

/** Throws what routing and the budget throw; no money is held then. */
export async function makePlan(rooms: Rooms, { passage }: Guarded): Promise<Plan | KnownPlan> {
  const { asked, caller, receipt } = passage
  const cacheKey = rooms.responseCache.keyFor({
    tenantId: caller.tenantId,
    userScope: passage.userId,
    modelAsked: asked.modelAsked ?? '',
    door: asked.door,
    wish: asked.cacheWish,
    question: asked.question,
  })
  // Routed first, so that a hit never hands out a model that the caller may not use or would not be sent to.
  const choice = chooseTargets(rooms, passage)
  receipt.route = choice.route
  receipt.routeReason = choice.reason
  if (cacheKey !== undefined) {
    receipt.cache = 'miss'
    const known = await rooms.responseCache.lookUp(cacheKey)
    if (known && mayAnswer(choice, known)) return { kind: 'known', passage, known }
  }
  passage.reservation = await reserveForFirstAffordable(rooms, passage, choice)
  return { kind: 'ask', passage, choice, cacheKey }
}

/** Whether the one who answered then would be asked now: not another caller's fallback, nor a simulation since replaced. */
function mayAnswer({ targets }: RoutingChoice, known: KnownAnswer): boolean {
  const { provider, model } = known.target
  return targets.some((target) => target.provider.name === provider && target.card.name === model)
}

function chooseTargets(rooms: Rooms, passage: Passage): RoutingChoice {
  const { asked, caller, estimate } = passage
  const spoken = { features: featuresOf(asked.question), nativeDialect: asked.question.native?.dialect }
  const choice = rooms.routingEngine.choose({
    modelAsked: asked.modelAsked,
    fallbacks: asked.fallbacks,
    needs: abilitiesNeeded(asked.question),
    features: spoken.features,
    nativeDialect: spoken.nativeDialect,
    inputTokens: estimate.likely,
    outputTokens: asked.question.maxOutputTokens ?? 0,
    taskType: asked.taskType,
    quality: asked.quality,
    allowedModels: caller.allowedModels,
    dialect: asked.dialect,
    seed: rooms.chance.fraction(),
    nowMs: rooms.clock.nowMs(),
    signalOf: (name) => rooms.resilience.signalOf(name),
  })
  return { ...choice, targets: choice.targets.map((target) => spokenTarget(target, spoken)) }
}

/** Money for the first target that the budget covers; the first refusal when it covers none. */
async function reserveForFirstAffordable(
  rooms: Rooms,
  passage: Passage,
  choice: RoutingChoice,
): Promise<Reservation> {
  let refusal: Problem | undefined
  for (const target of choice.targets) {
    try {
      return await rooms.budgetManager.reserve(budgetNeed(rooms, passage, target))
    } catch (thrown) {
      const problem = toProblem(thrown)
      if (!isAboutMoney(problem)) throw problem
      refusal ??= problem
    }
  }
  throw refusal ?? new Problem('no_capable_model')
}

/** A refusal of this target's price alone: a cheaper one may still do. */
export const isAboutMoney = (problem: Problem) =>
  problem.code === 'budget_exceeded' ||
  problem.code === 'request_cost_exceeded' ||
  problem.code === 'price_unknown'

/** What asking one target may cost, for the budget. Throws `price_unknown`. */
export function budgetNeed(rooms: Rooms, passage: Passage, target: Target): BudgetNeed {
  const { asked, caller, userId, estimate } = passage
  const wished = asked.question.maxOutputTokens ?? rooms.settings().unstatedMaxOutputTokens
  return {
    requestId: asked.requestId,
    caller,
    userId,
    target,
    price: priceOf(rooms, target.card),
    inputTokensBound: estimate.bound,
    outputTokensWished: Math.min(wished, target.card.maxOutputTokens),
    answerCount: asked.question.answerCount ?? 1,
    maxCostNanoUsd: asked.maxCostNanoUsd,
  }
}

function priceOf(rooms: Rooms, card: ModelCard): PriceVersion {
  const price = priceAt(card, rooms.clock.nowMs()) ?? rooms.settings().ceilingPrice
  if (price) return price
  throw new Problem('price_unknown', {
    detail: `The price of ${card.name} is not known.`,
    facts: { model: card.name },
  })
}
