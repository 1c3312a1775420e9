/** What instances of a shared ledger hold ahead for an outage, as an operator sees and gives it back. */
import type { NanoUsd } from '#core/domain/money.ts'

export interface HeldSlice {
  readonly instance: string
  /** `tenant:acme` */
  readonly scope: string
  readonly window: string
  readonly amount: NanoUsd
  /** By the server's clock. */
  readonly endsAtMs: number
  /** Its lease has ended without a word, and it is charged in full. */
  readonly isCharged: boolean
}

export interface SliceList {
  readonly slices: readonly HeldSlice[]
  /** Instances that gave a sign of life in the last seconds. */
  readonly living: readonly string[]
}

export interface GivenBack {
  readonly count: number
  readonly amount: NanoUsd
  /** Slices of the instance from which it may still spend, or of which a request may still be running. */
  readonly kept: number
}
