/** The memory that the buckets take. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryBuckets } from '#stores/memory/buckets.ts'

const minute = { window: 'minute', windowMs: 60_000 } as const

test('a hundred thousand users who come once leave few buckets behind', async () => {
  const buckets = createMemoryBuckets()
  for (let i = 0; i < 100_000; i += 1) {
    const key = `user:acme/${i}`
    const levels = [
      { ...minute, level: 'user', key, requests: 60, tokens: 1_000, concurrentRequests: 2 } as const,
    ]
    const answer = buckets.take({ levels, tokens: 10, nowMs: i * 10 })
    assert.ok(!(answer instanceof Promise) && answer.isTaken)
    await buckets.giveBack(answer, 10, i * 10)
  }
  assert.ok(buckets.size() < 1_000, String(buckets.size()))
})

test('a bucket with a running request stays, however long it runs', async () => {
  const buckets = createMemoryBuckets()
  const level = {
    ...minute,
    level: 'key',
    requests: undefined,
    tokens: undefined,
    concurrentRequests: 1,
  } as const
  await buckets.take({ levels: [{ ...level, key: 'key:long' }], tokens: 0, nowMs: 0 })
  for (let i = 0; i < 1_000; i += 1) {
    const answer = await buckets.take({
      levels: [{ ...level, key: `key:${i}` }],
      tokens: 0,
      nowMs: i * 1_000,
    })
    if (answer.isTaken) await buckets.giveBack(answer, 0, i * 1_000)
  }
  const again = await buckets.take({ levels: [{ ...level, key: 'key:long' }], tokens: 0, nowMs: 2_000_000 })
  assert.equal(again.isTaken, false)
})
