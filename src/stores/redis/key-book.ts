/**
 * The book of idempotency keys in Redis: one for all instances, each step one script and one round trip. Leases go by the
 * server's clock. Each key has a slot of its own, so that a Cluster spreads them.
 */
import { Problem } from '#core/domain/problem.ts'
import type { CallOutcome, KeyBook, KeyState } from '#services/idempotency/key-book.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { claimScript, finishScript, releaseScript, renewScript } from '#stores/redis/key-book-scripts.ts'
import { createScript } from '#stores/redis/script.ts'

/** What the script that ends a call answers when somebody waits. */
const awaited = 2

export interface RedisKeyBookSettings {
  /** Stands before every key, so that several gateways can share a server. */
  readonly keyPrefix: string
}

export function createRedisKeyBook(
  connection: RedisConnection,
  { keyPrefix }: RedisKeyBookSettings,
): KeyBook {
  const runClaim = createScript(connection, claimScript)
  const runRenew = createScript(connection, renewScript)
  const runFinish = createScript(connection, finishScript)
  const runRelease = createScript(connection, releaseScript)
  const entryOf = (name: string) => `{${keyPrefix}:idempotency:${name}}`
  const answerOf = (name: string) => `${entryOf(name)}:answer`

  return {
    async claim({ name, fingerprint, requestId, leaseMs, rememberMs, awaitMs }) {
      const args = [fingerprint, requestId, leaseMs, rememberMs, awaitMs]
      return stateOf(await runClaim({ keys: [entryOf(name), answerOf(name)], args }))
    },
    async renew(held, { leaseMs }) {
      await Promise.all(
        held.map(({ name, requestId }) => runRenew({ keys: [entryOf(name)], args: [requestId, leaseMs] })),
      )
    },
    async finish({ name, requestId }, { outcome, answer, unlessAwaited }) {
      const kept = [answer?.keepMs ?? 0, answer?.text ?? '']
      const args = [requestId, JSON.stringify(outcome), ...kept, unlessAwaited ? 1 : 0]
      return (await runFinish({ keys: [entryOf(name), answerOf(name)], args })) === awaited
    },
    async release({ name, requestId }) {
      await runRelease({ keys: [entryOf(name)], args: [requestId] })
    },
    // Redis drops what has expired.
    prune: () => undefined,
  }
}

function stateOf(answer: unknown): KeyState {
  if (!Array.isArray(answer)) throw misunderstood()
  const [state, first, second] = answer as readonly unknown[]
  if (state === 'granted' || state === 'other-request') return { state }
  if (typeof first !== 'string') throw misunderstood()
  if (state === 'running') return { state, requestId: first }
  if (state !== 'finished') throw misunderstood()
  const outcome = JSON.parse(first) as CallOutcome
  return { state, outcome, answer: typeof second === 'string' ? second : undefined }
}

const misunderstood = () =>
  new Problem('store_unavailable', {
    detail: 'Redis gave an answer that the book of idempotency keys does not understand.',
  })
