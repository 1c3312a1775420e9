/** Facts about what is remembered by tenant and id. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { rememberById } from '#core/domain/id-memory.ts'

it('a name is made once and is the same for ever, whoever invents how many others', () => {
  const made: string[] = []
  const nameOf = rememberById((tenantId, id) => {
    made.push(id)
    return `${tenantId}/${id}`
  })
  assert.equal(nameOf('acme', 'ann'), 'acme/ann')
  assert.equal(nameOf('acme', 'ann'), 'acme/ann')
  assert.equal(nameOf('other', 'ann'), 'other/ann')
  assert.deepEqual(made, ['ann', 'ann'])
  for (let number = 0; number < 25_000; number++)
    assert.equal(nameOf('acme', `u${number}`), `acme/u${number}`)
  assert.equal(nameOf('acme', 'ann'), 'acme/ann')
})
