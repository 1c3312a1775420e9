/** Limits and money of one request, with the real rate limiter over buckets in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { askedFor, caller, fakeTarget } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-rooms.ts'
import { limit, openLimited } from '#tests/support/limited-house.ts'

const refuse: Behaviour = { does: 'refuse', code: 'provider_overloaded' }
const nothingHeld = { permits: 0, money: 0, passes: 0, replies: 0 }
const one = fakeTarget('one')
const two = fakeTarget('two')
const both = (first: readonly Behaviour[] = [], second: readonly Behaviour[] = []) =>
  new Map<Target, readonly Behaviour[]>([
    [one, first],
    [two, second],
  ])

const isLimited = (level: string) => (thrown: unknown) =>
  thrown instanceof Problem && thrown.code === 'rate_limited' && thrown.details.facts?.['level'] === level

for (const isShared of [false, true]) {
  const where = isShared ? 'shared' : 'in memory'

  test(`${where}: a model whose limit is used up leaves the question to the next one`, async () => {
    const house = openLimited(both(), [limit('model', { requests: 1 }, { id: 'one' })], isShared)
    for (let call = 0; call < 3; call += 1) await house.gateway.ask(caller, askedFor())
    assert.deepEqual(house.askedTargets, ['one', 'two', 'two'])
    assert.deepEqual(house.held, nothingHeld)
    assert.deepEqual(house.places(), {})
    assert.equal(house.spent.length, 3)
  })

  test(`${where}: when no target is left, its limit is told, and nothing is held`, async () => {
    const house = openLimited(both(), [limit('model', { requests: 1 })], isShared)
    for (let call = 0; call < 2; call += 1) await house.gateway.ask(caller, askedFor())
    await assert.rejects(house.gateway.ask(caller, askedFor()), (thrown) => {
      assert.ok(isLimited('model')(thrown) && thrown instanceof Problem)
      assert.match(thrown.message, /1 requests per hour/)
      return true
    })
    assert.deepEqual(house.askedTargets, ['one', 'two'])
    assert.deepEqual(house.held, nothingHeld)
    assert.deepEqual(house.places(), {})
  })

  test(`${where}: a caller's limit refuses at every target, and gives the money back`, async () => {
    const house = openLimited(both(), [limit('team', { requests: 1 })], isShared)
    const inTeam = { ...caller, teamId: 'red' }
    await house.gateway.ask(inTeam, askedFor())
    await assert.rejects(house.gateway.ask(inTeam, askedFor()), isLimited('team'))
    await house.gateway.ask({ ...caller, teamId: 'blue' }, askedFor())
    assert.equal(house.askedTargets.length, 2)
    assert.deepEqual(house.held, nothingHeld)
    assert.deepEqual(house.places(), {})
  })

  test(`${where}: a question that goes on to another model leaves the place at the first one`, async () => {
    const rules = [limit('model', { concurrentRequests: 1 }), limit('user', { concurrentRequests: 2 })]
    const house = openLimited(both([refuse, refuse]), rules, isShared)
    const reply = await house.gateway.ask(caller, askedFor({}, true))
    assert.deepEqual(house.askedTargets, ['one', 'one', 'two'])
    assert.deepEqual(house.places(), { 'model:two hour': 1, 'user:tenant-a/user-a hour': 1 })
    assert.equal(reply.kind, 'stream')
    await reply.events.return?.()
    assert.deepEqual(house.places(), {})
    assert.deepEqual(house.held, nothingHeld)
  })

  test(`${where}: a fallback whose limit is used up is passed over`, async () => {
    const rules = [limit('model', { requests: 1 }, { id: 'two' })]
    const house = openLimited(both([refuse, refuse, refuse, refuse]), rules, isShared)
    await house.gateway.ask(caller, askedFor())
    const failure = await house.gateway.ask(caller, askedFor()).catch((thrown: unknown) => thrown)
    assert.ok(failure instanceof Problem)
    assert.deepEqual(house.askedTargets, ['one', 'one', 'two', 'one', 'one'])
    assert.deepEqual(house.held, nothingHeld)
    assert.deepEqual(house.places(), {})
  })

  test(`${where}: tokens that were not used come back in every window`, async () => {
    const rules = (['minute', 'hour', 'day'] as const).map((window) =>
      limit('tenant', { tokens: 560 }, { window }),
    )
    const house = openLimited(both(), rules, isShared)
    const asking = () => house.gateway.ask(caller, askedFor())
    // Each call asks for more than 256 and uses 15.
    for (let call = 0; call < 10; call += 1) await asking()
    const { receipt } = await asking()
    assert.equal(receipt.limits?.tokens?.limit, 560)
    assert.ok(receipt.limits.tokens.remaining < 560 - 10 * 15)
    assert.deepEqual(house.places(), {})
  })
}
