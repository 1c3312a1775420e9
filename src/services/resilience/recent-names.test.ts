import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRecentNames } from '#services/resilience/recent-names.ts'

test('names without end are not remembered without end, and those in use are remembered longest', () => {
  const made: string[] = []
  const names = createRecentNames((name) => {
    made.push(name)
    return { name }
  })
  for (let number = 0; number < 10_000; number++) {
    names.use('in use')
    names.use(`invented ${number}`)
  }
  assert.equal([...names.entries()].length, 4_096)
  assert.equal(made.filter((one) => one === 'in use').length, 1)
  assert.equal(names.peek('invented 0'), undefined)
  assert.equal(names.peek('invented 9999')?.name, 'invented 9999')
})
