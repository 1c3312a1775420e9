/**
 * An independent check of the books: it shares no arithmetic with the gateway, and knows besides the stores only what
 * the provider double billed. Calls are told apart by a mark that the test puts before each request id.
 */
import { paidKinds } from '#core/domain/request-record.ts'
import assert from 'node:assert/strict'
import type { BookedRow, MoneyBooks } from '#tests/money/money-books.ts'

/** What the provider itself has on its bill for one call. */
export interface ProviderBill {
  /** What the caller's `x-request-id` was. */
  readonly mark: string
  readonly costNanoUsd: number
}

export interface MoneyTerms {
  /** Hard limits by `scope window`: `tenant:default 2026-11`. */
  readonly limits?: ReadonlyMap<string, number>
  /** Charges beyond their holds, as the gateway reports them. */
  readonly overUseNanoUsd?: number
  /** Without bills, rows are compared with the counters alone. */
  readonly bills?: readonly ProviderBill[]
  /**
   * A process was killed: its last settlements may be in the ledger without their rows, and its last rows may be
   * written while the ledger holds, and then charges, the whole hold.
   */
  readonly hasDied?: boolean
}

export interface MoneyReport {
  readonly findings: readonly string[]
  /** Charges that agree with a bill to the nano-dollar. */
  readonly exact: number
  /** Charges whose count was estimated here: broken off, left, or without a report. */
  readonly estimated: number
  /** Holds that nobody settled, charged in full. */
  readonly expired: number
  /** Bills of calls that ended without a charge row or an expired hold. */
  readonly uncharged: number
}

export function checkMoney(books: MoneyBooks, terms: MoneyTerms = {}): MoneyReport {
  const charges = books.rows.filter(({ kind }) => paidKinds.includes(kind))
  const findings = [
    ...books.openHolds.map((id) => `held at rest: ${id}`),
    ...books.counters
      .filter(({ reserved }) => reserved !== 0)
      .map(({ scope }) => `reserved at rest: ${scope}`),
    ...books.counters
      .filter(({ settled, estimated }) => settled < 0 || estimated < 0 || estimated > settled)
      .map(({ scope }) => `a counter that cannot be: ${scope}`),
    ...countersAgainstRows(books, charges, terms),
    ...repeatedRows(books.rows),
    ...sumsOfChildren(books),
    ...brokenLimits(books, terms),
  ]
  const billing = billsAgainstRows(books, charges, terms.bills ?? [])
  return { ...billing, findings: terms.bills ? [...findings, ...billing.findings] : findings }
}

/** Asserts that nothing was found, and gives the counts. */
export function assertMoney(books: MoneyBooks, terms: MoneyTerms = {}): MoneyReport {
  const report = checkMoney(books, terms)
  assert.deepEqual(report.findings, [])
  return report
}

/** Settled without the estimates is the sum of the charge rows of the same scope and window. */
function countersAgainstRows(books: MoneyBooks, charges: readonly BookedRow[], terms: MoneyTerms): string[] {
  const findings: string[] = []
  for (const { scope, window, settled, estimated, corrected = 0 } of books.counters) {
    const rows = charges.filter((row) => {
      const isExpired = terms.hasDied === true && books.expiredHolds.has(row.request_id)
      return !isExpired && isIn(row, scope) && momentText(row).startsWith(window)
    })
    if (!isMatchable(scope, window)) continue
    const charged = sumOf(rows)
    const known = settled - estimated - corrected
    const isCounted = isAlwaysCounted(scope, window)
    const isRight = (terms.hasDied || charged >= known) && (!isCounted || charged <= known)
    if (!isRight) {
      findings.push(
        `${scope} ${window}: ${settled} settled, ${estimated} of it estimated, ${charged} in rows`,
      )
    }
  }
  return findings
}

/** Other counters count only while somebody has set a limit for them. */
const isAlwaysCounted = (scope: string, window: string) =>
  /^(?:tenant|key|user):/.test(scope) && /^\d{4}-\d\d$/.test(window)

const matchable = /^(?:everyone|(?:tenant|key|user|provider|model):.*)$/
/** Weeks and all time are no beginnings of a date; tags and teams are left to their own tests. */
const isMatchable = (scope: string, window: string) => matchable.test(scope) && /^\d{4}-[\dT-]+$/.test(window)

