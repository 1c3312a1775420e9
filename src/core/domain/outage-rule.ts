/** What an instance does with requests while the shared ledger is away. */
import type { NanoUsd } from '#core/domain/money.ts'

/**
 * `closed`: refuses every one. `slices`: serves what no limit binds, and what its slices pay for. `open`: serves on
 * beyond them, up to an amount for each outage, which may pass limits by as much.
 */
export type OutageRule =
  | { readonly kind: 'closed' | 'slices' }
  | { readonly kind: 'open'; readonly mostNanoUsd: NanoUsd }
