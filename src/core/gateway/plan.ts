/** Plan: decide, before any money is spent, whether the answer is known, where the question may go, and hold the money. */
import type { ErrandKind } from '#core/domain/errand.ts'
import { noFeatures } from '#core/domain/feature.ts'
import { freePrice } from '#core/domain/model-card.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import { featuresOf } from '#core/domain/question-features.ts'
import { askedOf } from '#core/domain/service-tier.ts'
import { spokenTarget } from '#core/domain/spoken-dialect.ts'
import type { AskedFeatures } from '#core/domain/spoken-dialect.ts'
import type { Target } from '#core/domain/target.ts'
import type { Asked, AskedErrand } from '#core/gateway/asked.ts'
import { lookUpInTurn } from '#core/gateway/known.ts'
import type { Guarded, KnownPlan, Passage, Plan } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { BudgetNeed, Reservation } from '#services/budget-manager/budget-manager.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'
import type { RoutingChoice } from '#services/routing-engine/routing-wish.ts'

/** Throws what routing and the budget throw; no money is held then. */
export async function makePlan(rooms: Rooms, { passage }: Guarded<Asked>): Promise<Plan<Asked> | KnownPlan> {
  const { asked, caller, receipt } = passage
  const { question } = asked
  const cacheKey = rooms.responseCache.keyFor({
    tenantId: caller.tenantId,
    userScope: passage.userId,
    modelAsked: asked.modelAsked ?? '',
    door: asked.door,
    wish: asked.cacheWish,
    question,
  })
  // Routed first, so that a hit never hands out a model that the caller may not use or would not be sent to.
  const spoken = { features: featuresOf(question), nativeDialect: question.native?.dialect }
  const routed = chooseTargets(rooms, passage, spoken)
  const choice = { ...routed, targets: routed.targets.map((target) => spokenTarget(target, spoken)) }
  if (cacheKey !== undefined) {
    receipt.cache = 'miss'
    const known = await lookUpInTurn(rooms, passage, cacheKey)
    if (known && mayAnswer(choice, known)) return { kind: 'known', passage, known }
  }
  passage.reservation = await reserveForFirstAffordable(rooms, passage, choice)
  return { kind: 'ask', passage, choice, cacheKey }
}

/** The same for an errand, whose answer nobody knows yet. Throws `unsupported_feature` when no target's provider runs it. */
export async function planErrand<Kind extends ErrandKind>(
  rooms: Rooms,
  { passage }: Guarded<AskedErrand<Kind>>,
): Promise<Plan<AskedErrand<Kind>>> {
  const { kind } = passage.asked.errand
  const routed = chooseTargets(rooms, passage, anErrand)
  const targets = routed.targets.filter(({ provider }) => rooms.errandAdapters.for(kind, provider))
  if (targets.length === 0) throw nobodyRuns(kind, routed)
  const choice = { ...routed, targets }
  passage.reservation = await reserveForFirstAffordable(rooms, passage, choice)
  return { kind: 'ask', passage, choice, cacheKey: undefined }
}

function nobodyRuns(kind: ErrandKind, { targets: [first] }: RoutingChoice): Problem {
  return new Problem('unsupported_feature', {
    detail: `${first?.provider.title ?? 'The provider'} offers no ${errandWords[kind]}.`,
    param: 'model',
    facts: { provider: first?.provider.name ?? null, errand: kind },
  })
}

const errandWords: Readonly<Record<ErrandKind, string>> = {
  embed: 'embeddings',
  rerank: 'ranking of documents',
  'count-tokens': 'counting of tokens',
  moderate: 'moderation',
}

/** Whether the one who answered then would be asked now: not another caller's fallback, nor a simulation since replaced. */
function mayAnswer({ targets }: RoutingChoice, known: KnownAnswer): boolean {
  const { provider, model } = known.target
  return targets.some((target) => target.provider.name === provider && target.card.name === model)
}

/** An errand is no question, so it uses none of a question's features. */
const anErrand: AskedFeatures = { features: noFeatures, nativeDialect: undefined }

function chooseTargets(rooms: Rooms, passage: Passage, spoken: AskedFeatures): RoutingChoice {
  const { asked, caller, workload, receipt } = passage
  const choice = rooms.routingEngine.choose({
    modelAsked: asked.modelAsked,
    fallbacks: asked.fallbacks,
    needs: workload.needs,
    features: spoken.features,
    nativeDialect: spoken.nativeDialect,
    inputTokens: workload.longestTokens,
    outputTokens: workload.outputTokensMax ?? 0,
    taskType: asked.taskType,
    quality: asked.quality,
    allowedModels: caller.allowedModels,
    dialect: asked.dialect,
    seed: rooms.chance.fraction(),
    nowMs: rooms.clock.nowMs(),
    signalOf: (name) => rooms.resilience.signalOf(name),
  })
  receipt.route = choice.route
  receipt.routeReason = choice.reason
  return choice
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
  const { asked, caller, userId, workload } = passage
  const wished = workload.outputTokensMax ?? rooms.settings().unstatedMaxOutputTokens
  return {
    requestId: asked.requestId,
    caller,
    userId,
    endUserId: asked.userId === caller.userId ? undefined : asked.userId,
    tags: asked.tags,
    target,
    price: workload.isFree ? freePrice : priceOf(rooms, passage, target.card),
    inputTokensBound: workload.estimate.bound,
    outputTokensWished: Math.min(wished, target.card.maxOutputTokens),
    searchUnitsBound: workload.searchUnitsBound,
    answerCount: workload.answerCount,
    maxCostNanoUsd: asked.maxCostNanoUsd,
  }
}

/** The price of the moment when the request began, however long it then waits, tries or is rerated later. */
function priceOf(rooms: Rooms, { caller, beganAtMs, workload }: Passage, card: ModelCard): PriceVersion {
  const price = rooms.settings().priceBook.priceFor(card, caller.tenantId, beganAtMs)
  if (price) return askedOf(price, workload.serviceTier)
  throw new Problem('price_unknown', {
    detail: `The price of ${card.name} is not known.`,
    facts: { model: card.name },
  })
}