function isIn(row: BookedRow, scope: string): boolean {
  const { tenant_id: tenant, key_id: key, user_id: user } = row
  return [
    'everyone',
    `tenant:${tenant}`,
    `key:${tenant}/${key}`,
    `user:${tenant}/${user ?? `(key ${key})`}`,
    `provider:${row.provider ?? ''}`,
    `model:${row.model ?? ''}`,
  ].includes(scope)
}

const momentText = ({ started_at_ms }: BookedRow) => new Date(started_at_ms).toISOString()
const sumOf = (rows: readonly BookedRow[]) => rows.reduce((sum, { cost_nano_usd }) => sum + cost_nano_usd, 0)

/** Attempts that others went on with or raced, or that failed, and later corrections: none of them ends a request. */
const kindsBesideTheEnd: ReadonlySet<string> = new Set(['failed', 'rescued', 'hedged', 'adjust'])

/** One row for an attempt, and one that ends the request. */
function repeatedRows(rows: readonly BookedRow[]): string[] {
  const attempts = countBy(
    rows,
    ({ request_id, attempt }) => `two rows for one attempt: ${request_id} ${attempt}`,
  )
  const ends = countBy(
    rows.filter(({ kind }) => !kindsBesideTheEnd.has(kind)),
    ({ request_id }) => `two ends of one request: ${request_id}`,
  )
  return [...attempts, ...ends].flatMap(([finding, count]) => (count > 1 ? [finding] : []))
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1)
  return counts
}

/** Every call has a tenant, a key and a user: all three levels count the same money. */
function sumsOfChildren({ counters }: MoneyBooks): string[] {
  const findings: string[] = []
  for (const parent of counters) {
    const tenant = /^tenant:(.*)$/.exec(parent.scope)?.[1]
    if (tenant === undefined) continue
    for (const level of ['key', 'user']) {
      const children = counters.filter(
        ({ scope, window }) => scope.startsWith(`${level}:${tenant}/`) && window === parent.window,
      )
      const sum = children.reduce((total, { settled }) => total + settled, 0)
      if (children.length > 0 && sum > parent.settled) {
        findings.push(`${parent.scope} ${parent.window}: ${parent.settled} settled, ${sum} by ${level}`)
      }
    }
  }
  return findings
}

function brokenLimits({ counters }: MoneyBooks, { limits, overUseNanoUsd = 0 }: MoneyTerms): string[] {
  return counters.flatMap(({ scope, window, settled, reserved }) => {
    const limit = limits?.get(`${scope} ${window}`)
    const isBroken = limit !== undefined && settled + reserved > limit + overUseNanoUsd
    return isBroken ? [`${scope} ${window}: ${settled} + ${reserved} above the limit of ${limit}`] : []
  })
}

const markOf = (requestId: string) => requestId.split('.')[0] ?? requestId

/** Each bill has its charge, and each charge its bill; what was estimated is counted apart. */
function billsAgainstRows(
  { expiredHolds }: MoneyBooks,
  charges: readonly BookedRow[],
  bills: readonly ProviderBill[],
): MoneyReport {
  const findings: string[] = []
  const counts = { exact: 0, estimated: 0, expired: 0, uncharged: 0 }
  const left = new Map<string, BookedRow[]>()
  for (const row of charges)
    left.set(markOf(row.request_id), [...(left.get(markOf(row.request_id)) ?? []), row])
  const expired = new Set([...expiredHolds.keys()].map(markOf))
  for (const { mark, costNanoUsd } of bills) {
    const row = left.get(mark)?.shift()
    if (!row) {
      if (expired.delete(mark)) counts.expired += 1
      else {
        counts.uncharged += 1
        findings.push(`a bill without a row: ${mark} ${costNanoUsd}`)
      }
    } else if (row.is_estimated !== 0) counts.estimated += 1
    else {
      counts.exact += 1
      if (row.cost_nano_usd !== costNanoUsd)
        findings.push(`${mark}: ${costNanoUsd} on the bill, ${row.cost_nano_usd} in the row`)
    }
  }
  for (const row of [...left.values()].flat()) {
    if (row.cost_nano_usd !== 0) findings.push(`a row without a bill: ${row.request_id} ${row.cost_nano_usd}`)
  }
  return { findings, ...counts }
}
