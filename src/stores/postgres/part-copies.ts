/** Copies of every instance's parts of the shared ledger in PostgreSQL, from which counters are rebuilt. */
import { toNanoUsd } from '#core/domain/money.ts'
import type { PartCopies } from '#services/budget-manager/shared-ledger/own-book.ts'
import type { Part } from '#services/budget-manager/shared-ledger/shelf.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'

/** Parts only grow: whatever arrives late or twice changes nothing. */
const save = `
  INSERT INTO ledger_parts (instance, scope, window_id, settled_nano_usd, estimated_nano_usd, resets_at_ms)
  SELECT $1, part.scope, part.window_id, part.settled, part.estimated, part.resets
  FROM jsonb_to_recordset($2::jsonb)
    AS part(scope text, window_id text, settled bigint, estimated bigint, resets bigint)
  ON CONFLICT (instance, scope, window_id) DO UPDATE SET
    settled_nano_usd = greatest(ledger_parts.settled_nano_usd, excluded.settled_nano_usd),
    estimated_nano_usd = greatest(ledger_parts.estimated_nano_usd, excluded.estimated_nano_usd)`
const others = `
  SELECT instance, scope, window_id, settled_nano_usd, estimated_nano_usd, resets_at_ms FROM ledger_parts
  WHERE instance NOT IN (SELECT jsonb_array_elements_text($1::jsonb)) AND (resets_at_ms IS NULL OR resets_at_ms > $2)`
const partsPerStatement = 1_000

export function createPostgresPartCopies(database: SharedDatabase): PartCopies {
  return {
    async save(instance, parts) {
      for (let from = 0; from < parts.length; from += partsPerStatement) {
        const some = parts.slice(from, from + partsPerStatement).map((part) => ({
          scope: part.scope,
          window_id: part.window,
          settled: part.settled,
          estimated: part.estimated,
          resets: part.resetsAtMs ?? null,
        }))
        await database.write(save, [instance, JSON.stringify(some)])
      }
    },
    async others(than, endingAfterMs) {
      const found = new Map<string, Part[]>()
      for (const row of await database.write(others, [JSON.stringify(than), endingAfterMs])) {
        const instance = String(row['instance'])
        const parts = found.get(instance) ?? []
        found.set(instance, parts)
        parts.push({
          scope: String(row['scope']),
          window: String(row['window_id']),
          settled: toNanoUsd(Number(row['settled_nano_usd'])),
          estimated: toNanoUsd(Number(row['estimated_nano_usd'])),
          resetsAtMs: row['resets_at_ms'] === null ? undefined : Number(row['resets_at_ms']),
        })
      }
      return found
    },
  }
}
