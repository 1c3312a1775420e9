/** What a house wrote down, read beside it from its file: rows of usage, money spent, money still held. */
import type { UsageRow } from '#core/domain/request-record.ts'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RunningHouse } from '#tests/support/running-house.ts'
import { eventually } from '#tests/journeys/eventually.ts'

/** A row of usage, as far as the journeys look at it. */
export interface KeptRow {
  readonly request_id: string
  readonly attempt: number
  readonly kind: UsageRow['kind']
  readonly tenant_id: string
  readonly key_id: string
  readonly user_id: string | null
  readonly door: string
  readonly task_type: string | null
  readonly model_asked: string
  readonly provider: string | null
  readonly model: string | null
  readonly is_streamed: number
  readonly is_simulated: number
  readonly status: number
  readonly problem: string | null
  readonly finish: string | null
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cached_input_tokens: number
  readonly reasoning_tokens: number
  readonly cost_nano_usd: number
  readonly degraded: string | null
  readonly is_estimated: number
  readonly latency_ms: number
  readonly first_token_ms: number | null
}

export interface KeptRecords {
  /** In the order of their requests and attempts. */
  readonly rows: readonly KeptRow[]
  /** Nano-dollars of each hold that nobody has settled, by request id. */
  readonly heldNanoUsd: ReadonlyMap<string, number>
  /** Nano-dollars settled so far, by scope (`tenant:acme`), over all windows. */
  readonly spentNanoUsd: ReadonlyMap<string, number>
}

/** Settings that make rows appear soon after their request. */
export const soonWritten = 'analytics: {flush_ms: 10}\n'

export function readRecords(dataDir: string): KeptRecords {
  const database = new DatabaseSync(join(dataDir, 'signalbox.db'), { readOnly: true })
  try {
    const rows = database.prepare('SELECT * FROM usage_rows ORDER BY request_id, attempt, kind').all()
    const counters = database.prepare('SELECT scope, settled_nano_usd AS settled FROM ledger_counters').all()
    const log = database.prepare('SELECT entries FROM ledger_log ORDER BY sequence').all()
    return { rows: rows as unknown as KeptRow[], ...replayed(counters as never, log as never) }
  } finally {
    database.close()
  }
}

type Entry =
  | readonly ['hold' | 'expired', string, number, number, readonly (string | number)[]]
  | readonly ['settle', string, number]
  | readonly ['expire', string]

/** The ledger's log in few lines: a hold is placed, then settled, or charged in full. */
function replayed(
  counters: readonly { readonly scope: string; readonly settled: number }[],
  log: readonly { readonly entries: string }[],
) {
  const spentNanoUsd = new Map<string, number>()
  const holds = new Map<string, { readonly amount: number; readonly scopes: readonly string[] }>()
  const spend = (scope: string, amount: number) => {
    spentNanoUsd.set(scope, (spentNanoUsd.get(scope) ?? 0) + amount)
  }
  for (const { scope, settled } of counters) spend(scope, settled)
  for (const entry of log.flatMap(({ entries }) => JSON.parse(entries) as Entry[])) {
    const [word, id, amount = 0] = entry
    if (word === 'hold') holds.set(id, { amount, scopes: everyThird(entry[4]) })
    else if (word === 'settle' || word === 'expire') {
      const hold = holds.get(id)
      for (const scope of hold?.scopes ?? []) spend(scope, word === 'settle' ? amount : (hold?.amount ?? 0))
      holds.delete(id)
    }
  }
  const heldNanoUsd = new Map([...holds].map(([id, { amount }]) => [id, amount]))
  return { spentNanoUsd, heldNanoUsd }
}

/** Of scope, window and reset by turns, the scopes. */
const everyThird = (flat: readonly (string | number)[]) =>
  flat.filter((_, position) => position % 3 === 0).map(String)

/** Every row of a request, once the one that ends it is written. Asserts that exactly one ends it. */
export async function rowsOf(house: RunningHouse, requestId: string | null): Promise<readonly KeptRow[]> {
  assert.ok(requestId !== null && requestId !== '', 'the answer names its request')
  return eventually(() => {
    const rows = readRecords(house.dataDir).rows.filter((row) => row.request_id === requestId)
    const ending = rows.filter(({ kind }) => kind !== 'failed')
    assert.equal(ending.length, 1, `rows that end request ${requestId}: ${JSON.stringify(rows)}`)
    return rows
  })
}

/** The row that ends a request. */
export async function endingRow(house: RunningHouse, requestId: string | null): Promise<KeptRow> {
  const rows = await rowsOf(house, requestId)
  const ending = rows.find(({ kind }) => kind !== 'failed')
  assert.ok(ending)
  return ending
}

/** Waits until no hold is open in the ledger and no request is being answered. */
export async function assertNothingHeld(
  house: RunningHouse,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  await eventually(async () => {
    const { heldNanoUsd } = readRecords(house.dataDir)
    assert.deepEqual([...heldNanoUsd.keys()], [], 'holds that are still open')
    const response = await house.get('/health/detailed', headers)
    const health = (await response.json()) as { readonly in_flight?: number }
    assert.equal(health.in_flight, 0, `requests in flight: ${JSON.stringify(health)}`)
  })
}
