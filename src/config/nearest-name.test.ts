/** Which name is meant by a mistyped one. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { editDistance, nearestName } from '#config/nearest-name.ts'

it('counts letters to insert, remove, replace and swap', () => {
  assert.equal(editDistance('', 'abc'), 3)
  assert.equal(editDistance('prot', 'port'), 1)
  assert.equal(editDistance('kitten', 'sitting'), 3)
  assert.equal(editDistance('same', 'same'), 0)
})
it('finds half a name, and nothing when nothing is near', () => {
  assert.equal(nearestName('ttl', ['enabled', 'default_ttl']), 'default_ttl')
  assert.equal(nearestName('Modle', ['model', 'mode']), 'model')
  assert.equal(nearestName('zebra', ['model', 'mode']), undefined)
})
