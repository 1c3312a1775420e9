/** The queue: fair between tenants, urgent before patient, bounded, and nobody is lost or starved in it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { priorities } from '#core/domain/priority.ts'
import type { Priority } from '#core/domain/priority.ts'
import { createFairQueue } from '#services/load-control/fair-queue.ts'

interface Item {
  readonly tenantId: string
  readonly priority: Priority
  readonly number: number
}

const weights: Readonly<Record<string, number>> = { heavy: 3 }
const open = (queueMax = 1_000) =>
  createFairQueue<Item>(() => ({ queueMax, weightOf: (tenantId) => weights[tenantId] ?? 1 }))
let numbers = 0
const item = (tenantId: string, priority: Priority = 'normal'): Item => ({
  tenantId,
  priority,
  number: numbers++,
})
const takeAll = (queue: ReturnType<typeof open>, most = Number.POSITIVE_INFINITY) => {
  const taken: Item[] = []
  while (queue.size > 0 && taken.length < most) {
    const next = queue.take()
    if (next) taken.push(next)
  }
  return taken
}

test('a tenant that sends much does not keep one waiting that sends little', () => {
  const queue = open()
  for (let i = 0; i < 100; i++) queue.add(item('loud'))
  for (let i = 0; i < 3; i++) queue.add(item('quiet'))
  const first = takeAll(queue, 6).map(({ tenantId }) => tenantId)
  assert.deepEqual(first, ['loud', 'quiet', 'loud', 'quiet', 'loud', 'quiet'])
})

test('a tenant of three times the weight goes three times as often', () => {
  const queue = open()
  for (let i = 0; i < 30; i++) for (const tenant of ['heavy', 'light']) queue.add(item(tenant))
  const first = takeAll(queue, 20)
  assert.equal(first.filter(({ tenantId }) => tenantId === 'heavy').length, 15)
})

test('the urgent go first, and of sixteen places one is left to the most patient', () => {
  const queue = open()
  for (const priority of priorities) for (let i = 0; i < 20; i++) queue.add(item('a', priority))
  const first = takeAll(queue, 16).map(({ priority }) => priority)
  assert.deepEqual(first, [...Array.from({ length: 15 }, () => 'critical'), 'batch'])
})

test('a tenant is served oldest first while there is room, newest first in a crowd', () => {
  const queue = open(10)
  const items = Array.from({ length: 8 }, () => item('a'))
  for (const one of items) queue.add(one)
  assert.equal(queue.take(), items[7])
  assert.equal(queue.take(), items[6])
  assert.equal(queue.take(), items[5])
  assert.equal(queue.take(), items[0])
})

test('a full queue is given up by whoever fills it', () => {
  const queue = open(4)
  const loud = Array.from({ length: 4 }, () => item('loud'))
  for (const one of loud) assert.equal(queue.add(one), undefined)
  assert.equal(queue.add(item('quiet')), loud[0])
  assert.equal(queue.add(item('loud')), loud[1])
  const patient = item('quiet', 'batch')
  assert.equal(queue.add(patient), patient)
  assert.equal(queue.add(item('quiet', 'critical')), loud[2])
  assert.equal(queue.size, 4)
})

test('whatever comes and goes, everybody leaves exactly once and the bound holds', () => {
  const step = fc.oneof(
    fc.record({
      does: fc.constant('add' as const),
      tenantId: fc.constantFrom('a', 'b', 'heavy'),
      priority: fc.constantFrom(...priorities),
    }),
    fc.record({ does: fc.constant('take' as const) }),
    fc.record({ does: fc.constant('remove' as const), at: fc.nat(20) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 12 }), (steps, queueMax) => {
      const queue = open(queueMax)
      const inside = new Set<Item>()
      const leave = (gone: Item | undefined) => {
        if (gone) assert.ok(inside.delete(gone), 'nobody leaves twice')
      }
      for (const one of steps) {
        if (one.does === 'add') {
          const added = item(one.tenantId, one.priority)
          inside.add(added)
          leave(queue.add(added))
        } else if (one.does === 'take') {
          const taken = queue.take()
          assert.equal(taken === undefined, inside.size === 0)
          leave(taken)
        } else {
          const wanted = [...inside][one.at]
          if (wanted && queue.remove(wanted)) leave(wanted)
        }
        assert.equal(queue.size, inside.size)
        assert.deepEqual(new Set(queue.items()), inside)
        assert.ok(queue.size <= queueMax)
      }
      for (const taken of takeAll(queue)) leave(taken)
      assert.equal(inside.size, 0)
    }),
  )
})

test('no tenant starves: between two of its turns each other has at most its weight of turns', () => {
  const arrival = fc.record({
    tenantId: fc.constantFrom('a', 'b', 'heavy'),
    count: fc.integer({ min: 1, max: 30 }),
  })
  fc.assert(
    fc.property(fc.array(arrival, { minLength: 1, maxLength: 12 }), (arrivals) => {
      const queue = open()
      for (const { tenantId, count } of arrivals) for (let i = 0; i < count; i++) queue.add(item(tenantId))
      const waiting = new Map<string, number>()
      for (const { tenantId } of queue.items()) waiting.set(tenantId, (waiting.get(tenantId) ?? 0) + 1)
      const since = new Map<string, Map<string, number>>([...waiting.keys()].map((name) => [name, new Map()]))
      for (const { tenantId } of takeAll(queue)) {
        since.set(tenantId, new Map())
        waiting.set(tenantId, (waiting.get(tenantId) ?? 0) - 1)
        for (const [name, turns] of since) {
          if (name === tenantId || (waiting.get(name) ?? 0) === 0) continue
          turns.set(tenantId, (turns.get(tenantId) ?? 0) + 1)
          assert.ok((turns.get(tenantId) ?? 0) <= (weights[tenantId] ?? 1), `${name} waits for ${tenantId}`)
        }
      }
    }),
  )
})
