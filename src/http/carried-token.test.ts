/** Tokens of other providers on their way through an application and back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Carry } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import { isCarriedToken, readCarriedToken, writeCarriedToken } from '#http/carried-token.ts'

const signature: Carry = { origin: 'gemini-generate', kind: 'thought_signature', value: 'abc+/=' }
const item: Carry = {
  origin: 'openai-responses',
  kind: 'encrypted',
  value: 'gAAAA',
  itemId: 'rs_1',
  extras: { summary: [{ type: 'summary_text', text: 'Hm' }], status: null },
}
const isDamage = (thrown: unknown) =>
  thrown instanceof Problem && thrown.code === 'invalid_value' && thrown.details.param === 'here'

test('tokens come back as they went, with their ids and members', () => {
  const redacted: Carry = { origin: 'anthropic-messages', kind: 'redacted', value: '', extras: { a: 1 } }
  for (const carries of [[signature], [item], [signature, item, redacted]]) {
    assert.deepEqual(readCarriedToken(writeCarriedToken(carries), 'here'), carries)
  }
})

test('a token survives a client that decodes its base64 and encodes it again, in either alphabet', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (value) => {
      const carries = [{ ...signature, value }]
      const token = writeCarriedToken(carries)
      assert.equal(Buffer.from(token, 'base64').toString('base64'), token)
      assert.deepEqual(readCarriedToken(Buffer.from(token, 'base64').toString('base64url'), 'here'), carries)
    }),
  )
})

test('a token of the API itself is left alone', () => {
  assert.equal(readCarriedToken('ErUBCkYIBRgCIkD', 'here'), undefined)
  assert.equal(readCarriedToken('', 'here'), undefined)
  assert.equal(isCarriedToken(writeCarriedToken([signature])), true)
})

test('a damaged token is refused by name, whatever it holds', () => {
  const token = writeCarriedToken([signature, item])
  assert.throws(() => readCarriedToken(token.slice(0, -12), 'here'), isDamage)
  assert.throws(() => readCarriedToken('signalbx', 'here'), isDamage)
  const encode = (value: unknown) => `signalbx${Buffer.from(JSON.stringify(value)).toString('base64')}`
  const wrong: readonly unknown[] = [
    null,
    [],
    [[]],
    [['z', 'item', 'v']],
    [['g', 'toString', 'v']],
    [['g', 'item', 5]],
    [['g', 'item', 'v', {}]],
    Array.from({ length: 65 }, () => ['g', 'item', 'v']),
  ]
  for (const value of wrong) assert.throws(() => readCarriedToken(encode(value), 'here'), isDamage)
  fc.assert(
    fc.property(fc.string(), (tail) => {
      try {
        readCarriedToken(`signalbx${tail}`, 'here')
      } catch (thrown) {
        assert.ok(thrown instanceof Problem)
      }
    }),
  )
})

test('nothing nested without end gets in', () => {
  const nested = `[["g","item","v",null,${'{"a":'.repeat(100)}1${'}'.repeat(100)}]]`
  assert.throws(
    () => readCarriedToken(`signalbx${Buffer.from(nested).toString('base64')}`, 'here'),
    (thrown) => thrown instanceof Problem && thrown.code === 'body_too_deep',
  )
})
