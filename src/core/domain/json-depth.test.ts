import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { nestsDeeper } from '#core/domain/json-depth.ts'
import { parseJson } from '#core/domain/json.ts'

describe('how deep a JSON text nests', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

  it('is counted exactly', () => {
    assert.equal(nestsDeeper(nested(10), 10), false)
    assert.equal(nestsDeeper(nested(11), 10), true)
    assert.equal(nestsDeeper(`{"a":${nested(10)}}`, 10), true)
    assert.equal(nestsDeeper(`[${nested(9)},${nested(9)}]`, 10), false)
  })

  it('does not count brackets inside of strings', () => {
    const text = JSON.stringify(['[[[[{{{{\\"', '\\', '[[[[', { '{[': '\\\\' }])
    assert.equal(nestsDeeper(text, 2), false)
    assert.equal(nestsDeeper(text, 1), true)
  })

  it('is that of the parsed value, for any value', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Object.values(value).reduce((most: number, one) => Math.max(most, depthOf(one)), 0)
        : 0
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(6), (value, levels) => {
        assert.equal(nestsDeeper(JSON.stringify(value), levels), depthOf(value) > levels)
      }),
    )
  })

  it('ends with text that is no JSON', () => {
    for (const text of ['"', '"\\', '[[["', ']]]]]]]]', '"\\"\\"\\"'])
      assert.equal(nestsDeeper(text, 5), false)
  })

  it('keeps what could not be written again from being parsed', () => {
    assert.deepEqual(parseJson(nested(3)), [[[]]])
    assert.equal(parseJson(nested(50_000)), undefined)
    const deepest = parseJson(nested(1_000))
    assert.equal(JSON.stringify(deepest), nested(1_000))
  })
})
