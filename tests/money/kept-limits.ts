/** Whether limits were kept in a shared ledger, by its books as they lie in Redis and by what the provider billed. */
import assert from 'node:assert/strict'
import { checkMoney } from '#tests/money/ledger-check.ts'
import { readClusterBooks, readSharedBooks } from '#tests/money/money-books.ts'
import { window } from '#tests/money/failover-stage.ts'

/** Of one scope: its hard limit, and what the provider has on its bill for it. */
export interface KeptLimit {
  readonly scope: string
  readonly limit: number
  readonly billed: number
}

/** One server, or the nodes of a Cluster. */
export type WhereKept = string | readonly string[]

/** Asserts that nothing was overspent: neither in the books nor on the bill, all of which the books contain. */
export async function assertNothingOverspent(
  where: WhereKept,
  keyPrefix: string,
  kept: readonly KeptLimit[],
): Promise<void> {
  const books =
    typeof where === 'string'
      ? await readSharedBooks(where, keyPrefix, [])
      : await readClusterBooks(where, keyPrefix)
  const limits = new Map(kept.map(({ scope, limit }) => [`${scope} ${window}`, limit]))
  // There are no rows, and what is held may still be open.
  const { findings } = checkMoney(books, { limits, hasDied: true })
  assert.deepEqual(
    findings.filter((finding) => !finding.includes('at rest')),
    [],
  )
  for (const { scope, limit, billed } of kept) {
    assert.ok(billed <= limit, `${scope}: ${billed} on the bill, above the limit of ${limit}`)
    const settled = books.counters.find((one) => one.scope === scope && one.window === window)?.settled ?? 0
    assert.ok(settled >= billed, `${scope}: ${billed} on the bill, ${settled} in the books`)
  }
}
