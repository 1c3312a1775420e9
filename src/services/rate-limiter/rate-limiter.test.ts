/** The rate limiter over buckets that write down what they are asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '#core/domain/caller.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BucketAnswer, BucketAsk, Buckets } from '#services/rate-limiter/buckets.ts'
import { createRateLimiter } from '#services/rate-limiter/rate-limiter.ts'
import type { RateLimiterSettings } from '#services/rate-limiter/limit-levels.ts'
import { fakeTarget } from '#tests/support/fake-rooms.ts'

const caller: Caller = { tenantId: 'acme', keyId: 'k1', role: 'user', permissions: new Set(['inference']) }
const target = fakeTarget('model-1')
const gauge = { limit: 10, remaining: 9, resetMs: 6_000 }
const taken = (ask: BucketAsk): BucketAnswer => ({
  isTaken: true,
  levels: ask.levels,
  tokens: ask.tokens,
  slotId: undefined,
  requests: gauge,
  tokensLeft: undefined,
})

function open(settings: Partial<RateLimiterSettings>, answer: (ask: BucketAsk) => BucketAnswer = taken) {
  const asks: BucketAsk[] = []
  const given: number[] = []
  const buckets: Buckets = {
    take(ask) {
      asks.push(ask)
      return answer(ask)
    },
    giveBack(_taken, tokensUsed) {
      given.push(tokensUsed)
    },
  }
  const clock = { nowMs: () => 0, monotonicMs: () => 77 }
  const report = () => assert.fail('nothing to report')
  const limiter = createRateLimiter(
    { buckets, clock, report },
    { perUser: {}, perKey: {}, perTenant: {}, rules: [], ...settings },
  )
  return { limiter, asks, given }
}

test('every level that has a limit is asked for, under names that no two tenants share', async () => {
  const { limiter, asks } = open({
    perUser: { requestsPerMinute: 1 },
    perKey: { tokensPerMinute: 2 },
    perTenant: { concurrentRequests: 3 },
  })
  const permit = await limiter.take({ caller, userId: 'ann', tokens: 10.2, target })
  assert.deepEqual(permit.state, { requests: gauge, tokens: undefined })
  assert.deepEqual(
    asks[0]?.levels.map(({ level, key }) => [level, key]),
    [
      ['user', 'user:acme/ann'],
      ['key', 'key:k1'],
      ['tenant', 'tenant:acme'],
    ],
  )
  assert.equal(asks[0]?.tokens, 11)
})

test('the limits of a key itself come before the general ones and leave the others in place', async () => {
  const { limiter, asks } = open({ perKey: { requestsPerMinute: 5, tokensPerMinute: 50 } })
  await limiter.take({
    caller: { ...caller, limits: { requestsPerMinute: 9 } },
    userId: undefined,
    tokens: 1,
    target,
  })
  const [level] = asks[0]?.levels ?? []
  assert.deepEqual([level?.requests, level?.tokens], [9, 50])
})

test('without any limit nothing is counted', async () => {
  const { limiter, asks } = open({})
  const permit = await limiter.take({ caller, userId: 'ann', tokens: 10, target })
  permit.release(3)
  assert.equal(permit.state, undefined)
  assert.equal(asks.length, 0)
})

test('a permit gives its place back once', async () => {
  const { limiter, given } = open({ perTenant: { concurrentRequests: 3 } })
  const permit = await limiter.take({ caller, userId: undefined, tokens: 10, target })
  permit.release(4)
  permit.release(9)
  assert.deepEqual(given, [4])
})

test('a refusal says which limit, whose, and when to come again', async () => {
  const refusal = { isTaken: false, level: 'tenant', window: 'minute', limit: 10 } as const
  const rate = open({ perTenant: { requestsPerMinute: 10 } }, () => ({
    ...refusal,
    measure: 'requests',
    retryAfterMs: 6_000,
  }))
  const places = open({ perTenant: { concurrentRequests: 10 } }, () => ({
    ...refusal,
    measure: 'concurrency',
    retryAfterMs: undefined,
  }))
  const need = { caller, userId: undefined, tokens: 1, target }
  assert.throws(
    () => rate.limiter.take(need),
    (thrown) =>
      thrown instanceof Problem &&
      thrown.code === 'rate_limited' &&
      thrown.details.retryAfterMs === 6_000 &&
      thrown.details.facts?.['level'] === 'tenant',
  )
  assert.throws(
    () => places.limiter.take(need),
    (thrown) =>
      thrown instanceof Problem &&
      thrown.code === 'too_many_concurrent' &&
      thrown.details.retryAfterMs === 1_000 &&
      thrown.details.facts?.['limit'] === 10,
  )
})
