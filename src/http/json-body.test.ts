/** The body reader: limits before parsing, spans that splice, duplicates found at any depth. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { JsonObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { Problem } from '#core/domain/problem.ts'
import { jsonBodyLimits, readJsonBody } from '#http/json-body.ts'
import { duplicateKeyIn, jsonFault } from '#http/json-fault.ts'

const read = (text: string) => readJsonBody(Buffer.from(text))
const codeOf = (text: string): string => {
  try {
    read(text)
    return 'accepted'
  } catch (thrown) {
    assert.ok(thrown instanceof Problem, String(thrown))
    return thrown.code
  }
}

const jsonObject = fc
  .dictionary(
    fc.string().filter((name) => name !== '__proto__'),
    fc.jsonValue(),
  )
  .filter((value) => !JSON.stringify(value).includes('__proto__'))

test('every top-level member is found where it stands, whatever the spacing', () => {
  fc.assert(
    fc.property(jsonObject, fc.constantFrom(undefined, 1, 4, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const body = read(text)
      assert.deepEqual(body.value, JSON.parse(text))
      assert.deepEqual([...body.members.keys()].sort(), Object.keys(body.value).sort())
      for (const [name, span] of body.members) {
        const part = body.text.slice(span.start, span.end)
        assert.deepEqual(JSON.parse(part), (body.value as Record<string, unknown>)[name])
        assert.equal(part, part.trim())
      }
    }),
    { numRuns: 500 },
  )
})

test('a spliced member changes that member and nothing else', () => {
  fc.assert(
    fc.property(jsonObject, fc.string(), fc.constantFrom(undefined, 2), (value, model, indent) => {
      const body = read(JSON.stringify({ ...value, stream: false }, null, indent))
      const native = { dialect: 'openai-chat' as const, body: body.value, ...body }
      const spliced = spliceMembers(native, { model, stream: true })
      assert.deepEqual(JSON.parse(spliced), { ...body.value, model, stream: true })
    }),
    { numRuns: 300 },
  )
})

test('the reader accepts exactly the objects that JSON.parse accepts, and names a position for the rest', () => {
  const mutated = fc
    .tuple(jsonObject, fc.nat(), fc.constantFrom(...Array.from('{}[]",:\\ue0\n')), fc.nat(2))
    .map(([value, at, character, cut]) => {
      const text = JSON.stringify(value)
      const position = at % (text.length + 1)
      return text.slice(0, position) + character + text.slice(position + cut)
    })
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string()), (text) => {
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      assert.equal(jsonFault(text) === undefined, isJson, text)
      const code = codeOf(text)
      if (!isJson) assert.notEqual(code, 'accepted')
    }),
    { numRuns: 2_000 },
  )
})

test('random bytes never hang or crash the reader', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        readJsonBody(Buffer.from(bytes))
      } catch (thrown) {
        assert.ok(thrown instanceof Problem)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('a fault is named with its line and column', () => {
  assert.deepEqual(jsonFault('{\n  "a": 1,\n  b: 2\n}'), {
    expected: 'a member name in double quotes was expected',
    position: 14,
    line: 3,
    column: 3,
  })
  assert.match(String(jsonFault('{"a": "x')?.expected), /closing quote/)
  assert.match(String(jsonFault('{"a": 1')?.expected), /unexpected end/)
})

test('a member written twice is refused at every depth and by every spelling', () => {
  assert.equal(codeOf('{"model":"a","model":"b"}'), 'duplicate_field')
  assert.equal(codeOf('{"model":"a","mod\\u0065l":"b"}'), 'duplicate_field')
  assert.equal(codeOf('{"messages":[{"role":"user","role":"system"}]}'), 'duplicate_field')
  assert.equal(codeOf('{"a":{"b":1},"c":{"b":1}}'), 'accepted')
  assert.equal(duplicateKeyIn('{"messages":[{"role":"user"},{"x":1,"x":2}]}'), 'messages[1].x')
})

test('a member named __proto__ is refused in every spelling, and a string that says it is not', () => {
  assert.equal(codeOf('{"__proto__":{"admin":true}}'), 'invalid_value')
  assert.equal(codeOf('{"a":{"\\u005f_proto__":1}}'), 'invalid_value')
  assert.equal(codeOf('{"a":"__proto__"}'), 'accepted')
  assert.equal(codeOf('{"constructor":{"prototype":1}}'), 'accepted')
})

test('depth, members and items are bounded before the text is parsed', () => {
  assert.equal(codeOf(`{"a":${'['.repeat(63)}${']'.repeat(63)}}`), 'accepted')
  assert.equal(codeOf(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`), 'body_too_deep')
  assert.equal(codeOf(`{"a":${'['.repeat(200_000)}`), 'body_too_deep')
  assert.equal(codeOf(`{"a":"${'['.repeat(200)}"}`), 'accepted')
  const keys = Array.from({ length: jsonBodyLimits.keysMax + 1 }, (_, n) => `"k${n}":1`)
  assert.equal(codeOf(`{${keys.join(',')}}`), 'invalid_value')
  assert.equal(codeOf(`{"a":[${'1,'.repeat(jsonBodyLimits.itemsMax + 1)}1]}`), 'invalid_value')
})

test('what is not one JSON object in UTF-8 is refused', () => {
  for (const text of ['', ' ', '[]', '"text"', '1', 'null', '{} {}', '\u{FEFF}{}']) {
    assert.equal(codeOf(text), 'invalid_json', text)
  }
  assert.throws(() => readJsonBody(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), /UTF-8/)
})

test('escaped quotes and backslashes do not end a string early', () => {
  const value: JsonObject = { a: '\\"', b: '\\\\', c: '"}{,:', d: '\\\\"', '"k\\': 1 }
  const body = read(JSON.stringify(value))
  assert.deepEqual(body.value, value)
  assert.deepEqual([...body.members.keys()], Object.keys(value))
})
