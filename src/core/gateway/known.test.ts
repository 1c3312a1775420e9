/** The same question from many at once, over the real cache. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Problem } from '#core/domain/problem.ts'
import { answer, nothingHeld, openCached } from '#tests/support/cached-house.ts'
import { caller } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-rooms.ts'

test('twenty who ask the same at once are one call, and nineteen are given what it came to', async () => {
  const house = openCached()
  const replies = await Promise.all(Array.from({ length: 20 }, () => house.ask()))
  assert.equal(house.askedTargets.length, 1)
  assert.deepEqual(house.spent, [20])
  assert.equal(replies.filter(({ receipt }) => receipt.cache === 'hit').length, 19)
  assert.deepEqual(house.held, nothingHeld)
})

test('tenants do not wait for each other, nor do other questions, nor streams', async () => {
  const house = openCached()
  await Promise.all([
    house.ask(),
    house.ask({}, { ...caller, tenantId: 'tenant-b' }),
    house.ask({ modelAsked: 'model' }),
    house.ask({ cacheWish: 'off' }),
  ])
  assert.equal(house.askedTargets.length, 4)
  await Promise.all([1, 2].map(() => house.ask({}, { ...caller, tenantId: 'tenant-c' }, true)))
  assert.equal(house.askedTargets.length, 6)
})

test('when the first one fails, the others ask for themselves', async () => {
  const refuse: Behaviour = { does: 'refuse', code: 'provider_rejected' }
  const house = openCached([refuse])
  const results = await Promise.allSettled([1, 2, 3].map(() => house.ask()))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  )
  assert.equal(house.askedTargets.length, 3)
  assert.deepEqual(house.held, nothingHeld)
})

test('patience ends, and with none of it nobody waits', async () => {
  for (const terms of [{ isPatient: false }, { waitMs: 0 }]) {
    const house = openCached([answer], terms)
    await Promise.all([house.ask(), house.ask()])
    assert.equal(house.askedTargets.length, 2)
    assert.deepEqual(house.held, nothingHeld)
  }
})

test('who leaves while it waits is gone at once, and holds nothing', async () => {
  const gate = Promise.withResolvers<void>()
  const house = openCached([answer], { gate: gate.promise })
  const leaving = new AbortController()
  const first = house.ask()
  const second = house.ask({ signal: leaving.signal })
  await nextTurn()
  leaving.abort()
  await assert.rejects(second, (thrown) => thrown instanceof Problem && thrown.code === 'caller_left')
  gate.resolve()
  await first
  assert.equal(house.askedTargets.length, 1)
  assert.deepEqual(house.held, nothingHeld)
})
