/** Which of a provider's dialects a question is asked in: some speak OpenAI's Responses beside chat completions. */
import type { Dialect } from '#core/domain/chat.ts'
import { refusedBy } from '#core/domain/dialect-support.ts'
import { haveCommon } from '#core/domain/feature.ts'
import type { FeatureSet } from '#core/domain/feature.ts'
import type { Target } from '#core/domain/target.ts'

/** One dialect in which a target can be asked, and what keeps it from being asked so. */
export interface Way {
  readonly target: Target
  readonly refused: FeatureSet
  /** The same for a question that came in this very dialect. */
  readonly refusedNatively: FeatureSet
}

const waysByTarget = new WeakMap<Target, readonly Way[]>()

/** Every way to ask a target, the usual one first. The same target always yields the same objects. */
export function waysOf(target: Target): readonly Way[] {
  const known = waysByTarget.get(target)
  if (known) return known
  const ways = spokenTargets(target).map((spoken) => ({
    target: spoken,
    refused: refusedBy(spoken, false),
    refusedNatively: refusedBy(spoken, true),
  }))
  waysByTarget.set(target, ways)
  return ways
}

function spokenTargets(target: Target): readonly Target[] {
  const { provider, card } = target
  if (provider.dialect !== 'openai-chat' || !provider.quirks.has('speaks_responses')) return [target]
  if (card.quirks.has('chat_only')) return [target]
  const inResponses = { ...target, provider: { ...provider, dialect: 'openai-responses' as const } }
  return card.quirks.has('responses_only') ? [inResponses] : [target, inResponses]
}

/** What decides about the way: what the question uses, and the dialect that it came in. */
export interface AskedFeatures {
  readonly features: FeatureSet
  readonly nativeDialect: Dialect | undefined
}

/** The first way that can be asked all of this, the caller's own dialect before others; undefined when none can. */
export function ableWay(ways: readonly Way[], asked: AskedFeatures): Way | undefined {
  let able: Way | undefined
  for (const way of ways) {
    const isNative = way.target.provider.dialect === asked.nativeDialect
    const refused = isNative ? way.refusedNatively : way.refused
    if (haveCommon(refused, asked.features)) continue
    if (isNative) return way
    able ??= way
  }
  return able
}

/**
 * The target as this question asks it; in its usual dialect when it cannot be asked all of this in any.
 * The same target always yields the same objects.
 */
export function spokenTarget(target: Target, asked: AskedFeatures): Target {
  const ways = waysOf(target)
  return (ableWay(ways, asked) ?? ways[0])?.target ?? target
}
