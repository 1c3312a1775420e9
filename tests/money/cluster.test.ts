/** A ledger that lies on several servers of a Cluster: limits of one tenant, and limits that several tenants share. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { placeOfLevels, placesIn } from '#composition/ledger-places.ts'
import { partOfTenant } from '#core/domain/ledger-part.ts'
import type { BucketLevel, Buckets } from '#services/rate-limiter/buckets.ts'
import { createRedisBuckets } from '#stores/redis/buckets.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import {
  assertSettled,
  callOnce,
  counterOf,
  emptyTally,
  openEnd,
  window,
} from '#tests/money/failover-stage.ts'
import type { StageEnd, Tally } from '#tests/money/failover-stage.ts'
import { assertNothingOverspent } from '#tests/money/kept-limits.ts'
import type { KeptLimit } from '#tests/money/kept-limits.ts'
import { rounds, tell } from '#tests/money/soak.ts'
import { whyNoRedis } from '#tests/support/real-redis.ts'
import { startCluster } from '#tests/support/redis-topologies.ts'
import type { ClusteredRedis } from '#tests/support/redis-topologies.ts'

const tenants = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox']
const tenantLimit = 2_000
/** Less than the tenants' limits together: it is the model that refuses first, and tenants whose luck is good. */
const modelLimit = 9_000
const call = { amount: 100, spent: 60 }
const patienceMs = 90_000

/** A tenant's own counter, and those that it shares with the others. */
const scopesOf = (tenant: string, round: string) => [
  counterOf(`tenant:${tenant}${round}`, tenantLimit),
  counterOf(`user:${tenant}${round}/u`, undefined),
  counterOf(`organisation:all${round}`, modelLimit * 2),
  counterOf(`model:m${round}`, modelLimit),
]

