/** The port of the journal: every usage row, kept and added up. */
import type { NanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Soon } from '#core/domain/soon.ts'

/**
 * What totals may be grouped by. `hour` and `day` are the start of the UTC hour or day; a row with several tags counts
 * for each `tag`, one without for none.
 */
export type UsageDimension =
  | 'tenantId'
  | 'keyId'
  | 'userId'
  | 'teamId'
  | 'projectId'
  | 'endUserId'
  | 'organisationId'
  | 'provider'
  | 'model'
  | 'modelAsked'
  | 'door'
  | 'taskType'
  | 'problem'
  | 'tag'
  | 'hour'
  | 'day'

export interface UsageQuery {
  /** Included. */
  readonly fromMs: number
  /** Excluded. */
  readonly toMs: number
  readonly tenantId?: string | undefined
  readonly userId?: string | undefined
  readonly provider?: string | undefined
  readonly model?: string | undefined
  readonly groupBy: readonly UsageDimension[]
  /** The most groups to return, in the order of their keys. */
  readonly limit: number
}

/** Charges and adjustments of a period, in the order of their places, page by page. */
export interface ChargeQuery {
  /** Included. */
  readonly fromMs: number
  /** Excluded. */
  readonly toMs: number
  readonly tenantId?: string | undefined
  readonly provider?: string | undefined
  /** Only what comes after the place of this row. */
  readonly after?: ChargePlace | undefined
  readonly limit: number
}

/** Orders rows so that those of one request stand together. */
export type ChargePlace = Pick<UsageRow, 'startedAtMs' | 'tenantId' | 'requestId' | 'attempt' | 'kind'>

/** Sums over the rows of one group. */
export interface UsageTotal {
  /** One value for each dimension asked for, in that order: text, milliseconds for `hour` and `day`, null for none. */
  readonly group: ReadonlyArray<string | number | null>
  /** Requests that ended in this group, answered or not. */
  readonly requests: number
  /** Those of them that ended in an error. */
  readonly errors: number
  /** Calls to a provider, failed ones and retries included. */
  readonly attempts: number
  readonly failedAttempts: number
  readonly cached: number
  readonly refused: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly reasoningTokens: number
  /** What tenants were charged, adjustments included. */
  readonly costNanoUsd: NanoUsd
  /** What providers charge for it. */
  readonly providerCostNanoUsd: NanoUsd
  /** The part of the cost that was estimated here, not counted by a provider. */
  readonly estimatedCostNanoUsd: NanoUsd
  readonly latencyMsSum: number
  readonly overheadMsSum: number
  /** How many ended requests took at most each bound of `latency-counts.ts`, and all at the end. */
  readonly latencyCounts: readonly number[]
  /** The same for the time to the first content, over those that had any. */
  readonly firstTokenCounts: readonly number[]
}

/** Throws `store_unavailable` when the store cannot be reached. */
export interface Journal {
  /**
   * Keeps the rows, all or none. A row that is there already (tenant, request, attempt, kind) is left as it is; rows
   * of one request all say when it began.
   */
  append(rows: readonly UsageRow[]): Soon<void>
  totals(query: UsageQuery): Soon<readonly UsageTotal[]>
  /** The newest rows first. */
  latest(query: UsageQuery): Soon<readonly UsageRow[]>
  /** Charges and adjustments alone; those of one request stand together, a charge before its adjustments. */
  charges(query: ChargeQuery): Soon<readonly UsageRow[]>
  /** Removes rows that began before a moment. Returns how many. */
  prune(beforeMs: number): Soon<number>
}
