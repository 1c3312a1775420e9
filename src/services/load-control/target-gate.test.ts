/** The gate: so many at once, the others wait their turn or are told in time, and every place comes back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import { createTargetGate } from '#services/load-control/target-gate.ts'
import type { GateSettings, Slot, SlotWish } from '#services/load-control/target-gate.ts'

const usual: GateSettings = {
  concurrencyMin: 1,
  concurrencyMax: 2,
  queueMax: 10,
  queueWaitMs: 200,
  queueWaitBatchMs: 5_000,
  weightOf: () => 1,
}

/** A gate whose time passes only when the test says so. */
function openGate(changes: Partial<GateSettings> = {}) {
  let nowMs = 1_000
  let timers: { readonly atMs: number; readonly callBack: () => void }[] = []
  const seen = { queued: 0, refused: 0, ended: 0 }
  const gate = createTargetGate(
    'acme/one',
    {
      clock: { nowMs: () => 0, monotonicMs: () => nowMs },
      later(durationMs, callBack) {
        const timer = { atMs: nowMs + durationMs, callBack }
        timers.push(timer)
        return () => {
          timers = timers.filter((one) => one !== timer)
        }
      },
      onQueue: () => seen.queued++,
      onRefusal: () => seen.refused++,
      onEnd: () => seen.ended++,
    },
    () => ({ ...usual, ...changes }),
  )
  const pass = (durationMs: number) => {
    nowMs += durationMs
    const due = timers.filter(({ atMs }) => atMs <= nowMs)
    timers = timers.filter(({ atMs }) => atMs > nowMs)
    for (const { callBack } of due) callBack()
  }
  return { gate, pass, seen, timers: () => timers.length, now: () => nowMs }
}

const never = new AbortController().signal
const wish = (changes: Partial<SlotWish> = {}): SlotWish => ({
  tenantId: 'a',
  priority: 'normal',
  dueAtMs: undefined,
  signal: never,
  ...changes,
})
const heldSlot = (entered: Slot | Promise<Slot>): Slot => {
  assert.ok(!(entered instanceof Promise), 'a place was free')
  return entered
}
const codeOf = async (entered: Slot | Promise<Slot>) => {
  try {
    await entered
    return 'entered'
  } catch (thrown) {
    return thrown instanceof Problem ? thrown.code : thrown
  }
}

test('while there are places nobody waits, and a place given back goes to the next', async () => {
  const { gate, pass } = openGate()
  const first = heldSlot(gate.enter(wish(), true))
  heldSlot(gate.enter(wish(), true))
  const third = gate.enter(wish(), true)
  assert.deepEqual([gate.underWay, gate.waiting], [2, 1])
  pass(50)
  first.leave()
  first.leave()
  const slot = await third
  assert.equal(slot.waitedMs, 50)
  assert.deepEqual([gate.underWay, gate.waiting], [2, 0])
})

test('who waits too long is told so, and leaves nothing behind', async () => {
  const { gate, pass, seen, timers } = openGate()
  const slots = [gate.enter(wish(), true), gate.enter(wish(), true)].map(heldSlot)
  const late = codeOf(gate.enter(wish(), true))
  const patient = codeOf(gate.enter(wish({ priority: 'batch' }), true))
  pass(200)
  assert.equal(await late, 'target_busy')
  assert.equal(gate.waiting, 1)
  pass(4_800)
  assert.equal(await patient, 'target_busy')
  assert.deepEqual([gate.waiting, timers()], [0, 0])
  assert.deepEqual(seen, { queued: 2, refused: 2, ended: 2 })
  for (const slot of slots) slot.leave()
  assert.equal(gate.underWay, 0)
})

test('work that could not be done in its time is dropped before it is begun', async () => {
  const { gate, pass, now } = openGate()
  const slot = heldSlot(gate.enter(wish(), true))
  slot.answered(40)
  for (let i = 0; i < 9; i++) {
    const other = heldSlot(gate.enter(wish(), true))
    other.answered(40)
    other.leave()
  }
  heldSlot(gate.enter(wish(), true))
  // The usual first token takes 40 ms, so with 100 ms to go it must begin within 60.
  const doomed = codeOf(gate.enter(wish({ dueAtMs: now() + 100 }), true))
  pass(59)
  assert.equal(gate.waiting, 1)
  pass(1)
  assert.equal(await doomed, 'deadline_exceeded')
})

