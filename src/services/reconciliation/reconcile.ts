/** Reconciliation: a provider's own export compared with the rows kept here, by day and model, with every difference. */
import { Problem } from '#core/domain/problem.ts'
import type { ExportLine } from '#services/reconciliation/export-line.ts'

/** What was used, by whoever counted; null is what they do not say. */
export interface Used {
  readonly requests: number | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costNanoUsd: number | null
}

/** One charge of ours. */
export interface OwnLine {
  readonly day: string
  readonly model: string
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costNanoUsd: number
}

export interface ReconciliationWish {
  /** Days as `2026-11-01`; from is included, to is not. */
  readonly fromDay: string
  readonly toDay: string
  /** Differences up to this many percent of the larger number are let pass. */
  readonly tolerancePercent: number
  /** Only lines of the export for these keys, workspaces or projects, comma-separated. */
  readonly key?: string | undefined
  /** Our name of a model that the provider names so; undefined when we know none. */
  readonly modelOf: (name: string) => string | undefined
}

export type DifferenceKind = 'missing_here' | 'missing_there' | 'differs' | 'duplicate'

export interface UsageDifference {
  /** `missing_here`: the provider has it and we do not. `duplicate`: the export has one line several times. */
  readonly kind: DifferenceKind
  /** Or the whole period, `2026-11-01/2026-12-01`, where lines of the export cover several days. */
  readonly day: string
  readonly model: string | null
  readonly here: Used
  readonly there: Used
  /** What is there by API key, workspace or project, where the export names them. */
  readonly thereByKey: readonly UsedByKey[]
}

export interface UsedByKey extends Used {
  readonly key: string
}

export interface Reconciliation {
  readonly days: number
  readonly lines: number
  /** Pairs of a day and a model that were compared. */
  readonly compared: number
  readonly here: Used
  readonly there: Used
  readonly differences: readonly UsageDifference[]
}

const unsaid: Used = { requests: null, inputTokens: null, outputTokens: null, costNanoUsd: null }
const measures = ['requests', 'inputTokens', 'outputTokens', 'costNanoUsd'] as const

/**
 * Pure. Lines outside the period are left out; an export that names no models is compared by day alone, and one whose
 * lines cover several days by model alone. Throws `invalid_value` for a line that begins or ends outside the period.
 */
export async function reconcile(
  exported: readonly ExportLine[],
  own: AsyncIterable<OwnLine>,
  wish: ReconciliationWish,
): Promise<Reconciliation> {
  const isWithin = ({ day }: { readonly day: string }) => day >= wish.fromDay && day < wish.toDay
  const wanted = wish.key === undefined ? undefined : new Set(wish.key.split(',').map((key) => key.trim()))
  const isWanted = ({ keys }: ExportLine) => !wanted || keys.some((key) => wanted.has(key))
  const lines = exported.filter((line) => isInside(line, wish) && isWanted(line))
  const whole = lines.some(({ lastDay }) => lastDay !== null) ? `${wish.fromDay}/${wish.toDay}` : undefined
  const namesModels = lines.some(({ model }) => model !== null)
  const { once, repeated } = apart(lines)
  const there = new Map<string, Entry>()
  for (const line of once) {
    const known = line.model === null ? undefined : wish.modelOf(line.model)
    add(there, { day: whole ?? line.day, model: known ?? line.model, used: line, key: line.keys[0] })
  }
  const here = new Map<string, Entry>()
  for await (const line of own) {
    if (isWithin(line))
      add(here, { day: whole ?? line.day, model: namesModels ? line.model : null, used: line })
  }
  const entries = [...new Set([...there.keys(), ...here.keys()])].sort()
  const differences = entries.flatMap((name) => differenceOf(here.get(name), there.get(name), wish))
  const duplicates = repeated.map((line): UsageDifference => {
    const model = line.model === null ? null : (wish.modelOf(line.model) ?? line.model)
    const found = { day: whole ?? line.day, model, here: unsaid, there: usedOf(line) }
    return {
      ...found,
      kind: 'duplicate',
      thereByKey: line.keys.slice(0, 1).map((key) => ({ ...usedOf(line), key })),
    }
  })
  return {
    days: new Set([...there.values(), ...here.values()].map(({ day }) => day)).size,
    lines: lines.length,
    compared: entries.length,
    here: totalOf(here),
    there: totalOf(there),
    differences: [...differences, ...duplicates],
  }
}

interface Entry {
  readonly day: string
  readonly model: string | null
  readonly used: Used
  readonly byKey: Map<string, Used>
}

function isInside({ day, lastDay }: ExportLine, { fromDay, toDay }: ReconciliationWish): boolean {
  const last = lastDay ?? day
  if (day >= fromDay && last < toDay) return true
  if (lastDay === null || last < fromDay || day >= toDay) return false
  throw new Problem('invalid_value', {
    detail: `A line of the export covers ${day} to ${last}, and the period is ${fromDay} to ${toDay}.`,
    mend: 'State a period that has the whole of it, or export by the day.',
  })
}

/** Lines of one and the same text count once; each further one is told. */
function apart(lines: readonly ExportLine[]) {
  const seen = new Set<string>()
  const once: ExportLine[] = []
  const repeated: ExportLine[] = []
  for (const line of lines) {
    if (seen.has(line.text)) repeated.push(line)
    else once.push(line)
    seen.add(line.text)
  }
  return { once, repeated }
}

type Added = Omit<Entry, 'byKey'> & { readonly key?: string | undefined }

function add(entries: Map<string, Entry>, { day, model, used, key }: Added): void {
  const name = JSON.stringify([day, model])
  const known = entries.get(name)
  const byKey = known?.byKey ?? new Map<string, Used>()
  if (key !== undefined) byKey.set(key, plus(byKey.get(key) ?? unsaid, used))
  entries.set(name, { day, model, used: plus(known?.used ?? unsaid, used), byKey })
}

const usedOf = ({ requests, inputTokens, outputTokens, costNanoUsd }: Used): Used => ({
  requests,
  inputTokens,
  outputTokens,
  costNanoUsd,
})

function plus(a: Used, b: Used): Used {
  const sum = (one: number | null, other: number | null) =>
    one === null ? other : other === null ? one : one + other
  return {
    requests: sum(a.requests, b.requests),
    inputTokens: sum(a.inputTokens, b.inputTokens),
    outputTokens: sum(a.outputTokens, b.outputTokens),
    costNanoUsd: sum(a.costNanoUsd, b.costNanoUsd),
  }
}

const totalOf = (entries: ReadonlyMap<string, Entry>) =>
  [...entries.values()].reduce((sum, { used }) => plus(sum, used), unsaid)

function differenceOf(
  here: Entry | undefined,
  there: Entry | undefined,
  { tolerancePercent }: ReconciliationWish,
): readonly UsageDifference[] {
  const { day, model } = (there ?? here) as Entry
  const thereByKey = [...(there?.byKey ?? [])].map(([key, used]) => ({ ...used, key }))
  const found = { day, model, here: here?.used ?? unsaid, there: there?.used ?? unsaid, thereByKey }
  if (!here || !there) {
    if (isNothing(found.here) && isNothing(found.there)) return []
    return [{ ...found, kind: here ? 'missing_there' : 'missing_here' }]
  }
  const isApart = measures.some((measure) => {
    const [one, other] = [found.here[measure], found.there[measure]]
    if (one === null || other === null) return false
    return Math.abs(one - other) * 100 > tolerancePercent * Math.max(Math.abs(one), Math.abs(other))
  })
  return isApart ? [{ ...found, kind: 'differs' }] : []
}

const isNothing = (used: Used) => measures.every((measure) => !used[measure])
