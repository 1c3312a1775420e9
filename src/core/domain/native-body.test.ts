import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NativeRequest, TextSpan } from '#core/domain/chat.ts'
import { spliceMembers } from '#core/domain/native-body.ts'

const native = (text: string, members: Record<string, string>): NativeRequest => ({
  dialect: 'openai-chat',
  body: {},
  text,
  members: new Map(
    Object.entries(members).map(([name, value]): [string, TextSpan] => {
      const start = text.indexOf(value)
      return [name, { start, end: start + value.length }]
    }),
  ),
})

test('only the members that must change are touched: spacing, order and number forms survive', () => {
  const request = native('{ "model" : "a",  "temperature":1.0, "new_field":{"big":12345678901234567890} }', {
    model: '"a"',
  })
  assert.equal(
    spliceMembers(request, { model: 'gpt-4o', max_tokens: 5, temperature: undefined }),
    '{ "model" : "gpt-4o",  "temperature":1.0, "new_field":{"big":12345678901234567890} ,"max_tokens":5}',
  )
})

test('several replacements stand where the old values stood', () => {
  const request = native('{"a":1,"b":[2],"c":"three"}', { c: '"three"', a: '1', b: '[2]' })
  assert.deepEqual(JSON.parse(spliceMembers(request, { c: 'x', a: null })), { a: null, b: [2], c: 'x' })
})

test('a member added to an empty object needs no comma', () => {
  assert.equal(spliceMembers(native('{}', {}), { model: 'm' }), '{"model":"m"}')
})
