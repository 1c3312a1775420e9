/** The book of idempotency keys in the embedded database: it outlives a restart, and serves one instance. */
import type { CallOutcome, KeyBook, KeyState } from '#services/idempotency/key-book.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

const statements = {
  find: `SELECT fingerprint, request_id, lease_ends_at_ms, outcome,
      CASE WHEN answer_until_ms > ? THEN answer END AS answer
    FROM idempotency_keys WHERE name = ? AND remembered_until_ms > ?`,
  grant: `INSERT OR REPLACE INTO idempotency_keys
    (name, fingerprint, request_id, lease_ends_at_ms, remembered_until_ms) VALUES (?, ?, ?, ?, ?)`,
  markAwaited: `UPDATE idempotency_keys SET awaited_until_ms = max(coalesce(awaited_until_ms, 0), ?)
    WHERE name = ? AND outcome IS NULL`,
  isAwaited: `SELECT 1 FROM idempotency_keys
    WHERE name = ? AND request_id = ? AND outcome IS NULL AND awaited_until_ms > ?`,
  renew:
    'UPDATE idempotency_keys SET lease_ends_at_ms = ? WHERE name = ? AND request_id = ? AND outcome IS NULL',
  finish: `UPDATE idempotency_keys SET outcome = ?, answer = ?, answer_until_ms = ?
    WHERE name = ? AND request_id = ? AND outcome IS NULL`,
  release: 'DELETE FROM idempotency_keys WHERE name = ? AND request_id = ? AND outcome IS NULL',
  forget: 'DELETE FROM idempotency_keys WHERE remembered_until_ms <= ?',
  forgetAnswers: `UPDATE idempotency_keys SET answer = NULL, answer_until_ms = NULL WHERE answer_until_ms <= ?`,
}

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteKeyBook(database: EmbeddedDatabase): KeyBook {
  const { connection } = database
  const find = connection.prepare(statements.find)
  const grant = connection.prepare(statements.grant)
  const markAwaited = connection.prepare(statements.markAwaited)
  const isAwaited = connection.prepare(statements.isAwaited)
  const renew = connection.prepare(statements.renew)
  const finish = connection.prepare(statements.finish)
  const release = connection.prepare(statements.release)
  const forget = connection.prepare(statements.forget)
  const forgetAnswers = connection.prepare(statements.forgetAnswers)
  return {
    claim: ({ name, requestId, fingerprint, nowMs, leaseMs, rememberMs, awaitMs }) =>
      database.transaction(() => {
        const found = find.get(nowMs, name, nowMs)
        if (found) {
          const state = stateOf(found, fingerprint, nowMs)
          if (state?.state === 'running' && awaitMs > 0) markAwaited.run(nowMs + awaitMs, name)
          if (state) return state
        }
        grant.run(name, fingerprint, requestId, nowMs + leaseMs, nowMs + Math.max(leaseMs, rememberMs))
        return { state: 'granted' }
      }),
    renew(held, { nowMs, leaseMs }) {
      database.transaction(() => {
        for (const { name, requestId } of held) renew.run(nowMs + leaseMs, name, requestId)
      })
    },
    finish: ({ name, requestId }, { outcome, answer, unlessAwaited, nowMs }) =>
      database.transaction(() => {
        if (unlessAwaited && isAwaited.get(name, requestId, nowMs)) return true
        const until = answer ? nowMs + answer.keepMs : null
        finish.run(JSON.stringify(outcome), answer?.text ?? null, until, name, requestId)
        return false
      }),
    release({ name, requestId }) {
      database.transaction(() => void release.run(name, requestId))
    },
    prune(nowMs) {
      database.transaction(() => {
        forget.run(nowMs)
        forgetAnswers.run(nowMs)
      })
    },
  }
}

/** Undefined when the key may be granted again: its call ended without a word. */
function stateOf(
  row: Readonly<Record<string, unknown>>,
  fingerprint: string,
  nowMs: number,
): KeyState | undefined {
  if (row['fingerprint'] !== fingerprint) return { state: 'other-request' }
  if (typeof row['outcome'] === 'string') {
    const answer = typeof row['answer'] === 'string' ? row['answer'] : undefined
    return { state: 'finished', outcome: JSON.parse(row['outcome']) as CallOutcome, answer }
  }
  if (Number(row['lease_ends_at_ms']) <= nowMs) return undefined
  return { state: 'running', requestId: String(row['request_id']) }
}
