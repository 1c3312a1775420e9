/** Elements are taken out of JSON text; everything else stays to the letter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rewriteElements, rewriteMember } from '#http/json-elements.ts'

test('an element is left out and the others keep their spelling', () => {
  const text = '[ 1.0, {"a":[1,2], "b":"],\\"}"} ,12345678901234567890]'
  assert.equal(
    rewriteElements(text, (element, index) => (index === 0 ? undefined : element)),
    '[ {"a":[1,2], "b":"],\\"}"} ,12345678901234567890]',
  )
})

test('one member is written anew, wherever its name occurs deeper', () => {
  const text = '{"x":{"content":1}, "cont\\u0065nt" : [1.50], "y":"content"}'
  assert.equal(
    rewriteMember(text, 'content', (value) => value.replace('1.50', '2')),
    '{"x":{"content":1}, "cont\\u0065nt" : [2], "y":"content"}',
  )
})

test('empty lists stay empty', () => {
  assert.equal(
    rewriteElements('[ ]', () => 'x'),
    '[]',
  )
})

test('any JSON that is rewritten to itself means the same', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 0, max: 4 }), (values, indent) => {
      const text = JSON.stringify(values, undefined, indent)
      assert.deepEqual(JSON.parse(rewriteElements(text, (element) => element)), JSON.parse(text))
      const object = JSON.stringify({ content: values, after: 1 }, undefined, indent)
      assert.deepEqual(JSON.parse(rewriteMember(object, 'content', (value) => value)), JSON.parse(object))
    }),
  )
})