describe('a ledger in a Cluster', { skip: whyNoRedis() ?? false }, () => {
  let cluster: ClusteredRedis
  let ends: readonly StageEnd[]
  before(async () => {
    cluster = await startCluster({ hasReplicas: true })
    const wish = { keyPrefix: 'cluster', rebuildWaitMs: 3_000 }
    ends = [await openEnd(cluster.url, wish, 2_000), await openEnd(cluster.url, wish, 2_000)]
  })
  after(async () => {
    for (const end of ends) await end.close()
    await cluster.stop()
  })

  const nodeUrls = () => cluster.nodes.map(({ url }) => url)
  const sumOf = (tallies: Iterable<Tally>, name: keyof Tally) =>
    [...tallies].reduce((sum, tally) => sum + tally[name], 0)

  /** Each tenant at each end, with a tally of its own, until somebody has refused it or the test has seen enough. */
  function spendAll(
    round: string,
    isOver = () => false,
    pauses: () => Promise<unknown> = () => Promise.resolve(),
  ) {
    const tallies = new Map<string, Tally>()
    const callers = ends.flatMap((end, position) =>
      tenants.map(async (tenant, number) => {
        const tally = { ...emptyTally(), calls: Number(round || 0) * 10_000_000 + (number + 1) * 100_000 }
        tallies.set(`${tenant} ${position}`, tally)
        while (tally.refused === 0 && !isOver()) {
          await callOnce(end, tally, { ...call, scopes: scopesOf(tenant, round) })
          await pauses()
        }
      }),
    )
    return { tallies, all: Promise.all(callers) }
  }

  async function assertBooked(round: string, tallies: ReadonlyMap<string, Tally>) {
    const [end] = ends
    assert.ok(end)
    const kept: KeptLimit[] = []
    for (const tenant of tenants) {
      const own = [...tallies].filter(([name]) => name.startsWith(`${tenant} `)).map(([, tally]) => tally)
      const billed = sumOf(own, 'billed')
      kept.push({ scope: `tenant:${tenant}${round}`, limit: tenantLimit, billed })
      await assertSettled(end, `tenant:${tenant}${round}`, billed)
      await assertSettled(end, `user:${tenant}${round}/u`, billed)
    }
    const billed = sumOf(tallies.values(), 'billed')
    kept.push({ scope: `model:m${round}`, limit: modelLimit, billed })
    for (const scope of [`model:m${round}`, `organisation:all${round}`])
      await assertSettled(end, scope, billed)
    const held = await end.ledger.balances(
      [...tenants.map((tenant) => `tenant:${tenant}${round}`), `model:m${round}`].map((scope) => ({
        scope,
        window,
      })),
    )
    assert.deepEqual(new Set(held.map(({ reserved }) => reserved)), new Set([0]))
    await assertNothingOverspent(nodeUrls(), 'cluster', kept)
    return billed
  }

  test('the tenants lie on different servers', () => {
    assert.ok(new Set(tenants.map(partOfTenant)).size > 3)
  })

  test('two instances and six tenants at once pass no limit of a tenant and none that tenants share', async () => {
    const { tallies, all } = spendAll('')
    await all
    const billed = await assertBooked('', tallies)
    // Rather more than nothing: each refusal by one part gives back what another had granted.
    assert.ok(billed > modelLimit / 2)
    assert.equal(sumOf(tallies.values(), 'unavailable'), 0)
  })

  test('a server that is flushed is told again what lay there, and the others go on', async () => {
    const [first, second] = ends
    assert.ok(first && second)
    const scopes = (tenant: string) => [
      counterOf(`tenant:flushed-${tenant}`, 10_000),
      counterOf('model:flushed', 50_000),
    ]
    const tally = emptyTally()
    for (const tenant of tenants) {
      await callOnce(first, tally, { ...call, scopes: scopes(tenant) })
      await callOnce(second, tally, { ...call, scopes: scopes(tenant) })
    }
    for (const { url } of cluster.nodes.slice(0, 3)) {
      const client = new Redis(url)
      await client.flushall()
      client.disconnect()
      for (const { ledger } of ends) await ledger.beat()
    }
    for (const tenant of tenants) await assertSettled(second, `tenant:flushed-${tenant}`, call.spent * 2)
    await assertSettled(first, 'model:flushed', tally.billed)
    const own = { limit: 10_000, billed: call.spent * 2 }
    const kept = tenants.map((tenant) => ({ scope: `tenant:flushed-${tenant}`, ...own }))
    const shared = { scope: 'model:flushed', limit: 50_000, billed: tally.billed }
    await assertNothingOverspent(nodeUrls(), 'cluster', [...kept, shared])
  })

  test(`a primary is killed ${rounds(1, 5)} times: all that was billed is counted, and no limit is passed`, async () => {
    for (let number = 1; number <= rounds(1, 5); number += 1) {
      const round = String(number)
      let isOver = false
      const rest = () => sleep(10)
      const { tallies, all } = spendAll(round, () => isOver, rest)
      await eventually(() => assert.ok(sumOf(tallies.values(), 'answered') >= 12), patienceMs)
      const victim = cluster.nodes[number % 3]
      assert.ok(victim)
      await victim.kill()
      await eventually(() => assert.ok([...tallies.values()].every(({ refused }) => refused > 0)), patienceMs)
      isOver = true
      await all
      const billed = await assertBooked(round, tallies)
      await victim.revive()
      await cluster.untilServing()
      const unavailable = sumOf(tallies.values(), 'unavailable')
      tell(`round ${round}: ${billed} billed of ${modelLimit}, ${unavailable} calls were told to come later`)
    }
  })

  describe('rates', () => {
    const level = (name: BucketLevel['level'], key: string, requests: number): BucketLevel => ({
      level: name,
      window: 'day',
      windowMs: 86_400_000,
      key,
      requests,
      tokens: undefined,
      concurrentRequests: 50,
    })
    const bucketsOf = ({ connection }: StageEnd): Buckets =>
      createRedisBuckets(
        { connection, uniqueId: randomUUID },
        {
          placeOf: placeOfLevels(placesIn(connection, 'cluster')),
          placeLeaseMs: 60_000,
          timeSource: 'server',
        },
      )

    test('a limit that tenants share is taken exactly, and its refusals take nothing from a tenant', async () => {
      const all = ends.map(bucketsOf)
      const ask = (buckets: Buckets, tenantId: string, model: string) =>
        buckets.take({
          levels: [level('tenant', `tenant:${tenantId}`, 40), level('model', model, 30)],
          tokens: 0,
          nowMs: 0,
          asker: { requestId: randomUUID(), tenantId },
        })
      const answers = await Promise.all(
        all.flatMap((buckets) =>
          tenants.flatMap((tenant) => [1, 2, 3, 4].map(async () => ask(buckets, tenant, 'model:busy'))),
        ),
      )
      const taken = answers.filter(({ isTaken }) => isTaken)
      assert.equal(taken.length, 30)
      assert.ok(answers.every((answer) => answer.isTaken || answer.level === 'model'))
      const [buckets] = all
      assert.ok(buckets)
      // What is to be undone is undone a moment after the refusal: in all, 30 requests count for the tenants.
      let looks = 0
      await eventually(async () => {
        looks += 1
        let left = 0
        for (const tenantId of tenants) {
          const own = await buckets.take({
            levels: [level('tenant', `tenant:${tenantId}`, 40)],
            tokens: 0,
            nowMs: 0,
            asker: { requestId: randomUUID(), tenantId },
          })
          assert.ok(own.isTaken)
          left += own.requests?.remaining ?? 0
        }
        assert.equal(left, tenants.length * (40 - looks) - 30)
      })
    })
  })
})
