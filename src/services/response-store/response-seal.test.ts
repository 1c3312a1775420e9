/** The seal of kept responses: bound to its name, and opened by every key that is still there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createResponseSeal } from '#services/response-store/response-seal.ts'

const secret = (byte: number) => Buffer.alloc(32, byte)
const text = '{"said":"grüße, 🌍"}'

test('what was sealed is opened under the same name, and tells nothing before', () => {
  const seal = createResponseSeal([secret(1)])
  const sealed = seal.seal('acme/one', text)
  assert.equal(seal.open('acme/one', sealed), text)
  assert.ok(!Buffer.from(sealed, 'base64').includes('said'))
  assert.notEqual(seal.seal('acme/one', text), sealed, 'each time with a nonce of its own')
})

test('another name, another key and a changed bit open nothing', () => {
  const seal = createResponseSeal([secret(1)])
  const sealed = seal.seal('acme/one', text)
  assert.equal(seal.open('acme/two', sealed), undefined)
  assert.equal(createResponseSeal([secret(2)]).open('acme/one', sealed), undefined)
  assert.equal(seal.open('acme/one', ''), undefined)
  const bytes = Buffer.from(sealed, 'base64')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(seal.open('acme/one', changed.toString('base64')), undefined, `byte ${at}`)
    assert.equal(seal.open('acme/one', bytes.subarray(0, at).toString('base64')), undefined, `${at} bytes`)
  }
})

test('keys rotate: the newest seals, and older ones still open', () => {
  const before = createResponseSeal([secret(1)]).seal('acme/one', text)
  const both = createResponseSeal([secret(2), secret(1)])
  const later = both.seal('acme/one', text)
  assert.equal(both.open('acme/one', before), text)
  assert.equal(createResponseSeal([secret(2)]).open('acme/one', later), text)
  assert.equal(createResponseSeal([secret(1)]).open('acme/one', later), undefined)
})
