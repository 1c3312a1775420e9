/** What the scripts of the rate limits answer, in the words of the port; of several places together, one answer. */
import { gaugeOf, tighter } from '#core/domain/rate-bucket.ts'
import type { BucketGauge } from '#core/domain/rate-bucket.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BucketAnswer, BucketAsk, BucketLevel } from '#services/rate-limiter/buckets.ts'

const measures = ['requests', 'tokens', 'concurrency'] as const

export function answerOf(answer: unknown, ask: BucketAsk, slotId: string): BucketAnswer {
  if (!Array.isArray(answer)) throw misunderstood()
  const { levels, tokens, asker } = ask
  const [isTaken, ...rest] = answer.map(Number)
  if (isTaken !== 1) return refusalOf(levels, rest)
  let requests: BucketGauge | undefined
  let tokensLeft: BucketGauge | undefined
  for (const [position, { windowMs, ...most }] of levels.entries()) {
    const requestsOwedMs = rest[position * 2] ?? 0
    const tokensOwedMs = rest[position * 2 + 1] ?? 0
    if (most.requests !== undefined)
      requests = tighter(requests, gaugeOf(most.requests, windowMs, requestsOwedMs))
    if (most.tokens !== undefined)
      tokensLeft = tighter(tokensLeft, gaugeOf(most.tokens, windowMs, tokensOwedMs))
  }
  return { isTaken: true, levels, tokens, slotId, requests, tokensLeft, asker }
}

/** A failure of any place is one of all, then a refusal of any is. */
export function mergedAnswer(
  answers: ReadonlyArray<PromiseSettledResult<BucketAnswer>>,
  { levels, tokens, asker }: BucketAsk,
  slotId: string,
): BucketAnswer | Error {
  let requests: BucketGauge | undefined
  let tokensLeft: BucketGauge | undefined
  let refusal: BucketAnswer | undefined
  for (const answer of answers) {
    if (answer.status === 'rejected')
      return answer.reason instanceof Error ? answer.reason : new Error(String(answer.reason))
    const { value } = answer
    if (!value.isTaken) refusal ??= value
    else {
      if (value.requests) requests = tighter(requests, value.requests)
      if (value.tokensLeft) tokensLeft = tighter(tokensLeft, value.tokensLeft)
    }
  }
  return refusal ?? { isTaken: true, levels, tokens, slotId, requests, tokensLeft, asker }
}

function refusalOf(
  levels: readonly BucketLevel[],
  [position = -1, what = -1, waitMs = -1]: number[],
): BucketAnswer {
  const level = levels[position]
  const measure = measures[what]
  if (!level || !measure) throw misunderstood()
  const limits = [level.requests, level.tokens, level.concurrentRequests]
  return {
    isTaken: false,
    level: level.level,
    window: level.window,
    measure,
    limit: limits[what] ?? 0,
    retryAfterMs: waitMs < 0 ? undefined : Math.ceil(waitMs),
  }
}

const misunderstood = () =>
  new Problem('store_unavailable', { detail: 'Redis gave an answer that the limits do not understand.' })
