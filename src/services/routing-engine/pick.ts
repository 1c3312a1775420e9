/** Picking targets in the order of their ranks, those that are being left alone behind the others. */
import type { Target } from '#core/domain/target.ts'
import type { Member } from '#services/routing-engine/meaning.ts'
import type { RoutingWish } from '#services/routing-engine/routing-wish.ts'

export interface PickLimits {
  readonly targets: number
  /** Of one provider, so that its failure leaves others to ask. */
  readonly perProvider: number
}

/**
 * At most as many targets as the limit, lowest rank first; among equal ranks whoever speaks the caller's dialect,
 * then whoever stands first. Signals are only asked of the targets that may be picked.
 */
export function pickInOrder(
  members: readonly Member[],
  ranks: Float64Array,
  wish: RoutingWish,
  limits: PickLimits,
): readonly Target[] {
  const picked: Target[] = []
  const leftAlone: Target[] = []
  const perProvider = new Map<string, number>()
  const isTaken = new Uint8Array(members.length)
  for (let rounds = 0; rounds < members.length && picked.length < limits.targets; rounds++) {
    const at = lowest(members, ranks, isTaken, wish)
    const model = members[at]?.model
    isTaken[at] = 1
    if (!model?.target) continue
    if (!wish.signalOf(model.targetName).isAvailable) {
      leftAlone.push(model.target)
      continue
    }
    const ofProvider = perProvider.get(model.card.provider) ?? 0
    if (ofProvider >= limits.perProvider) continue
    perProvider.set(model.card.provider, ofProvider + 1)
    picked.push(model.target)
  }
  for (const target of leftAlone) if (picked.length < limits.targets) picked.push(target)
  return picked
}

function lowest(
  members: readonly Member[],
  ranks: Float64Array,
  isTaken: Uint8Array,
  { dialect }: RoutingWish,
): number {
  let best = -1
  let bestRank = Number.POSITIVE_INFINITY
  for (let position = 0; position < members.length; position++) {
    if (isTaken[position] === 1) continue
    const rank = ranks[position] ?? Number.POSITIVE_INFINITY
    const isEqual = rank === bestRank && best !== -1
    const isNearer =
      isEqual &&
      members[position]?.model.target?.provider.dialect === dialect &&
      members[best]?.model.target?.provider.dialect !== dialect
    if (best === -1 || rank < bestRank || isNearer) {
      best = position
      bestRank = rank
    }
  }
  return best
}
