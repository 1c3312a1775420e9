/** Facts about waiting on the real clock. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Leaving } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import { pause } from '#composition/weather.ts'

const isLeft = (thrown: unknown) => thrown instanceof Problem && thrown.code === 'caller_left'
const longMs = 600_000

test('a pause ends by itself, and listens to nobody then', async () => {
  const leaving = new Leaving()
  await pause(1, leaving)
  leaving.abort()
})

test('whoever leaves is not waited for, and leaves no timer behind', async () => {
  const leaving = new Leaving()
  const waiting = pause(longMs, leaving)
  leaving.abort('gone')
  await assert.rejects(waiting, isLeft)
  await assert.rejects(pause(longMs, leaving), isLeft)
  await assert.rejects(pause(longMs, AbortSignal.abort()), isLeft)
})
