import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nowhere } from '#core/domain/crowd.ts'
import type { Problem } from '#core/domain/problem.ts'
import { createSilenceWatch, silentAfterMs } from '#services/resilience/silence-watch.ts'

function house() {
  const time = { ms: 1_000 }
  const silences = createSilenceWatch({ nowMs: () => 0, monotonicMs: () => time.ms })
  const told: string[] = []
  const stopped: Array<readonly [string, Problem]> = []
  const watch = (
    name: string,
    of: object,
    changes: { readonly inMs: number; readonly mayMoveOn?: boolean },
  ) =>
    silences.watch({
      place: nowhere,
      of,
      sentAtMs: time.ms,
      silentAtMs: time.ms + changes.inMs,
      onSilent: () => told.push(name),
      mayMoveOn: () => changes.mayMoveOn ?? true,
      stop: (problem) => stopped.push([name, problem]),
    })
  return { time, silences, told, stopped, watch }
}

test('a call is told once that its time has come, and never after something was heard', () => {
  const { time, silences, told, watch } = house()
  const track = {}
  watch('early', track, { inMs: 100 })
  watch('late', track, { inMs: 300 })
  watch('heard', track, { inMs: 200 })()
  silences.look()
  assert.deepEqual(told, [])
  time.ms += 100
  silences.look()
  silences.look()
  assert.deepEqual(told, ['early'])
  time.ms += 200
  silences.look()
  watch('later still', track, { inMs: 50 })
  time.ms += 50
  silences.look()
  assert.deepEqual(told, ['early', 'late', 'later still'])
})

test('only calls of that track that may go elsewhere are ended, all of them or the silent ones', () => {
  const { time, silences, stopped, watch } = house()
  const dead = {}
  watch('silent', dead, { inMs: 100 })
  watch('young', dead, { inMs: 1_000 })
  watch('alone', dead, { inMs: 100, mayMoveOn: false })
  watch('of another', {}, { inMs: 100 })
  time.ms += 500
  silences.moveOn(dead, 'silent')
  assert.deepEqual(
    stopped.map(([name]) => name),
    ['silent'],
  )
  assert.deepEqual(
    [stopped[0]?.[1].code, stopped[0]?.[1].details.facts],
    ['provider_timeout', { phase: 'silence' }],
  )
  silences.moveOn(dead, 'all')
  assert.deepEqual(
    stopped.map(([name]) => name),
    ['silent', 'silent', 'young'],
  )
})

test('how long is too long is learned from the target, and grows with the question', () => {
  const settings = { factor: 4, leastMs: 5_000, leastReasoningMs: 30_000, perThousandTokensMs: 200 }
  const usual = { isStreamed: true, isTrial: false, isThinking: false, inputTokens: 0, slowAfterMs: 40_000 }
  assert.equal(silentAfterMs(settings, undefined, usual), 40_000)
  assert.equal(silentAfterMs(settings, 300, usual), 5_000)
  assert.equal(silentAfterMs(settings, 300, { ...usual, isStreamed: false }), 30_000)
  assert.equal(silentAfterMs(settings, 300, { ...usual, isStreamed: false, isTrial: true }), 5_000)
  assert.equal(silentAfterMs(settings, 300, { ...usual, isThinking: true }), 30_000)
  assert.equal(silentAfterMs(settings, 3_000, usual), 12_000)
  assert.equal(silentAfterMs(settings, 3_000, { ...usual, inputTokens: 50_000 }), 22_000)
})