test('a place that comes free too late is not given to one whose time is over', async () => {
  const { gate, now } = openGate({ concurrencyMax: 1 })
  const slot = heldSlot(gate.enter(wish(), true))
  const doomed = codeOf(gate.enter(wish({ dueAtMs: now() }), true))
  const next = gate.enter(wish(), true)
  slot.leave()
  assert.equal(await doomed, 'deadline_exceeded')
  assert.equal((await next).waitedMs, 0)
})

test('a caller who leaves while it waits is forgotten at once', async () => {
  const { gate, seen } = openGate({ concurrencyMax: 1 })
  heldSlot(gate.enter(wish(), true))
  const leaving = new AbortController()
  const waiting = codeOf(gate.enter(wish({ signal: leaving.signal }), true))
  leaving.abort()
  assert.equal(await waiting, 'caller_left')
  assert.deepEqual([gate.waiting, seen.refused], [0, 0])
})

test('who would rather not wait is told at once', () => {
  const { gate } = openGate({ concurrencyMax: 1 })
  heldSlot(gate.enter(wish(), true))
  assert.throws(() => gate.enter(wish(), false), { code: 'target_busy' })
})

test('a refusal for overload halves how many are let in', () => {
  const { gate } = openGate({ concurrencyMax: 20 })
  const slots = Array.from({ length: 20 }, () => heldSlot(gate.enter(wish(), true)))
  slots[0]?.refused()
  slots[1]?.refused()
  assert.equal(gate.limit, 10)
})

test('whatever requests do, every place comes back, and never more are out than the limit allowed', async () => {
  const step = fc.oneof(
    fc.record({
      does: fc.constant('enter' as const),
      tenantId: fc.constantFrom('a', 'b', 'c'),
      priority: fc.constantFrom('critical', 'normal', 'batch'),
      dueInMs: fc.option(fc.nat(400), { nil: undefined }),
    }),
    fc.record({ does: fc.constantFrom('answer', 'refuse', 'leave', 'abort'), at: fc.nat(12) }),
    fc.record({ does: fc.constant('pass' as const), ms: fc.nat(300) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { gate, pass, now, timers } = openGate({ concurrencyMax: 3, queueMax: 4 })
      const out = new Set<Slot>()
      const callers: AbortController[] = []
      let pending = 0
      for (const one of steps) {
        if (one.does === 'enter') {
          const leaving = new AbortController()
          callers.push(leaving)
          const dueAtMs = one.dueInMs === undefined ? undefined : now() + one.dueInMs
          pending++
          void Promise.resolve(gate.enter(wish({ ...one, dueAtMs, signal: leaving.signal }), true))
            .then(
              (slot) => out.add(slot),
              (thrown: unknown) => assert.ok(thrown instanceof Problem),
            )
            .finally(() => pending--)
        } else if (one.does === 'pass') pass(one.ms)
        else if (one.does === 'abort') callers[one.at]?.abort()
        else {
          const slot = [...out][one.at]
          if (one.does === 'answer') slot?.answered(one.at * 10)
          else if (one.does === 'refuse') slot?.refused()
          else if (slot && out.delete(slot)) slot.leave()
        }
        await new Promise(setImmediate)
        assert.equal(gate.underWay, out.size)
        assert.ok(out.size <= 3 && gate.waiting <= 4)
        assert.ok(gate.waiting === 0 || gate.underWay >= gate.limit, 'nobody waits beside a free place')
      }
      while (out.size > 0) {
        for (const slot of out) slot.leave()
        out.clear()
        await new Promise(setImmediate)
      }
      assert.deepEqual([gate.underWay, gate.waiting, pending], [0, 0, 0])
      pass(10_000)
      assert.equal(timers(), 0)
    }),
    { numRuns: 150 },
  )
})
