/**
 * The book of idempotency keys in PostgreSQL, for several instances that share it and no Redis. Leases go by the server's
 * clock, so that instances need not agree on the time.
 */
import { Problem } from '#core/domain/problem.ts'
import type { CallOutcome, KeyBook, KeyState } from '#services/idempotency/key-book.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import type { ReadRow } from '#stores/sql/usage-columns.ts'

const now = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

/** Each look tells anew how long somebody waits; what is as long but for this is not written again. */
const awaitSlackMs = 1_000

const statements = {
  /** Takes the key when it is free: unknown, forgotten, or left by a call of the same request whose lease has ended. */
  grant: `INSERT INTO idempotency_keys AS kept
      (name, fingerprint, request_id, lease_ends_at_ms, remembered_until_ms)
    VALUES ($1, $2, $3, ${now} + $4::bigint, ${now} + greatest($4::bigint, $5::bigint))
    ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint, request_id = excluded.request_id,
      lease_ends_at_ms = excluded.lease_ends_at_ms, remembered_until_ms = excluded.remembered_until_ms,
      outcome = NULL, answer = NULL, answer_until_ms = NULL
    WHERE kept.remembered_until_ms <= ${now} OR (kept.outcome IS NULL
      AND kept.lease_ends_at_ms <= ${now} AND kept.fingerprint = excluded.fingerprint)
    RETURNING name`,
  find: `SELECT fingerprint, request_id, outcome, CASE WHEN answer_until_ms > ${now} THEN answer END AS answer,
      coalesce(awaited_until_ms, 0) + ${awaitSlackMs} >= ${now} + $2::bigint AS is_marked
    FROM idempotency_keys WHERE name = $1`,
  markAwaited: `UPDATE idempotency_keys
    SET awaited_until_ms = greatest(coalesce(awaited_until_ms, 0), ${now} + $3::bigint)
    WHERE name = $1 AND request_id = $2 AND outcome IS NULL RETURNING name`,
  renew: `UPDATE idempotency_keys SET lease_ends_at_ms = ${now} + $3::bigint
    WHERE name = $1 AND request_id = $2 AND outcome IS NULL`,
  finish: `UPDATE idempotency_keys SET outcome = $3, answer = $4::text, answer_until_ms = ${now} + $5::bigint
    WHERE name = $1 AND request_id = $2 AND outcome IS NULL
      AND NOT ($6::int = 1 AND coalesce(awaited_until_ms, 0) > ${now})
    RETURNING name`,
  release: 'DELETE FROM idempotency_keys WHERE name = $1 AND request_id = $2 AND outcome IS NULL',
  forget: `DELETE FROM idempotency_keys WHERE remembered_until_ms <= ${now}`,
  forgetAnswers: `UPDATE idempotency_keys SET answer = NULL, answer_until_ms = NULL WHERE answer_until_ms <= ${now}`,
}

/** A key may be given back between the two questions; not often. */
const looksMax = 5

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function createPostgresKeyBook(database: SharedDatabase): KeyBook {
  return {
    async claim({ name, fingerprint, requestId, leaseMs, rememberMs, awaitMs }) {
      for (let look = 0; look < looksMax; look++) {
        const granted = await database.write(statements.grant, [
          name,
          fingerprint,
          requestId,
          leaseMs,
          rememberMs,
        ])
        if (granted.length > 0) return { state: 'granted' }
        const [row] = await database.write(statements.find, [name, awaitMs])
        if (!row) continue
        const state = stateOf(row, fingerprint)
        if (state.state !== 'running' || awaitMs === 0 || row['is_marked'] === true) return state
        const marked = await database.write(statements.markAwaited, [name, state.requestId, awaitMs])
        if (marked.length > 0) return state
      }
      throw new Problem('store_unavailable', {
        detail: 'An idempotency key was taken and given back again and again.',
      })
    },
    async renew(held, { leaseMs }) {
      for (const { name, requestId } of held)
        await database.write(statements.renew, [name, requestId, leaseMs])
    },
    async finish({ name, requestId }, { outcome, answer, unlessAwaited }) {
      const kept = [answer?.text ?? null, answer?.keepMs ?? null]
      const ending = [name, requestId, JSON.stringify(outcome), ...kept, unlessAwaited ? 1 : 0]
      const written = await database.write(statements.finish, ending)
      // Whoever does not hold the key any more finds that out when it writes with the answer.
      return unlessAwaited && written.length === 0
    },
    async release({ name, requestId }) {
      await database.write(statements.release, [name, requestId])
    },
    async prune() {
      await database.write(statements.forget, [])
      await database.write(statements.forgetAnswers, [])
    },
  }
}

function stateOf(row: ReadRow, fingerprint: string): KeyState {
  if (row['fingerprint'] !== fingerprint) return { state: 'other-request' }
  const { outcome, answer, request_id: requestId } = row
  if (typeof outcome !== 'string') return { state: 'running', requestId: String(requestId) }
  const kept = typeof answer === 'string' ? answer : undefined
  return { state: 'finished', outcome: JSON.parse(outcome) as CallOutcome, answer: kept }
}
