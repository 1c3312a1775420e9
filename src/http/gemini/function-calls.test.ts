/** Function calls and their responses, with and without ids. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import { createCallLedger } from '#http/gemini/function-calls.ts'

function openLedger() {
  const ledger = createCallLedger()
  return {
    turn: (...calls: ReadonlyArray<readonly [name: string, id?: string]>) => {
      ledger.beginTurn()
      return calls.map(([name, id]) => ledger.call({ id, name, path: 'here' }))
    },
    answer: (name: string, id?: string, isLast = true) => ledger.answer({ id, name, path: 'here', isLast }),
  }
}
const isRefused = (thrown: unknown) => thrown instanceof Problem && thrown.code === 'invalid_value'

test('calls without ids get some, the same for the same conversation, and are answered by name and order', () => {
  const ids = [0, 1].map(() => {
    const { turn, answer } = openLedger()
    const called = turn(['a'], ['b'], ['a'])
    assert.deepEqual([answer('b'), answer('a'), answer('a')], [called[1], called[0], called[2]])
    return called
  })
  assert.deepEqual(ids[0], ids[1])
  assert.equal(new Set(ids[0]).size, 3)
})

test('an id decides over the order, and a response may have one of its own', () => {
  const { turn, answer } = openLedger()
  turn(['a', 'x'], ['a', 'y'], ['b'])
  assert.equal(answer('a', 'y'), 'y')
  assert.equal(answer('a', 'x'), 'x')
  assert.match(answer('b', 'own'), /^call_/)
})

test('a name that was written otherwise answers the first call that is open', () => {
  const { turn, answer } = openLedger()
  const [first] = turn(['a'])
  assert.equal(answer('A'), first)
})

test('an id of an earlier turn may come again and means the later call', () => {
  const { turn, answer } = openLedger()
  turn(['a', 'x'])
  answer('a', 'x')
  const [later] = turn(['a', 'x'])
  assert.notEqual(later, 'x')
  assert.equal(answer('a', 'x'), later)
})

test('minted ids never meet those that were given', () => {
  const { turn } = openLedger()
  const ids = turn(['a', 'call_1'], ['b'], ['c', 'call_2'])
  assert.equal(new Set(ids).size, 3)
})

test('a response that goes on is followed by others, a whole one by none', () => {
  const { turn, answer } = openLedger()
  turn(['a', 'x'])
  assert.equal(answer('a', 'x', false), 'x')
  assert.equal(answer('a', 'x'), 'x')
  assert.throws(() => answer('a', 'x'), isRefused)
  assert.throws(() => answer('a'), isRefused)
})
