/** What Signalbox refuses beforehand, because the target cannot do it: each with its code, each asserted. */
import type { Cell } from '#tests/clients/cell.ts'
import type { FeatureName } from '#tests/clients/features.ts'
import type { TargetName } from '#tests/clients/targets.ts'

export interface NamedRefusal {
  readonly code: string
  readonly reason: string
}

interface RefusalRow extends NamedRefusal {
  /** Clients of this title alone send what is refused. */
  readonly client: string
  readonly feature: FeatureName
  readonly target: TargetName
}

/** None at present: every client of the page is understood by every target. */
const rows: readonly RefusalRow[] = []

export function refusalIn({ driver, feature, target }: Cell): NamedRefusal | undefined {
  const row = rows.find(
    (one) => one.client === driver.title && one.feature === feature && one.target === target.name,
  )
  return row && { code: row.code, reason: row.reason }
}
