import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { vectorFromBase64, vectorToBase64 } from '#core/domain/vector-text.ts'

test('a vector written as base64 is read back as the same 32-bit numbers', () => {
  const vectors = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 })
  fc.assert(
    fc.property(vectors, (vector) => {
      assert.deepEqual(vectorFromBase64(vectorToBase64(vector)), vector)
    }),
  )
})

test('the floats are little-endian, whatever the machine', () => {
  assert.equal(vectorToBase64([1, -2]), Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]).toString('base64'))
})

test('numbers are rounded to 32 bits as any reader of such vectors expects', () => {
  assert.deepEqual(vectorFromBase64(vectorToBase64([0.1])), [Math.fround(0.1)])
})

test('text that holds no whole number of finite floats is no vector', () => {
  const infinite = Buffer.from([0, 0, 0x80, 0x7f]).toString('base64')
  for (const text of ['', 'AAAA', 'not base64!', '****', infinite]) {
    assert.equal(vectorFromBase64(text), undefined, text)
  }
})
