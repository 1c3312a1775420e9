/** Margins: what a tenant is charged beyond what the provider costs. */
import { addMillionths, addMoney, toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'

export interface Margin {
  /** Names the rule in price versions and rows. */
  readonly id: string
  /** Millionths of the cost that are added: 125,000 is 12.5 percent; below 0 is a discount, -1,000,000 is for nothing. */
  readonly millionths: number
  /** Added to each answer that is charged. */
  readonly perRequestNanoUsd: NanoUsd
}

/** What is charged for an answer that cost this much, rounded up to the nano-dollar. */
export function chargeFor(margin: Margin | undefined, cost: NanoUsd): NanoUsd {
  if (!margin) return cost
  return addMoney(toNanoUsd(addMillionths(cost, margin.millionths)), margin.perRequestNanoUsd)
}

/** The most that an answer may cost so that its charge is within an amount; below 0 when the fee alone is above it. */
export function costWithin(margin: Margin | undefined, charge: NanoUsd): NanoUsd {
  if (!margin) return charge
  const left = charge - margin.perRequestNanoUsd
  if (left < 0) return -1 as NanoUsd
  const factor = 1_000_000 + margin.millionths
  if (factor <= 0) return Number.MAX_SAFE_INTEGER as NanoUsd
  const most = (BigInt(left) * 1_000_000n) / BigInt(factor)
  return Number(most > maxCost ? maxCost : most) as NanoUsd
}

const maxCost = BigInt(Number.MAX_SAFE_INTEGER)

/** The provider's part of a charge, where only the charge is known. */
export function costBehind(margin: Margin | undefined, charge: NanoUsd): NanoUsd {
  if (!margin) return charge
  return margin.millionths <= -1_000_000 ? zeroUsd : toNanoUsd(Math.max(0, costWithin(margin, charge)))
}
