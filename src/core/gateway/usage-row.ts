/** Usage rows: what is written down about each attempt and each refusal. */
import type { FinishReason } from '#core/domain/answer.ts'
import { billingDetailOf } from '#core/domain/billed-usage.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Problem } from '#core/domain/problem.ts'
import { paidKinds } from '#core/domain/request-record.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Target } from '#core/domain/target.ts'
import { noUsage } from '#core/domain/usage.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { endUserOf } from '#core/gateway/degrade.ts'
import type { PaidPart, Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'

/** What a row says beyond what its passage knows. */
export interface RowFacts {
  readonly kind: UsageRow['kind']
  readonly attempt: number
  readonly status: number
  readonly problem: Problem | undefined
  readonly finish: FinishReason | null
  readonly priceVersion: string | null
  readonly latencyMs: number
  /** What this row alone stands for: of several attempts that are paid for, each has its own. */
  readonly used: PaidPart
}

/** What an answer costs the tenant, and what it costs the operator. */
export interface Bill {
  readonly costNanoUsd: NanoUsd
  readonly providerCostNanoUsd: NanoUsd
  /** The report was absurd, and the charge is the hold. */
  readonly isClamped: boolean
  readonly isEstimated: boolean
}

export const nothingCharged: Bill = {
  costNanoUsd: zeroUsd,
  providerCostNanoUsd: zeroUsd,
  isClamped: false,
  isEstimated: false,
}

/** An attempt that failed before anything was shown: not billed to the tenant. */
export function recordFailedAttempt(
  rooms: Rooms,
  passage: Passage,
  failure: { readonly target: Target; readonly problem: Problem; readonly startedAtMs: number },
): void {
  const { target, problem, startedAtMs } = failure
  const latencyMs = rooms.clock.monotonicMs() - startedAtMs
  passage.upstreamMs += latencyMs
  const row = rowOf(rooms, passage, {
    kind: 'failed',
    attempt: passage.attempt || passage.receipt.attempts,
    status: problem.details.upstreamStatus ?? problem.status,
    problem,
    finish: null,
    priceVersion: null,
    latencyMs,
    used: nothing,
  })
  rooms.analyticsCollector.record({
    ...row,
    provider: target.provider.name,
    model: target.card.name,
    isSimulated: target.provider.isSimulated,
  })
}

const nothing: PaidPart = { ...nothingCharged, usage: noUsage }

/** What a row says of an answer that is not paid for again. */
export const unpaid = ({ usage, isEstimated }: Receipt): PaidPart => ({
  ...nothingCharged,
  usage,
  isEstimated,
})

export function rowOf(rooms: Rooms, passage: Passage, facts: RowFacts): UsageRow {
  const { asked, caller, receipt, userId, workload } = passage
  const { usage, costNanoUsd, providerCostNanoUsd, isClamped, isEstimated } = facts.used
  return {
    requestId: asked.requestId,
    attempt: facts.attempt,
    kind: facts.kind,
    startedAtMs:
      facts.kind === 'failed' ? Math.round(rooms.clock.nowMs() - facts.latencyMs) : passage.beganAtMs,
    tenantId: caller.tenantId,
    keyId: caller.keyId,
    userId: userId ?? null,
    teamId: caller.teamId ?? null,
    projectId: caller.projectId ?? null,
    endUserId: endUserOf(passage) ?? null,
    organisationId: rooms.settings().organisations.get(caller.tenantId) ?? null,
    door: asked.door,
    taskType: asked.taskType ?? null,
    modelAsked: asked.modelAsked ?? '',
    provider: receipt.provider || null,
    model: receipt.model || null,
    isStreamed: workload.isStreamed,
    isSimulated: receipt.isSimulated,
    status: facts.status,
    problem: facts.problem?.code ?? null,
    finish: facts.finish,
    inputTokens: usage.inputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    cachedInputTokens: usage.cachedInputTokens ?? 0,
    cacheWriteTokens: usage.cacheWriteTokens ?? 0,
    reasoningTokens: usage.reasoningTokens ?? 0,
    costNanoUsd,
    providerCostNanoUsd,
    serviceTier: usage.serviceTier ?? null,
    billing: paidKinds.includes(facts.kind) ? billingDetailOf(usage, isClamped) : null,
    isEstimated,
    degraded: receipt.degraded ?? null,
    priceVersion: facts.priceVersion,
    latencyMs: facts.latencyMs,
    firstTokenMs: passage.firstTokenMs,
    overheadMs: receipt.overheadMs,
    tags: asked.tags,
  }
}
