/**
 * Slices of instances that are frozen, cut off or gone for good: none is spent from after its lease, and an operator gives
 * back what a dead one held.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { createSliceDesks } from '#composition/slice-room.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { PartCopies } from '#services/budget-manager/shared-ledger/own-book.ts'
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

const limit = 10_000
const scopes = [counterOf('tenant:a', limit)]
/** A hundredth of the limit. */
const slice = 100
const leaseMs = 600_000

describe('slices in a real Redis', { skip: whyNoRedis() ?? false }, () => {
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
    return [balance?.settled, balance?.reserved, balance?.estimated]
  }
  /** Of a ledger whose holds end by the clock of the test, which is set to the server's. */
  const pairAt = async (keyPrefix: string, time: { nowMs: number }, copies?: PartCopies) => {
    const wish = { keyPrefix, clock: clockAt(time), ...(copies ? { copies } : {}) }
    const own = { ...wish, instance: 'gone', book: openBook() }
    return { own, dead: await openEnd(redis.url, own), other: await openEnd(redis.url, wish) }
  }
  const desksOf = ({ connection }: StageEnd, keyPrefix: string, copies?: PartCopies) =>
    createSliceDesks(connection, copies, { keyPrefix, holdLeaseMs: 1_000 })
  const assertKept = (keyPrefix: string, billed: number) =>
    assertNothingOverspent(redis.url, keyPrefix, [{ scope: 'tenant:a', limit, billed }])
  /** Ends as if the power were cut: not a word to anybody. */
  const kill = async (end: StageEnd) => {
    await end.connection.close()
    await end.ledger.close()
  }
  /** Signs of life are by the server's clock and go out by themselves; a dead one's is taken away. */
  const forgetSign = (keyPrefix: string) => client.zrem(`{${keyPrefix}:ledger}:members`, 'gone')

  test('one that is gone: charged in full after its lease, given back by the operator, once', async () => {
    const keyPrefix = 'released'
    const time = { nowMs: Date.now() - leaseMs - 2_000 }
    const { dead, other } = await pairAt(keyPrefix, time)
    await callOnce(dead, emptyTally(), { amount: 100, spent: 60, scopes })
    await dead.ledger.renew()
    assert.deepEqual(await balanceOf(other), [60, slice, 0])
    await kill(dead)
    const desks = desksOf(other, keyPrefix)
    await assert.rejects(desks.release('gone'), { code: 'invalid_value' }, 'its sign of life is too new')
    await forgetSign(keyPrefix)
    const early = await desks.release('gone')
    assert.deepEqual(early, { count: 0, amount: 0, kept: 1 }, 'its lease has not ended')

    time.nowMs += leaseMs + 1
    assert.equal(await other.ledger.expire(time.nowMs), 1)
    assert.deepEqual(await balanceOf(other), [60 + slice, 0, slice])
    const [told] = (await desks.list()).slices
    assert.deepEqual(
      [told?.instance, told?.scope, told?.window, told?.amount, told?.isCharged],
      ['gone', 'tenant:a', window, slice, true],
    )
    assert.deepEqual(await desks.release('gone'), { count: 1, amount: slice, kept: 0 })
    assert.deepEqual(await balanceOf(other), [60, 0, 0])
    assert.deepEqual(await desks.release('gone'), { count: 0, amount: 0, kept: 0 })
    assert.deepEqual(await balanceOf(other), [60, 0, 0])
    await assertKept(keyPrefix, 60)
    await other.close()
  })

  test('one of which a request may still run stays', async () => {
    const keyPrefix = 'running'
    const time = { nowMs: Date.now() - leaseMs }
    const { dead, other } = await pairAt(keyPrefix, time)
    await callOnce(dead, emptyTally(), { amount: 100, spent: 60, scopes })
    await dead.ledger.renew()
    await kill(dead)
    await forgetSign(keyPrefix)
    time.nowMs += leaseMs + 1
    assert.equal(await other.ledger.expire(time.nowMs), 1)
    const desks = createSliceDesks(other.connection, undefined, { keyPrefix, holdLeaseMs: 3_600_000 })
    assert.deepEqual(await desks.release('gone'), { count: 0, amount: 0, kept: 1 })
    assert.deepEqual(await balanceOf(other), [60 + slice, 0, slice])
    await other.close()
  })

  test('one that spent alone: what copies know of stays charged, and all of it is when it comes back', async () => {
    const keyPrefix = 'alone'
    const time = { nowMs: Date.now() - leaseMs - 2_000 }
    const kept = new Map<string, Parameters<PartCopies['save']>[1]>()
    const copies: PartCopies = {
      save: async (instance, parts) => void kept.set(instance, parts),
      others: async () => kept,
    }
    const { own, dead, other } = await pairAt(keyPrefix, time, copies)
    await callOnce(dead, emptyTally(), { amount: 100, spent: 60, scopes })
    await dead.ledger.renew()
    await dead.connection.close()
    const tally = emptyTally()
    tally.calls = 1_000
    await callOnce(dead, tally, { amount: 40, spent: 30, scopes })
    await dead.ledger.beat()
    await callOnce(dead, tally, { amount: 40, spent: 7, scopes })
    assert.equal(tally.answered, 2)
    await dead.ledger.close().catch(() => undefined)
    // The last copy is of before its last answer.
    const known = [{ scope: 'tenant:a', window, settled: toNanoUsd(90), estimated: toNanoUsd(0) }]
    kept.set(
      'gone',
      known.map((part) => ({ ...part, resetsAtMs: scopes[0]?.resetsAtMs })),
    )
    await forgetSign(keyPrefix)
    time.nowMs += leaseMs + 1
    assert.equal(await other.ledger.expire(time.nowMs), 1)
    assert.deepEqual(await desksOf(other, keyPrefix, copies).release('gone'), {
      count: 1,
      amount: slice,
      kept: 0,
    })
    assert.deepEqual(await balanceOf(other), [90, 0, 0])
    const again = await openEnd(redis.url, own)
    assert.deepEqual(await balanceOf(other), [97, 0, 0])
    await assertKept(keyPrefix, 97)
    await again.close()
    await other.close()
  })

  test('one that was frozen for longer than the lease spends nothing of it, and takes back what it was charged', async () => {
    const keyPrefix = 'frozen'
    const time = { nowMs: Date.now() }
    const { dead: frozen, other } = await pairAt(keyPrefix, time)
    await callOnce(frozen, emptyTally(), { amount: 100, spent: 60, scopes })
    await frozen.ledger.renew()
    time.nowMs += leaseMs + 1
    assert.equal(await other.ledger.expire(time.nowMs), 1)
    assert.deepEqual(await balanceOf(other), [60 + slice, 0, slice])
    redis.freeze()
    const tally = emptyTally()
    tally.calls = 1_000
    await callOnce(frozen, tally, { amount: 40, spent: 30, scopes })
    redis.thaw()
    assert.deepEqual([tally.answered, tally.unavailable], [0, 1])
    await eventually(async () => assert.deepEqual(await balanceOf(other), [60, 0, 0]))
    await assertSettled(other, 'tenant:a', 60)
    await assertKept(keyPrefix, 60)
    for (const end of [frozen, other]) await end.close()
  })

  test('one that was frozen and has its session still gives up what lapsed with its next renewal', async () => {
    const keyPrefix = 'renewed'
    const time = { nowMs: Date.now() }
    const { dead: frozen, other } = await pairAt(keyPrefix, time)
    await callOnce(frozen, emptyTally(), { amount: 100, spent: 60, scopes })
    await frozen.ledger.renew()
    time.nowMs += leaseMs + 1
    assert.equal(await other.ledger.expire(time.nowMs), 1)
    assert.deepEqual(await balanceOf(other), [60 + slice, 0, slice])
    await frozen.ledger.renew()
    assert.deepEqual(await balanceOf(other), [60, 0, 0])
    await assertKept(keyPrefix, 60)
    for (const end of [frozen, other]) await end.close()
  })
})
