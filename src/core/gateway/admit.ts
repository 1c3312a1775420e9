/**
 * Admit: a place in every limit and the money for the answer, for the first target that both allow. Both are asked for
 * before either answer is awaited: to a shared store they go together, which is one round trip.
 */
import { freePrice } from '#core/domain/model-card.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import { askedOf } from '#core/domain/service-tier.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Target } from '#core/domain/target.ts'
import { endUserOf, outputTokensStated } from '#core/gateway/degrade.ts'
import type { Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { BudgetNeed, Reservation } from '#services/budget-manager/budget-manager.ts'
import type { LimitPermit } from '#services/rate-limiter/rate-limiter.ts'
import type { RoutingChoice } from '#services/routing-engine/routing-wish.ts'

/** Output tokens that a request without a limit of its own counts as until it is over. */
const unstatedOutputTokens = 256

/** Throws the first refusal when no target is left; what was taken by then stands in the passage, which gives it back. */
export async function admit(rooms: Rooms, passage: Passage, { targets }: RoutingChoice): Promise<void> {
  let refusal: Problem | undefined
  for (const target of targets) {
    const admitting = admitTo(rooms, passage, target)
    const problem = admitting instanceof Promise ? await admitting : admitting
    if (!problem) return
    if (!isOfTargetAlone(problem)) throw problem
    refusal ??= problem
  }
  throw refusal ?? new Problem('no_capable_model')
}

/** Undefined when the passage holds a place and the money for this target. */
function admitTo(rooms: Rooms, passage: Passage, target: Target): Soon<Problem | undefined> {
  try {
    const placing = takePlace(rooms, passage, target)
    if (placing instanceof Promise) return admitSlowly(rooms, passage, { target, placing })
    const holding = holdMoney(rooms, passage, target)
    return holding instanceof Promise ? holding.then(noProblem, toProblem) : undefined
  } catch (thrown) {
    return toProblem(thrown)
  }
}

const noProblem = () => undefined

interface SlowAdmission {
  readonly target: Target
  readonly placing: Promise<void>
}

async function admitSlowly(
  rooms: Rooms,
  passage: Passage,
  { target, placing }: SlowAdmission,
): Promise<Problem | undefined> {
  const holding = Promise.try(holdMoney, rooms, passage, target)
  const [placed, held] = await Promise.allSettled([placing, holding])
  const failed = placed.status === 'rejected' ? placed : held
  return failed.status === 'rejected' ? toProblem(failed.reason) : undefined
}

/** A place in every limit of the caller and the target; at a further target, in that one's own. */
export function takePlace(rooms: Rooms, passage: Passage, target: Target): Soon<void> {
  if (passage.permit) return passage.permit.moveTo(target)
  const { caller, userId, workload } = passage
  const { estimate, outputTokensMax, isFree } = workload
  const tokens = isFree ? 0 : estimate.likely + (outputTokensMax ?? unstatedOutputTokens)
  const endUserId = endUserOf(passage)
  const { requestId } = passage.asked
  const taking = rooms.rateLimiter.take({ caller, userId, endUserId, tokens, target, requestId })
  const keep = (permit: LimitPermit) => {
    passage.permit = permit
    passage.receipt.limits = permit.state
  }
  return taking instanceof Promise ? taking.then(keep) : keep(taking)
}

/** The reservation of a target that was refused otherwise is made to fit this one. */
export function holdMoney(rooms: Rooms, passage: Passage, target: Target): Soon<void> {
  const { reservation } = passage
  const need = budgetNeed(rooms, passage, target)
  const { budgetManager } = rooms
  const holding = reservation ? budgetManager.refit(reservation, need) : budgetManager.reserve(need)
  const keep = (held: Reservation) => {
    passage.reservation = held
  }
  return holding instanceof Promise ? holding.then(keep) : keep(holding)
}

/** A refusal of this target alone, by its price or by a limit of its own: another one may still do. */
export function isOfTargetAlone({ code, details }: Problem): boolean {
  if (code === 'budget_exceeded' || code === 'request_cost_exceeded' || code === 'price_unknown') return true
  if (code !== 'rate_limited' && code !== 'too_many_concurrent') return false
  const level = details.facts?.['level']
  return level === 'model' || level === 'provider'
}

/** What asking one target may cost, for the budget. Throws `price_unknown`. */
export function budgetNeed(rooms: Rooms, passage: Passage, target: Target): BudgetNeed {
  const { asked, advice, caller, userId, workload } = passage
  const stated = outputTokensStated(rooms, passage)
  const wished = Math.min(stated, advice?.outputTokensMax ?? stated)
  return {
    requestId: asked.requestId,
    caller,
    userId,
    endUserId: endUserOf(passage),
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
