/**
 * The hint board in Redis: what instances found out about tracks, in one sorted set whose scores are the moments at
 * which hints end, by the server's own clock. Whoever starts later reads what still holds; nothing needs a second
 * connection, and a failover loses at most hints.
 */
import type { HeardHint, Hint, HintBoard } from '#services/resilience/hints.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { createScript } from '#stores/redis/script.ts'

/** More than any operator has tracks; the hints that end first are dropped beyond it. */
const hintsMax = 1_000
const hintLengthMax = 1_024

const serverTime = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

const pinScript = `${serverTime}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now))
redis.call('ZADD', KEYS[1], 'GT', string.format('%d', now + ARGV[1]), ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(ARGV[3] + 1))
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%d', last[2]))
return 1
`

/** The moment, then each hint and when it ends. */
const readScript = `${serverTime}
local found = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%d', now), '+inf', 'WITHSCORES')
table.insert(found, 1, string.format('%d', now))
return found
`

export function createRedisHintBoard(
  connection: RedisConnection,
  { keyPrefix }: { readonly keyPrefix: string },
): HintBoard {
  const runPin = createScript(connection, pinScript)
  const runRead = createScript(connection, readScript)
  const keys = [`{${keyPrefix}:hints}:tracks`]
  return {
    async pin({ kind, of, track, forMs }) {
      const hint = JSON.stringify([kind, of, track])
      if (hint.length > hintLengthMax) return
      await runPin({ keys, args: [Math.max(1, Math.ceil(forMs)), hint, hintsMax] })
    },
    async read() {
      const [now, ...found] = stringsOf(await runRead({ keys, args: [] }))
      const heard: HeardHint[] = []
      for (let at = 0; at + 1 < found.length; at += 2) {
        const hint = hintOf(found[at] ?? '')
        const untilMs = Number(found[at + 1])
        const forMs = untilMs - Number(now)
        if (hint && forMs > 0) heard.push({ ...hint, forMs, untilMs })
      }
      return heard
    },
  }
}

const stringsOf = (answer: unknown): readonly string[] => (Array.isArray(answer) ? answer.map(String) : [])

/** Whatever else stands there is no hint of this version. */
function hintOf(text: string): Omit<Hint, 'forMs'> | undefined {
  let parts: unknown
  try {
    parts = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(parts)) return undefined
  const [kind, of, track] = parts as readonly unknown[]
  const isKind = kind === 'open' || kind === 'rest' || kind === 'key-rest'
  return isKind && typeof of === 'string' && typeof track === 'string' ? { kind, of, track } : undefined
}
