/** What a member reader makes of an object, beside what its schema makes of it. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import fc from 'fast-check'
import { z } from 'zod'

import { Problem } from '#core/domain/problem.ts'
import { createMemberReader } from '#http/member-reader.ts'
import { parseWith } from '#http/schema-problem.ts'

const schema = z.object({
  model: z.string().min(1),
  size: z.int().min(0).nullish(),
  unit: z.enum(['cm', 'in']).default('cm'),
  names: z.array(z.object({ first: z.string(), last: z.string().optional() })).nullish(),
  note: z.string().optional(),
})
const read = createMemberReader(schema)

const outcome = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (thrown) {
    assert.ok(thrown instanceof Problem)
    return { code: thrown.code, param: thrown.details.param, detail: thrown.message }
  }
}

const member = fc.oneof(
  fc.constantFrom(null, 'cm', '', 1, -1, 1.5),
  fc.array(fc.record({ first: fc.string() })),
)
const values = fc.oneof(
  fc.dictionary(fc.constantFrom(...Object.keys(schema.shape), 'other', '__proto__', 'toString'), member),
  fc.constantFrom(null, [], 'text', 7),
)

it('it reads and refuses as its schema does', () => {
  fc.assert(
    fc.property(values, (value) => {
      assert.deepEqual(
        outcome(() => read(value, 'thing')),
        outcome(() => parseWith(schema, value, 'thing')),
      )
    }),
    { numRuns: 2_000 },
  )
})

it('members that it does not know, however many, do not make it grow or fail', () => {
  for (let round = 0; round < 600; round++) {
    const names = Object.keys(schema.shape).filter((_, place) => (round >> place) % 2 === 1)
    const value = Object.fromEntries([...names, `own${round}`].map((name) => [name, 'cm']))
    assert.deepEqual(
      outcome(() => read(value)),
      outcome(() => parseWith(schema, value)),
    )
  }
})
