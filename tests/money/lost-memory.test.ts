/** A Redis that forgets, freezes, fills up or is away: what was spent stays counted, and nothing passes a limit. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { toNanoUsd } from '#core/domain/money.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import {
  assertSettled,
  callOnce,
  counterOf,
  emptyTally,
  openEnd,
  window,
} from '#tests/money/failover-stage.ts'
import type { StageEnd } from '#tests/money/failover-stage.ts'
import { assertNothingOverspent } from '#tests/money/kept-limits.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { clockAt, openBook } from '#tests/support/shared-ledger.ts'

const tenant = counterOf('tenant:a', 10_000)
const scopes = [tenant, counterOf('user:a/u', undefined)]
const ask = (holdId: string, amount: number) => ({
  holdId,
  amount: toNanoUsd(amount),
  amountLeast: toNanoUsd(amount),
  scopes,
  expiresAtMs: Date.now() + 600_000,
})

describe('a shared ledger whose Redis fails', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let client: Redis
  before(async () => {
    redis = await startRedis()
    client = new Redis(redis.url)
    client.on('error', () => undefined)
  })
  after(async () => {
    client.disconnect()
    await redis.stop()
  })

  const balanceOf = async ({ ledger }: StageEnd) => {
    const [balance] = await ledger.balances([{ scope: 'tenant:a', window }])
    return [balance?.settled, balance?.reserved]
  }

  /**
   * Two ends with 300 charged and 200 held each, of which one knows that its provider was asked. They have heard of
   * each other, so that neither opens what was forgotten without the other.
   */
  async function busyPair(keyPrefix: string) {
    const wish = { keyPrefix, rebuildWaitMs: 15_000 }
    const ends = [await openEnd(redis.url, wish), await openEnd(redis.url, wish)] as const
    for (const { ledger } of ends) await ledger.beat()
    for (const [position, end] of ends.entries()) {
      await callOnce(end, emptyTally(), { amount: 400, spent: 300, scopes })
      await end.ledger.reserve(ask(`open${position}`, 200))
      if (position === 0) await end.ledger.dispatch('open0')
    }
    assert.deepEqual(await balanceOf(ends[0]), [600, 400])
    return ends
  }
  /** `billed`: what the provider was asked for, and may bill. */
  const assertKept = (keyPrefix: string, billed: number) =>
    assertNothingOverspent(redis.url, keyPrefix, [{ scope: 'tenant:a', limit: 10_000, billed }])
  const closeAll = async (ends: readonly StageEnd[]) => {
    for (const end of ends) await end.close()
  }

  test('flushed: both tell it again, and open holds are settled as if nothing had been', async () => {
    const ends = await busyPair('flushed')
    await client.flushall()
    for (const { ledger } of ends) await ledger.beat()
    await eventually(async () => assert.deepEqual(await balanceOf(ends[1]), [600, 400]))
    await ends[0].ledger.settle('open0', toNanoUsd(150))
    await ends[1].ledger.dispatch('open1')
    await ends[1].ledger.settle('open1', toNanoUsd(50))
    await eventually(async () => assert.deepEqual(await balanceOf(ends[1]), [800, 0]))
    await assertKept('flushed', 800)
    await closeAll(ends)
  })

  test('started again from an old file: what it forgot is told again', async () => {
    const ends = await busyPair('old-file')
    await client.call('SAVE')
    await callOnce(ends[0], emptyTally(), { amount: 400, spent: 333, scopes })
    await ends[0].ledger.settle('open0', toNanoUsd(7))
    await redis.kill()
    await redis.revive()
    await eventually(async () => assert.deepEqual(await balanceOf(ends[1]), [940, 200]))
    assert.deepEqual(await ends[1].ledger.reserve(ask('more', 9_000)), {
      isHeld: false,
      scope: 'tenant:a',
      window,
      limit: 10_000,
      settled: 940,
      reserved: 200,
      resetsAtMs: tenant.resetsAtMs,
    })
    await assertKept('old-file', 940)
    await closeAll(ends)
  })

  test('killed in between: what was never sent is given back at the next start, what was sent is charged', async () => {
    const keyPrefix = 'killed'
    const book = openBook()
    const first = await openEnd(redis.url, { keyPrefix, instance: 'one', book })
    await first.ledger.reserve(ask('unsent', 500))
    await first.ledger.reserve(ask('sent', 200))
    await first.ledger.dispatch('sent')
    // The process is gone: its connection breaks, and its book is opened again by the next.
    await first.connection.close()
    const charged = book.expire(Number.MAX_SAFE_INTEGER)
    assert.equal(charged, 1)
    const second = await openEnd(redis.url, { keyPrefix, instance: 'one', book })
    assert.deepEqual(await balanceOf(second), [200, 0])
    await assertKept(keyPrefix, 200)
    await second.close()
  })

  test('killed before Redis hears of its settlement: charged in full meanwhile, at its cost from its next start on', async () => {
    const time = { nowMs: Date.now() }
    const wish = { keyPrefix: 'true-cost', clock: clockAt(time) }
    const own = { ...wish, instance: 'one', book: openBook() }
    const first = await openEnd(redis.url, own)
    const other = await openEnd(redis.url, wish)
    await first.ledger.reserve(ask('paid', 700))
    await first.ledger.dispatch('paid')
    await first.ledger.renew()
    const slice = (await balanceOf(other))[1] ?? 0
    assert.ok(slice > 700)
    await first.connection.close()
    await first.ledger.settle('paid', toNanoUsd(120))
    await first.ledger.close()
    time.nowMs += 700_000
    // Its hold and its slice: what was spent of them nobody else knows.
    assert.equal(await other.ledger.expire(time.nowMs), 2)
    assert.deepEqual(await balanceOf(other), [slice, 0])
    const second = await openEnd(redis.url, own)
    assert.deepEqual(await balanceOf(other), [120, 0])
    await assertKept('true-cost', 120)
    await closeAll([second, other])
  })

  test('frozen: slices serve, what they do not pay for is refused with a time, and both are counted afterwards', async () => {
    const end = await openEnd(redis.url, { keyPrefix: 'frozen' })
    const tally = emptyTally()
    await callOnce(end, tally, { amount: 100, spent: 60, scopes })
    await end.ledger.renew()
    assert.deepEqual(await balanceOf(end), [60, 100])
    redis.freeze()
    await callOnce(end, tally, { amount: 70, spent: 40, scopes })
    await callOnce(end, tally, { amount: 70, spent: 40, scopes })
    // Nothing binds this one.
    await callOnce(end, tally, { amount: 70, spent: 5, scopes: [counterOf('user:b/u', undefined)] })
    redis.thaw()
    assert.deepEqual([tally.answered, tally.unavailable, tally.billed], [3, 1, 105])
    await assertSettled(end, 'tenant:a', 100)
    await assertSettled(end, 'user:b/u', 5)
    await eventually(async () => assert.deepEqual(await balanceOf(end), [100, 30]))
    await assertKept('frozen', 100)
    await end.close()
    assert.equal(Number(await client.hget('{frozen:ledger}:counter:tenant:a 2999-01', 'r')), 0)
  })

  test('full: as if it were away, until there is room again', async () => {
    const end = await openEnd(redis.url, { keyPrefix: 'full' })
    const tally = emptyTally()
    await callOnce(end, tally, { amount: 100, spent: 60, scopes })
    await end.ledger.renew()
    await client.config('SET', 'maxmemory', '1')
    await callOnce(end, tally, { amount: 80, spent: 70, scopes })
    await callOnce(end, tally, { amount: 80, spent: 70, scopes })
    await client.config('SET', 'maxmemory', '0')
    assert.deepEqual([tally.answered, tally.unavailable], [2, 1])
    await assertSettled(end, 'tenant:a', 130)
    await assertKept('full', 130)
    await end.close()
  })

  test('closed serves nobody while it is away, open serves up to its amount', async () => {
    const closed = await openEnd(redis.url, { keyPrefix: 'rules', outage: { kind: 'closed' } })
    const open = await openEnd(redis.url, {
      keyPrefix: 'rules',
      outage: { kind: 'open', mostNanoUsd: toNanoUsd(150) },
    })
    redis.freeze()
    const [shut, free] = [emptyTally(), emptyTally()]
    await callOnce(closed, shut, { amount: 1, spent: 1, scopes: [counterOf('user:a/u', undefined)] })
    for (let calls = 0; calls < 3; calls += 1) await callOnce(open, free, { amount: 90, spent: 60, scopes })
    redis.thaw()
    assert.deepEqual([shut.answered, shut.unavailable], [0, 1])
    assert.deepEqual([free.answered, free.unavailable], [2, 1])
    await assertSettled(open, 'tenant:a', 120)
    await assertKept('rules', 120)
    await closeAll([closed, open])
  })

  test('flushed right after a start: the newcomer waits for those whom it has not heard of by itself', async () => {
    const wish = { keyPrefix: 'newcomer', stepWaitMs: 10_000, rebuildWaitMs: 60_000 }
    const old = await openEnd(redis.url, wish)
    await callOnce(old, emptyTally(), { amount: 9_500, spent: 9_500, scopes })
    const newcomer = await openEnd(redis.url, wish)
    await client.flushall()
    const asking = newcomer.ledger.reserve(ask('too-much', 1_000))
    // The newcomer has closed the ledger by then, and its leader waits for the other.
    await eventually(async () =>
      assert.match((await client.hget('{newcomer:ledger}:epoch', 'v')) ?? '', /^closed/),
    )
    await old.ledger.beat()
    const answer = await asking
    assert.deepEqual([answer.isHeld, await balanceOf(newcomer)], [false, [9_500, 0]])
    await assertKept('newcomer', 9_500)
    await closeAll([old, newcomer])
  })

  test('flushed right after a start: the others have heard of the newcomer before it was granted anything', async () => {
    const wish = { keyPrefix: 'announced', stepWaitMs: 10_000, rebuildWaitMs: 60_000, freshWaitMs: 300 }
    const old = await openEnd(redis.url, wish)
    const beats = setInterval(() => void old.ledger.beat(), 50)
    const newcomer = await openEnd(redis.url, wish)
    await callOnce(newcomer, emptyTally(), { amount: 9_500, spent: 9_500, scopes })
    assert.equal(old.ledger.counts().members, 2)
    clearInterval(beats)
    await client.flushall()
    const asking = old.ledger.reserve(ask('too-much', 1_000))
    await eventually(async () =>
      assert.match((await client.hget('{announced:ledger}:epoch', 'v')) ?? '', /^closed/),
    )
    await newcomer.ledger.beat()
    assert.equal((await asking).isHeld, false)
    await assertKept('announced', 9_500)
    await closeAll([old, newcomer])
  })

  test('a rebuild that went on without an instance: what it had not sent is asked for again', async () => {
    const keyPrefix = 'left-out'
    const present = await openEnd(redis.url, { keyPrefix, rebuildWaitMs: 200 })
    const absent = await openEnd(redis.url, { keyPrefix, rebuildWaitMs: 200 })
    await absent.ledger.reserve(ask('unsent', 9_000))
    for (const { ledger } of [absent, present]) await ledger.beat()
    await absent.connection.close()
    await client.flushall()
    await eventually(async () => {
      const answer = await present.ledger.reserve(ask('taken', 8_000))
      assert.ok(answer.isHeld)
    })
    await assert.rejects(async () => absent.ledger.dispatch('unsent'), { code: 'store_unavailable' })
    await assertKept(keyPrefix, 0)
    await closeAll([present])
    await absent.ledger.close()
  })
})
