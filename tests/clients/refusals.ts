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

const oneCall =
  'for names that the package does not know it asks for a tool in place of a schema, called once and no more, which this provider cannot be told; `structuredOutputMode: "outputFormat"` asks by schema'

const rows: readonly RefusalRow[] = (['gemini-generate', 'cohere-chat'] as const).map((target) => ({
  client: 'ai, @ai-sdk/anthropic',
  feature: 'structured',
  target,
  code: 'unsupported_feature',
  reason: oneCall,
}))

export function refusalIn({ driver, feature, target }: Cell): NamedRefusal | undefined {
  const row = rows.find(
    (one) => one.client === driver.title && one.feature === feature && one.target === target.name,
  )
  return row && { code: row.code, reason: row.reason }
}
