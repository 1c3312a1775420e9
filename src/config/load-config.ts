/** The settings of load as the rest of the house reads them. */

export interface LoadConfig {
  readonly concurrencyMin: number
  readonly concurrencyMax: number
  readonly queueMax: number
  readonly queueWaitMs: number
  readonly queueWaitBatchMs: number
  /** Whole numbers; tenants that are not named have 1. */
  readonly tenantWeights: ReadonlyMap<string, number>
  readonly shedding: {
    readonly isEnabled: boolean
    /** For each level, never falling. */
    readonly loopDelayMs: readonly [number, number, number]
    readonly memoryShare: readonly [number, number, number]
  }
}
