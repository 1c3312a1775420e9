/** Plan: decide, before any money is spent, whether the answer is known, where the question may go, and be admitted. */
import type { ErrandKind } from '#core/domain/errand.ts'
import { noFeatures } from '#core/domain/feature.ts'
import { Problem } from '#core/domain/problem.ts'
import { featuresOf } from '#core/domain/question-features.ts'
import { spokenTarget } from '#core/domain/spoken-dialect.ts'
import type { AskedFeatures } from '#core/domain/spoken-dialect.ts'
import { admit } from '#core/gateway/admit.ts'
import type { Asked, AskedErrand } from '#core/gateway/asked.ts'
import { keepErrandPace, takeAdvice } from '#core/gateway/degrade.ts'
import { lookUpInTurn } from '#core/gateway/known.ts'
import type { Guarded, KnownPlan, Passage, Plan } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'
import type { RoutingChoice } from '#services/routing-engine/routing-wish.ts'

/** Throws what routing, the limits and the budget throw. What is known takes nothing from limits and budgets. */
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
  const advising = takeAdvice(rooms, passage)
  if (advising instanceof Promise) await advising
  // Routed first, so that a hit never hands out a model that the caller may not use or would not be sent to.
  const spoken = { features: featuresOf(question), nativeDialect: question.native?.dialect }
  const routed = chooseTargets(rooms, passage, spoken)
  const choice = { ...routed, targets: routed.targets.map((target) => spokenTarget(target, spoken)) }
  if (cacheKey !== undefined) {
    receipt.cache = 'miss'
    const known = await lookUpInTurn(rooms, passage, cacheKey)
    if (known && mayAnswer(choice, known)) return { kind: 'known', passage, known }
  }
  await admit(rooms, passage, choice)
  return { kind: 'ask', passage, choice, cacheKey }
}

/** The same for an errand, whose answer nobody knows yet. Throws `unsupported_feature` when no target's provider runs it. */
export async function planErrand<Kind extends ErrandKind>(
  rooms: Rooms,
  { passage }: Guarded<AskedErrand<Kind>>,
): Promise<Plan<AskedErrand<Kind>>> {
  const { kind } = passage.asked.errand
  await keepErrandPace(rooms, passage)
  const routed = chooseTargets(rooms, passage, anErrand)
  const targets = routed.targets.filter(({ provider }) => rooms.errandAdapters.for(kind, provider))
  if (targets.length === 0) throw nobodyRuns(kind, routed)
  const choice = { ...routed, targets }
  await admit(rooms, passage, choice)
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
    cheaper: passage.advice?.cheaperModels,
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
