import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { nowhere } from '#core/domain/crowd.ts'
import { createDeadlineKeeper } from '#services/llm-adapters/transport/deadline-keeper.ts'
import type { Watched } from '#services/llm-adapters/transport/deadline-keeper.ts'

function house(context: { after(end: () => void): void }) {
  mock.timers.enable({ apis: ['setInterval'] })
  context.after(() => mock.timers.reset())
  const time = { ms: 0 }
  const keeper = createDeadlineKeeper({ nowMs: () => 0, monotonicMs: () => time.ms })
  const expired: string[] = []
  const watched = (name: string, dueAtMs: number): Watched & { dueAtMs: number } => ({
    dueAtMs,
    place: nowhere,
    expire: () => expired.push(name),
  })
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      time.ms += 10
      mock.timers.tick(10)
    }
  }
  return { keeper, expired, watched, pass }
}

test('what is due expires within a tick, what is not waits, what has moved on is spared', (context) => {
  const { keeper, expired, watched, pass } = house(context)
  const [early, late, moved] = [watched('early', 50), watched('late', 500), watched('moved', 60)]
  for (const one of [early, late, moved]) keeper.watch(one)
  moved.dueAtMs = 10_000
  pass(100)
  assert.ok(expired.includes('early'))
  assert.ok(!expired.includes('late') && !expired.includes('moved'))
})

test('what is forgotten never expires, and a keeper that was idle keeps the next one too', (context) => {
  const { keeper, expired, watched, pass } = house(context)
  const first = watched('first', 50)
  keeper.watch(first)
  keeper.forget(first)
  pass(200)
  assert.equal(expired.length, 0)
  keeper.watch(watched('second', 250))
  pass(100)
  assert.ok(expired.includes('second'))
})

test('a stopped keeper expires nothing', (context) => {
  const { keeper, expired, watched, pass } = house(context)
  keeper.watch(watched('one', 10))
  keeper.stop()
  pass(100)
  assert.deepEqual(expired, [])
})
