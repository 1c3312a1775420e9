/** What is written down about a request: who, which model, how long, how much. Never what was said. */
import type { FinishReason } from '#core/domain/answer.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { ProblemCode } from '#core/domain/problem.ts'

/** One row for each attempt at a provider, and one for a request that reached none. */
export interface UsageRow {
  /** Time-ordered id of the row's request. */
  readonly requestId: string
  /** Attempts count from 1; 0 is a request that asked no provider (cache hit, refusal). */
  readonly attempt: number
  /** `charge` is what the tenant pays; `failed` an attempt that is not billed; `cached` and `refused` asked nobody. */
  readonly kind: 'charge' | 'failed' | 'cached' | 'refused'
  readonly startedAtMs: number
  readonly tenantId: string
  readonly keyId: string
  readonly userId: string | null
  readonly teamId: string | null
  readonly projectId: string | null
  /** The endpoint: `generate`, `openai-chat`, ... */
  readonly door: string
  readonly taskType: string | null
  /** What the caller asked for: a model, an alias or a route. */
  readonly modelAsked: string
  readonly provider: string | null
  readonly model: string | null
  readonly isStreamed: boolean
  readonly isSimulated: boolean
  readonly status: number
  readonly problem: ProblemCode | null
  readonly finish: FinishReason | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly reasoningTokens: number
  readonly costNanoUsd: NanoUsd
  /** Whether tokens and cost were counted by the provider or estimated here. */
  readonly isEstimated: boolean
  readonly priceVersion: string | null
  /** Duration of this attempt (or of the refusal). */
  readonly latencyMs: number
  /** Time until the first event of content; null when there was none. */
  readonly firstTokenMs: number | null
  /** Time spent inside the gateway, not waiting for a provider. */
  readonly overheadMs: number
  readonly tags: readonly string[]
}
