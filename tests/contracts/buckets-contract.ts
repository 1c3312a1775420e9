/** What every store of buckets must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asyncProperty, assert as check, array, constantFrom, integer, record } from 'fast-check'
import type { BucketLevel, Buckets, BucketTaken } from '#services/rate-limiter/buckets.ts'

const level = (key: string, limits: Partial<BucketLevel>): BucketLevel => ({
  level: 'user',
  window: 'minute',
  windowMs: 60_000,
  key,
  requests: undefined,
  tokens: undefined,
  concurrentRequests: undefined,
  ...limits,
})

export function bucketsContract(store: string, open: () => Buckets | Promise<Buckets>): void {
  const bucketTest = (name: string, body: (buckets: Buckets) => Promise<void>) => {
    test(`${store} buckets: ${name}`, async () => body(await open()))
  }
  const taken = async (buckets: Buckets, levels: readonly BucketLevel[], tokens: number, nowMs: number) => {
    const answer = await buckets.take({ levels, tokens, nowMs })
    assert.ok(answer.isTaken)
    return answer
  }

  bucketTest('a minute of requests goes at once, the next after its part of a minute', async (buckets) => {
    const levels = [level('user:a', { requests: 3 })]
    for (const remaining of [2, 1, 0]) {
      const { requests } = await taken(buckets, levels, 0, 1_000)
      assert.deepEqual([requests?.limit, requests?.remaining], [3, remaining])
    }
    assert.deepEqual(await buckets.take({ levels, tokens: 0, nowMs: 1_000 }), {
      isTaken: false,
      level: 'user',
      window: 'minute',
      measure: 'requests',
      limit: 3,
      retryAfterMs: 20_000,
    })
    assert.equal((await buckets.take({ levels, tokens: 0, nowMs: 20_999 })).isTaken, false)
    assert.equal((await buckets.take({ levels, tokens: 0, nowMs: 21_000 })).isTaken, true)
  })

  bucketTest('a refusal at one level takes nothing at the others', async (buckets) => {
    const wide = level('user:a', { requests: 100, tokens: 100, concurrentRequests: 100 })
    const narrow = { ...level('tenant:t', { requests: 1 }), level: 'tenant' as const }
    await taken(buckets, [wide, narrow], 10, 0)
    const refused = await buckets.take({ levels: [wide, narrow], tokens: 10, nowMs: 0 })
    assert.ok(!refused.isTaken && refused.level === 'tenant')
    const { requests, tokensLeft } = await taken(buckets, [wide], 10, 0)
    assert.deepEqual([requests?.remaining, tokensLeft?.remaining], [98, 80])
  })

  bucketTest('tokens that were not used come back, tokens used beyond are owed', async (buckets) => {
    const levels = [level('user:a', { tokens: 100 })]
    const first = await taken(buckets, levels, 80, 0)
    assert.equal((await buckets.take({ levels, tokens: 30, nowMs: 0 })).isTaken, false)
    await buckets.giveBack(first, 20, 0)
    const second = await taken(buckets, levels, 30, 0)
    assert.equal(second.tokensLeft?.remaining, 50)
    await buckets.giveBack(second, 130, 0)
    const refused = await buckets.take({ levels, tokens: 1, nowMs: 0 })
    assert.ok(!refused.isTaken && refused.measure === 'tokens')
    assert.equal(refused.retryAfterMs, 30_600)
  })

  bucketTest(
    'a request larger than the whole limit waits for a full bucket and is owed in full',
    async (buckets) => {
      const levels = [level('user:a', { tokens: 100 })]
      const large = await taken(buckets, levels, 1_000, 0)
      await buckets.giveBack(large, 200, 0)
      assert.equal((await buckets.take({ levels, tokens: 1_000, nowMs: 119_000 })).isTaken, false)
      assert.equal((await buckets.take({ levels, tokens: 1_000, nowMs: 120_000 })).isTaken, true)
    },
  )

  bucketTest('places are free again when they are given back', async (buckets) => {
    const levels = [level('key:k', { concurrentRequests: 2 })]
    const first = await taken(buckets, levels, 0, 0)
    await taken(buckets, levels, 0, 0)
    const refused = await buckets.take({ levels, tokens: 0, nowMs: 0 })
    assert.ok(!refused.isTaken && refused.measure === 'concurrency' && refused.limit === 2)
    await buckets.giveBack(first, 0, 0)
    await taken(buckets, levels, 0, 0)
    assert.equal((await buckets.take({ levels, tokens: 0, nowMs: 0 })).isTaken, false)
  })

  bucketTest('every window refills in its own time, and all of them must hold', async (buckets) => {
    const windows = [
      ['second', 1_000, 2],
      ['hour', 3_600_000, 4],
      ['day', 86_400_000, 5],
    ] as const
    const levels = windows.map(([window, windowMs, requests]) =>
      level(`user:a ${window}`, { window, windowMs, requests }),
    )
    const refusalAt = async (nowMs: number) => {
      const answer = await buckets.take({ levels, tokens: 0, nowMs })
      return answer.isTaken ? undefined : [answer.window, answer.retryAfterMs]
    }
    for (const nowMs of [0, 0]) assert.equal(await refusalAt(nowMs), undefined)
    assert.deepEqual(await refusalAt(0), ['second', 500])
    for (const nowMs of [500, 1_000]) assert.equal(await refusalAt(nowMs), undefined)
    assert.deepEqual(await refusalAt(2_000), ['hour', 898_000])
    assert.equal(await refusalAt(900_000), undefined)
    assert.deepEqual(await refusalAt(1_800_000), ['day', 15_480_000])
    assert.equal(await refusalAt(17_280_000), undefined)
  })

  bucketTest('unused tokens of a day come back to the day', async (buckets) => {
    const levels = [level('tenant:t day', { window: 'day', windowMs: 86_400_000, tokens: 1_000 })]
    const first = await taken(buckets, levels, 900, 0)
    assert.equal((await buckets.take({ levels, tokens: 200, nowMs: 0 })).isTaken, false)
    await buckets.giveBack(first, 100, 0)
    const { tokensLeft } = await taken(buckets, levels, 200, 0)
    assert.deepEqual([tokensLeft?.limit, tokensLeft?.remaining], [1_000, 700])
  })

  bucketTest('a limit of zero lets nothing through', async (buckets) => {
    for (const limits of [{ requests: 0 }, { tokens: 0 }, { concurrentRequests: 0 }]) {
      assert.equal((await buckets.take({ levels: [level('u', limits)], tokens: 1, nowMs: 0 })).isTaken, false)
    }
  })

  test(`${store} buckets: no history passes the rate, the places or the tokens of any level`, async () => {
    await check(
      asyncProperty(array(step, { maxLength: 80 }), async (steps) => {
        await runHistory(await open(), steps)
      }),
      { numRuns: 80 },
    )
  })
}

const step = record({
  action: constantFrom('take' as const, 'take' as const, 'giveBack' as const),
  user: constantFrom('x', 'y'),
  tokens: integer({ min: 0, max: 60 }),
  afterMs: integer({ min: 0, max: 20_000 }),
})

interface Step {
  readonly action: 'take' | 'giveBack'
  readonly user: string
  readonly tokens: number
  readonly afterMs: number
}

/** In any span of time, what a bucket gave is at most its size and what it refilled with meanwhile. */
async function runHistory(buckets: Buckets, steps: readonly Step[]): Promise<void> {
  const perMinute = { requests: 5, tokens: 100 }
  const open: BucketTaken[] = []
  const tenantTakes: Array<{ atMs: number; tokens: number }> = []
  let nowMs = 0
  for (const { action, user, tokens, afterMs } of steps) {
    nowMs += afterMs
    if (action === 'giveBack') {
      const done = open.shift()
      if (done) await buckets.giveBack(done, done.tokens, nowMs)
      continue
    }
    const levels = [
      level(`user:${user}`, { concurrentRequests: 2 }),
      { ...level('tenant:t', { requests: 5, tokens: 100 }), level: 'tenant' as const },
    ]
    const answer = await buckets.take({ levels, tokens, nowMs })
    if (!answer.isTaken) continue
    open.push(answer)
    tenantTakes.push({ atMs: nowMs, tokens })
    const running = open.filter((held) => held.levels[0]?.key === `user:${user}`).length
    assert.ok(running <= 2, 'places')
    for (const [from, first] of tenantTakes.entries()) {
      const span = tenantTakes.slice(from)
      const refill = (nowMs - first.atMs) / 60_000
      assert.ok(span.length <= perMinute.requests * (1 + refill) + 1e-6, 'requests')
      const used = span.reduce((sum, take) => sum + take.tokens, 0)
      assert.ok(used <= perMinute.tokens * (1 + refill) + 1e-6, 'tokens')
    }
  }
}
