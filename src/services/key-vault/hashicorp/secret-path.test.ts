import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf, urlPath } from '#services/key-vault/hashicorp/secret-path.ts'

const rules = { path: undefined, field: 'value', commonSecret: undefined }

test('a name is a path, and a field behind #', () => {
  const named = { isNamed: true }
  assert.deepEqual(placeOf('openai-api-key', rules), { path: 'openai-api-key', field: 'value', ...named })
  assert.deepEqual(placeOf('team/openai#key', rules), { path: 'team/openai', field: 'key', ...named })
  assert.deepEqual(placeOf('OPENAI_API_KEY#value', rules), {
    path: 'OPENAI_API_KEY',
    field: 'value',
    ...named,
  })
  assert.equal(placeOf('openai', { ...rules, path: 'team/llm' })?.path, 'team/llm/openai')
})

test('a usual name is a field of the common secret, and no business of the server without one', () => {
  assert.equal(placeOf('OPENAI_API_KEY', rules), undefined)
  assert.deepEqual(placeOf('OPENAI_API_KEY', { ...rules, path: 'team', commonSecret: 'keys' }), {
    path: 'team/keys',
    field: 'OPENAI_API_KEY',
    isNamed: false,
  })
})

test('a name that is no path is refused, and no path leads out of the mount', () => {
  for (const name of ['a//b', '/a', 'a/', '../sys/seal', 'a/./b', 'a#', '', 'a/\u0000', 'a\nb']) {
    assert.throws(() => placeOf(name, rules), { code: 'config_invalid' }, JSON.stringify(name))
  }
  assert.equal(urlPath('a b/?x=1/ü'), 'a%20b/%3Fx%3D1/%C3%BC')
})
