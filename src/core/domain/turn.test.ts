import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turnEnd } from 'node:timers/promises'
import { createTurn } from '#core/domain/turn.ts'

test('what joins in one turn is taken together at its end, in order', async () => {
  const turn = createTurn()
  const taken: string[] = []
  turn.join(() => taken.push('first'))
  await Promise.resolve()
  turn.join(() => taken.push('second'))
  assert.deepEqual(taken, [])
  await turnEnd()
  assert.deepEqual(taken, ['first', 'second'])
})

test('what joins while a turn ends is taken at the end of the next', async () => {
  const turn = createTurn()
  const taken: string[] = []
  turn.join(() => {
    taken.push('first')
    turn.join(() => taken.push('next'))
  })
  turn.join(() => taken.push('second'))
  await turnEnd()
  assert.deepEqual(taken, ['first', 'second'])
  await turnEnd()
  assert.deepEqual(taken, ['first', 'second', 'next'])
})
