/**
 * The buckets in Redis: every instance takes from the same ones, one script and one round trip for each step, together
 * with the money of the same request where both lie in one place. Times are the server's own, so that instances whose
 * clocks differ agree. A place that was never given back, because its instance is gone, is free again when its lease ends.
 */
import type { LimitLevel } from '#core/domain/limit-rule.ts'
import type { BucketAnswer, BucketAsk, BucketLevel, Buckets } from '#services/rate-limiter/buckets.ts'
import { answerOf, mergedAnswer } from '#stores/redis/bucket-answer.ts'
import { giveBackScript, takeScript } from '#stores/redis/bucket-scripts.ts'
import type { RedisArgument, RedisConnection } from '#stores/redis/connection.ts'
import { createJointDesk } from '#stores/redis/joint-desk.ts'
import type { JointDesk } from '#stores/redis/joint-desk.ts'
import { createScript } from '#stores/redis/script.ts'

/** Where levels lie: one slot of a Cluster, or all of a server. */
export interface BucketPlace {
  /** The hash tag of every key. */
  readonly tag: string
  /** Where the money of the same requests joins. */
  readonly desks: RedisDesks
}

export interface RedisDesks {
  readonly takes: JointDesk
  readonly returns: JointDesk
}

export interface RedisBucketsSettings {
  /** The same place for the same level and tenant, always. */
  readonly placeOf: (level: LimitLevel, tenantId: string) => BucketPlace
  /** Longer than the longest request. */
  readonly placeLeaseMs: number
  /** `server` in earnest; `caller` believes the moments that are asked with, which tests need. */
  readonly timeSource: 'server' | 'caller'
}

export interface RedisBucketsPorts {
  readonly connection: RedisConnection
  readonly uniqueId: () => string
}

/** Money is held in the turn of its limits, and settled within two of them: it is written down at home first. */
export function createRedisDesks(connection: RedisConnection): RedisDesks {
  return {
    takes: createJointDesk(createScript(connection, takeScript), queueMicrotask),
    returns: createJointDesk(createScript(connection, giveBackScript), (over) => {
      setImmediate(() => setImmediate(over))
    }),
  }
}

/** The levels of one place, as they were asked for. */
type Share = readonly [place: BucketPlace, levels: readonly BucketLevel[]]

interface Returning {
  readonly tokens: number
  readonly tokensUsed: number
  readonly nowMs: number
  readonly slotId: string | undefined
  readonly requestId: string | undefined
  readonly isUndone: boolean
}

export function createRedisBuckets(ports: RedisBucketsPorts, settings: RedisBucketsSettings): Buckets {
  const { placeOf } = settings
  const steps = stepsAt(ports.connection, settings)

  return {
    async take(ask) {
      const slotId = ports.uniqueId()
      const shares = sharesAt(placeOf, ask.levels, ask.asker?.tenantId)
      const [only] = shares
      if (only && shares.length === 1) return steps.takeAt(only, ask, slotId)
      const answers = await Promise.allSettled(shares.map((share) => steps.takeAt(share, ask, slotId)))
      const merged = mergedAnswer(answers, ask, slotId)
      if (!(merged instanceof Error) && merged.isTaken) return merged
      const { tokens, nowMs } = ask
      const returning = { tokens, tokensUsed: 0, nowMs, slotId, requestId: undefined, isUndone: true }
      for (const [position, share] of shares.entries()) {
        const answer = answers[position]
        // What cannot be undone now ends with its lease, and errs by refusing.
        if (answer?.status === 'fulfilled' && answer.value.isTaken)
          steps.giveBackAt(share, returning).catch(() => undefined)
      }
      if (merged instanceof Error) throw merged
      return merged
    },
    async giveBack({ levels, tokens, slotId, asker }, tokensUsed, nowMs) {
      const requestId = asker?.requestId
      const returning = { tokens, tokensUsed, nowMs, slotId, requestId, isUndone: false }
      const shares = sharesAt(placeOf, levels, asker?.tenantId)
      await Promise.all(shares.map((share) => steps.giveBackAt(share, returning)))
    },
  }
}

/** Both steps at one place. */
function stepsAt(
  connection: RedisConnection,
  { placeLeaseMs, timeSource }: Pick<RedisBucketsSettings, 'placeLeaseMs' | 'timeSource'>,
) {
  const takeAlone = createScript(connection, takeScript)
  const giveBackAlone = createScript(connection, giveBackScript)
  const moment = (nowMs: number) => (timeSource === 'caller' ? nowMs : -1)
  return {
    async takeAt([place, levels]: Share, ask: BucketAsk, slotId: string): Promise<BucketAnswer> {
      const args: RedisArgument[] = [moment(ask.nowMs), ask.tokens, slotId, placeLeaseMs]
      for (const { windowMs, requests, tokens, concurrentRequests } of levels) {
        args.push(windowMs, requests ?? -1, tokens ?? -1, concurrentRequests ?? -1)
      }
      const call = { keys: keysOf(place, levels), args }
      const { asker } = ask
      const asking = asker ? place.desks.takes.offer(asker.requestId, call) : takeAlone(call)
      return answerOf(await asking, { ...ask, levels }, slotId)
    },
    async giveBackAt([place, levels]: Share, returning: Returning): Promise<void> {
      const { tokens: taken, tokensUsed, nowMs, slotId, requestId, isUndone } = returning
      const args: RedisArgument[] = [moment(nowMs), taken, tokensUsed, slotId ?? '', isUndone ? 1 : 0]
      for (const { windowMs, requests, tokens } of levels) args.push(windowMs, requests ?? -1, tokens ?? -1)
      const call = { keys: keysOf(place, levels), args }
      await (requestId === undefined ? giveBackAlone(call) : place.desks.returns.offer(requestId, call))
    },
  }
}

const keysOf = ({ tag }: BucketPlace, levels: readonly BucketLevel[]) =>
  levels.flatMap(({ key }) => [`{${tag}}:rate:${key}`, `{${tag}}:places:${key}`])

function sharesAt(
  placeOf: RedisBucketsSettings['placeOf'],
  levels: readonly BucketLevel[],
  tenantId = '',
): readonly Share[] {
  const byPlace = new Map<BucketPlace, BucketLevel[]>()
  for (const level of levels) {
    const place = placeOf(level.level, tenantId)
    const known = byPlace.get(place)
    if (known) known.push(level)
    else byPlace.set(place, [level])
  }
  return [...byPlace]
}
