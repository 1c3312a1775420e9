/** Places at targets: who gets none goes elsewhere, and what happened to whoever waited is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { askedFor, caller, fakeHouse, fakeTarget } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-rooms.ts'

const answer: Behaviour = { does: 'answer', pieces: 3, saysUsage: true }
const nothingHeld = { permits: 0, money: 0, passes: 0, replies: 0 }
const targets = (count: number) =>
  new Map<Target, readonly Behaviour[]>(
    Array.from({ length: count }, (_, position) => [fakeTarget(`model-${position}`), [answer]]),
  )

test("a target without a free place is left for the next one, and its failure is nobody's attempt", async () => {
  const house = fakeHouse(targets(2))
  const { enter } = house.rooms.loadControl
  const loadControl: typeof house.rooms.loadControl = {
    enter: (name, wish) =>
      name.includes('model-0') ? Promise.reject(new Problem('target_busy')) : enter(name, wish),
  }
  const reply = await createGateway({ ...house.rooms, loadControl }).ask(caller, askedFor({}, true))
  assert.ok(reply.kind === 'stream')
  for await (const events of reply.events) assert.ok(events.length > 0)
  assert.deepEqual([reply.receipt.model, reply.receipt.attempts], ['model-1', 1])
  assert.deepEqual(
    house.rows.map(({ kind }) => kind),
    ['charge'],
  )
  assert.deepEqual(house.held, nothingHeld)
})

test('when no target has a place free, the caller is told so and pays nothing', async () => {
  const house = fakeHouse(targets(2))
  const busy = () => Promise.reject(new Problem('target_busy', { retryAfterMs: 1_000 }))
  const asking = createGateway({ ...house.rooms, loadControl: { enter: busy } }).ask(caller, askedFor())
  await assert.rejects(asking, { code: 'target_busy', status: 503 })
  assert.deepEqual(
    house.rows.map(({ kind, problem }) => [kind, problem]),
    [['refused', 'target_busy']],
  )
  assert.deepEqual(house.held, nothingHeld)
})

test('a place that took its time is told on the receipt and is overhead', async () => {
  const house = fakeHouse(targets(1))
  const { enter } = house.rooms.loadControl
  const slow: typeof enter = async (name, wish) => ({ ...(await enter(name, wish)), waitedMs: 70 })
  const reply = await createGateway({ ...house.rooms, loadControl: { enter: slow } }).ask(caller, askedFor())
  assert.equal(reply.receipt.queuedMs, 70)
})
