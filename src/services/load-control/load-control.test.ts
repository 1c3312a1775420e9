/** Load control: priorities as keys may use them, and who is turned away when the process itself has too much to do. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Caller } from '#core/domain/caller.ts'
import type { Priority } from '#core/domain/priority.ts'
import { createLoadControl } from '#services/load-control/load-control.ts'
import type { LoadSettings } from '#services/load-control/load-control.ts'
import type { LoadReading } from '#services/load-control/shedding.ts'

const usual: LoadSettings = {
  concurrencyMin: 1,
  concurrencyMax: 1,
  queueMax: 10,
  queueWaitMs: 200,
  queueWaitBatchMs: 5_000,
  weightOf: () => 1,
  shedding: { isEnabled: true, loopDelayMs: [100, 250, 500], memoryShare: [0.8, 0.88, 0.94] },
  priorityMaxOfKeys: undefined,
  priorityMaxOfTenants: undefined,
}
const calm: LoadReading = { loopDelayMs: 0, memoryShare: 0.1 }

function open(changes: Partial<LoadSettings> = {}) {
  let reading = calm
  const load = createLoadControl(
    {
      clock: { nowMs: () => 0, monotonicMs: () => 0 },
      later: () => () => undefined,
      read: () => reading,
    },
    () => ({ ...usual, ...changes }),
  )
  const tick = (next: Partial<LoadReading>, times = 1) => {
    reading = { ...calm, ...next }
    for (let i = 0; i < times; i++) load.tick()
    return load.state().level
  }
  return { load, tick }
}

const callerWith = (priorityMax?: Priority, role: Caller['role'] = 'user'): Caller => ({
  tenantId: 'a',
  keyId: 'k',
  role,
  permissions: new Set(['inference']),
  limits: priorityMax && { priorityMax },
})

describe('a priority', () => {
  test('is normal unless the request asks, and never above what the key may use', () => {
    const { load } = open()
    assert.equal(load.admit(callerWith(), undefined), 'normal')
    assert.equal(load.admit(callerWith(), 'batch'), 'batch')
    assert.equal(load.admit(callerWith(), 'critical'), 'normal')
    assert.equal(load.admit(callerWith('critical'), 'critical'), 'critical')
    assert.equal(load.admit(callerWith('critical'), undefined), 'normal')
    assert.equal(load.admit(callerWith('batch'), undefined), 'batch')
    assert.equal(load.admit(callerWith(undefined, 'operator'), 'critical'), 'critical')
  })

  test('is bound by what the configuration says of keys and of tenants', () => {
    const { load } = open({ priorityMaxOfKeys: 'critical' })
    assert.equal(load.admit(callerWith(), 'critical'), 'critical')
    const bound = open({ priorityMaxOfKeys: 'critical', priorityMaxOfTenants: 'batch' }).load
    assert.equal(bound.admit(callerWith('critical'), 'critical'), 'batch')
  })
})

describe('overload', () => {
  test('turns away batch, then normal that would wait, then all but the critical', async () => {
    const { load, tick } = open()
    const wish = { tenantId: 'a', dueAtMs: undefined, signal: new AbortController().signal }
    const held = await load.enter('t', { ...wish, priority: 'normal' })
    assert.equal(tick({ loopDelayMs: 120 }, 2), 1)
    assert.throws(() => load.admit(callerWith(), 'batch'), { code: 'overloaded' })
    assert.equal(load.admit(callerWith(), undefined), 'normal')

    assert.equal(tick({ loopDelayMs: 260 }, 2), 2)
    assert.equal(load.admit(callerWith(), undefined), 'normal')
    assert.throws(() => load.enter('t', { ...wish, priority: 'normal' }), { code: 'target_busy' })
    const waiting = load.enter('t', { ...wish, priority: 'critical' })
    assert.ok(waiting instanceof Promise)

    assert.equal(tick({ loopDelayMs: 800 }, 2), 3)
    assert.throws(() => load.admit(callerWith(), undefined), {
      code: 'overloaded',
      status: 503,
      details: { retryAfterMs: 2_000, facts: { priority: 'normal' } },
    })
    assert.equal(load.admit(callerWith('critical'), 'critical'), 'critical')
    held.leave()
    assert.equal((await waiting).waitedMs, 0)
    assert.equal(load.state().shed, 2)
  })

  test('one pause is none: a level is reached by two readings one after the other', () => {
    const { tick } = open()
    assert.equal(tick({ loopDelayMs: 900 }), 0)
    assert.equal(tick({}), 0)
    assert.equal(tick({ loopDelayMs: 900 }), 0)
    assert.equal(tick({ loopDelayMs: 120 }), 1, 'what both readings spoke for')
  })

  test('ends slowly, level by level, and not while it is close to the edge', () => {
    const { tick } = open()
    tick({ loopDelayMs: 900 }, 2)
    assert.equal(tick({ loopDelayMs: 360 }, 20), 3, '360 ms is more than seven tenths of 500')
    assert.equal(tick({}, 3), 3)
    assert.equal(tick({}), 2)
    assert.equal(tick({}, 4), 1)
    assert.equal(tick({}, 4), 0)
  })

  test('is seen by full memory as well', () => {
    const { tick } = open()
    assert.equal(tick({ memoryShare: 0.95 }, 2), 3)
    assert.equal(tick({ memoryShare: 0.9 }, 10), 3)
    assert.equal(tick({ memoryShare: 0.5 }, 12), 0)
  })

  test('is not looked for where shedding is off', () => {
    const { tick } = open({ shedding: { ...usual.shedding, isEnabled: false } })
    assert.equal(tick({ loopDelayMs: 9_000, memoryShare: 1 }, 5), 0)
  })

  test('never flutters: between two changes of direction lie at least four readings', () => {
    const readings = fc.array(
      fc.record({ loopDelayMs: fc.nat(1_000), memoryShare: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { maxLength: 120 },
    )
    fc.assert(
      fc.property(readings, (list) => {
        const { tick } = open()
        let level = 0
        let sinceRise = Number.POSITIVE_INFINITY
        for (const reading of list) {
          const next = tick(reading)
          assert.ok(next >= level - 1 && next >= 0 && next <= 3)
          sinceRise++
          if (next < level) assert.ok(sinceRise >= 4)
          if (next > level) sinceRise = 0
          level = next
        }
        tick({}, 12)
        assert.equal(tick({}), 0, 'calm ends every level')
      }),
    )
  })
})
