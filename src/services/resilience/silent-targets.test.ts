import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resilienceHouse as house, watchedTarget as target } from '#tests/support/resilience-house.ts'

const name = 'openai/gpt-4o'

test('calls to a silent target open its breaker before any deadline, and all that wait go elsewhere', () => {
  const { state, resilience, enter } = house()
  const learn = () => {
    const pass = enter()
    pass.began(200)
    pass.close('success', 200)
  }
  for (let call = 0; call < 8; call++) learn()
  const stopped: string[] = []
  const ask = (call: string, mayMoveOn?: () => boolean) => {
    const pass = resilience.enter(target(), { isStreamed: true, tried: [], mayMoveOn })
    pass.sent((problem) => {
      stopped.push(`${call} ${JSON.stringify(problem.details.facts)}`)
      pass.close(problem)
    })
    return pass
  }
  const yes = () => true
  ask('first', yes)
  ask('second', yes)
  const spoken = ask('spoken', yes)
  ask('alone', () => false)
  ask('nobody knows')
  spoken.began(300)
  state.ms += 4_000
  ask('young', yes)
  state.ms += 999
  assert.equal(resilience.signalOf(name).isAvailable, true)
  state.ms += 1
  assert.throws(() => enter(), { code: 'circuit_open' })
  assert.deepEqual(stopped, [
    'first {"phase":"silence"}',
    'second {"phase":"silence"}',
    'young {"phase":"silence"}',
  ])
  assert.equal(resilience.signalOf(name).isAvailable, false)
  assert.equal(resilience.counts().breakersOpened, 1)
  // Whoever has nobody else may still wait for it.
  resilience.enter(target(), { isStreamed: true, tried: [], mayMoveOn: () => false }).close('neutral')
  assert.throws(() => resilience.enter(target(), { isStreamed: true, tried: [], mayMoveOn: yes }), {
    code: 'circuit_open',
  })
})
