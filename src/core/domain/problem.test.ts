import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '#core/domain/problem.ts'

describe('a problem', () => {
  it('says what its detail says, or else what its kind is', () => {
    assert.equal(new Problem('invalid_value', { detail: 'No.' }).message, 'No.')
    assert.equal(new Problem('invalid_value').message, new Problem('invalid_value').kind.sentence)
  })

  it('never repeats a whole request, however long the names in it are', () => {
    const detail = `The field "${'x'.repeat(100_000)}" is not known.`
    const { message, details } = new Problem('unknown_field', { detail, param: 'y'.repeat(100_000) })
    assert.ok(message.length <= 4_000)
    assert.match(message, /^The field "x+\.\.\.x+" is not known\.$/)
    assert.equal(details.detail, message)
    assert.ok((details.param?.length ?? 0) <= 500)
  })

  it('keeps everything else as it was stated', () => {
    const facts = { limit: 1 }
    const { details } = new Problem('unknown_field', { facts, detail: 'z'.repeat(5_000) })
    assert.equal(details.facts, facts)
    assert.equal(details.param, undefined)
  })
})
