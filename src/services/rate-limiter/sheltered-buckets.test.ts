/** Limits while the shared store is away: each instance counts its own share. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import type { BucketAnswer, BucketAsk, Buckets } from '#services/rate-limiter/buckets.ts'
import { createShelteredBuckets } from '#services/rate-limiter/sheltered-buckets.ts'

const ask: BucketAsk = {
  levels: [
    {
      level: 'tenant',
      key: 'tenant:a',
      window: 'minute',
      windowMs: 60_000,
      requests: 5,
      tokens: undefined,
      concurrentRequests: 9,
    },
  ],
  tokens: 1,
  nowMs: 0,
}

const taken = ({ levels, tokens }: BucketAsk): BucketAnswer => ({
  isTaken: true,
  levels,
  tokens,
  slotId: undefined,
  requests: undefined,
  tokensLeft: undefined,
})

test('a store that is away is left alone for a second, and each instance counts its share of every limit', async () => {
  const clock = { nowMs: () => 0, monotonicMs: () => time.ms }
  const time = { ms: 0 }
  const asked = { shared: 0, back: [] as string[] }
  let isAway = true
  const own: BucketAsk[] = []
  const shared: Buckets = {
    take(given) {
      asked.shared += 1
      if (isAway) throw new Problem('store_unavailable')
      return taken(given)
    },
    giveBack: () => void asked.back.push('shared'),
  }
  const local: Buckets = {
    take(given) {
      own.push(given)
      return taken(given)
    },
    giveBack: () => void asked.back.push('own'),
  }
  const buckets = createShelteredBuckets({ shared, own: local, clock, instances: () => 2 })

  const first = await buckets.take(ask)
  await buckets.take(ask)
  assert.deepEqual([asked.shared, own.length], [1, 2])
  assert.deepEqual([own[0]?.levels[0]?.requests, own[0]?.levels[0]?.concurrentRequests], [3, 5])
  isAway = false
  time.ms = 1_000
  const later = await buckets.take(ask)
  assert.deepEqual([asked.shared, own.length], [2, 2])
  for (const answer of [first, later]) if (answer.isTaken) await buckets.giveBack(answer, 1, 0)
  assert.deepEqual(asked.back, ['own', 'shared'])
})

test('a part of what was taken from the own share goes back there', async () => {
  const back: string[] = []
  const place = (name: string, take: Buckets['take']): Buckets => ({
    take,
    giveBack: () => void back.push(name),
  })
  const away = place('shared', () => {
    throw new Problem('store_unavailable')
  })
  const clock = { nowMs: () => 0, monotonicMs: () => 0 }
  const buckets = createShelteredBuckets({
    shared: away,
    own: place('own', taken),
    clock,
    instances: () => 1,
  })
  const answer = await buckets.take(ask)
  // As a permit does that leaves one target for another.
  if (answer.isTaken) await buckets.giveBack({ ...answer, levels: answer.levels.slice(0, 1) }, 0, 0)
  assert.deepEqual(back, ['own'])
})
