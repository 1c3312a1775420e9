/** What is written down about a request: who, which model, how long, how much. Never what was said. */
import type { FinishReason } from '#core/domain/answer.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { ProblemCode } from '#core/domain/problem.ts'

/** The kinds of rows whose money a tenant pays, before any adjustment. */
export const paidKinds: readonly UsageRow['kind'][] = ['charge', 'rescued', 'hedged']

/** One row for each attempt at a provider, and one for a request that reached none. */
export interface UsageRow {
  /** Time-ordered id of the row's request. */
  readonly requestId: string
  /** Attempts count from 1; 0 is a request that asked no provider (cache hit, refusal). */
  readonly attempt: number
  /**
   * `charge` is what the tenant pays for the attempt that ended the request; `rescued` an attempt whose answer broke
   * off and was gone on with by another; `hedged` one that another was faster than: both are paid for too. `failed` is
   * an attempt that is not billed; `cached` and `refused` asked nobody. `adjust` corrects the money of a charge, whose
   * time, tenant and models it repeats: it is no request of its own.
   */
  readonly kind: 'charge' | 'rescued' | 'hedged' | 'failed' | 'cached' | 'refused' | 'adjust'
  readonly startedAtMs: number
  readonly tenantId: string
  readonly keyId: string
  readonly userId: string | null
  readonly teamId: string | null
  readonly projectId: string | null
  /** Whom the request named beside the user of its key; what budgets of the scope `end_user` count by. */
  readonly endUserId: string | null
  /** The organisation that the tenant belonged to when it asked. */
  readonly organisationId: string | null
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
  /** What the tenant is charged: the provider's cost with the margin. Below 0 in an adjustment alone. */
  readonly costNanoUsd: NanoUsd
  /** What the provider charges for it, by the prices that were known. */
  readonly providerCostNanoUsd: NanoUsd
  /** The service tier that answered, in the provider's word. */
  readonly serviceTier: string | null
  /** Whatever else its price went by; null when there was nothing else. */
  readonly billing: BillingDetail | null
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
  /** What budgets had done to the request before they would refuse: `lower_output_cap=512 cheaper_models`. */
  readonly degraded: string | null
}

/** Counts that few answers have and that have a price of their own; what is left out was 0 or not said. */
export interface BillingDetail {
  readonly cacheWriteHourTokens?: number | undefined
  readonly inputImageTokens?: number | undefined
  readonly inputAudioTokens?: number | undefined
  readonly outputImageTokens?: number | undefined
  readonly outputAudioTokens?: number | undefined
  /** Where the provider bills other totals than it counts. */
  readonly billedInputTokens?: number | undefined
  readonly billedOutputTokens?: number | undefined
  readonly searchUnits?: number | undefined
  readonly serverToolUses?: Readonly<Record<string, number>> | undefined
  /** What the provider itself said it cost, in nano-dollars. */
  readonly reportedCostNanoUsd?: number | undefined
  /** The report was beyond belief and the charge is what was held: no price makes it anew. */
  readonly isClamped?: true | undefined
}
