/** Charges with their adjustments, read from a journal page by page. */
import { paidKinds } from '#core/domain/request-record.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { ChargePlace, ChargeQuery, Journal } from '#services/analytics-collector/journal.ts'

/** What a request was charged, and what was corrected of it later. */
export interface Charge {
  readonly row: UsageRow
  readonly adjustments: readonly UsageRow[]
}

const pageRows = 1_000
/** The attempt of an adjustment is that of its charge times this, and its own number: the second of attempt 1 is 1,002. */
const attemptFactor = 1_000

/** The attempt under which a charge's next adjustment is kept. */
export const nextAdjustment = ({ row, adjustments }: Charge): number =>
  row.attempt * attemptFactor + adjustments.length + 1

/** Every charge of a period, in the order of time; only one page is in memory. Throws `store_unavailable`. */
export async function* chargesOf(
  journal: Pick<Journal, 'charges'>,
  { fromMs, toMs, tenantId, provider }: Omit<ChargeQuery, 'after' | 'limit'>,
): AsyncGenerator<Charge> {
  let request: UsageRow[] = []
  let after: ChargePlace | undefined
  for (;;) {
    const page = await journal.charges({ fromMs, toMs, tenantId, provider, after, limit: pageRows })
    for (const row of page) {
      const [first] = request
      if (first && (first.requestId !== row.requestId || first.tenantId !== row.tenantId)) {
        yield* chargesIn(request)
        request = []
      }
      request.push(row)
    }
    after = page.at(-1)
    if (after === undefined || page.length < pageRows) break
  }
  yield* chargesIn(request)
}

function chargesIn(request: readonly UsageRow[]): readonly Charge[] {
  return request
    .filter(({ kind }) => paidKinds.includes(kind))
    .map((row) => ({
      row,
      adjustments: request.filter(
        ({ kind, attempt }) => kind === 'adjust' && Math.floor(attempt / attemptFactor) === row.attempt,
      ),
    }))
}
