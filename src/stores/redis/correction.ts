/** Corrections of counters in Redis: what they all come to is a field of the counter itself, so that a repetition is none. */
import type { Correction } from '#core/domain/ledger-hold.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { scriptWords } from '#stores/redis/ledger-scripts.ts'
import type { RedisArgument, RedisConnection } from '#stores/redis/connection.ts'
import { createScript } from '#stores/redis/script.ts'

/**
 * KEYS: epoch, counter. ARGV: epoch, instance, session, what all corrections come to, end of the window (-1: none), how
 * long the counter is kept after that. Answers by how much the counter changed. Field `c` of the counter is what its
 * corrections come to; it is part of `s`, and forgotten with it.
 */
const correctScript = `${scriptWords}
if not isPresent() then return false end
local total = tonumber(ARGV[4])
local change = total - tonumber(redis.call('HGET', KEYS[2], 'c') or 0)
if change == 0 then return '0' end
redis.call('HINCRBY', KEYS[2], 's', whole(change))
redis.call('HSET', KEYS[2], 'c', whole(total))
keepUntil(KEYS[2], tonumber(ARGV[5]), tonumber(ARGV[6]))
return whole(change)
`

export interface CorrectionPlace {
  readonly epochKey: string
  readonly counterKey: string
  /** Epoch, instance and session. */
  readonly stamp: readonly RedisArgument[]
  readonly keptMs: number
}

/** Undefined when epoch or session are others. */
export type BookCorrection = (at: CorrectionPlace, correction: Correction) => Promise<NanoUsd | undefined>

export function createBookCorrection(connection: RedisConnection): BookCorrection {
  const run = createScript(connection, correctScript)
  return async ({ epochKey, counterKey, stamp, keptMs }, { total, resetsAtMs }) => {
    const args = [...stamp, total, resetsAtMs ?? -1, keptMs]
    const answer = await run({ keys: [epochKey, counterKey], args })
    return answer === null ? undefined : toNanoUsd(Number(answer))
  }
}
