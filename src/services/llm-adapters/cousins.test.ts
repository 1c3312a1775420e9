/** Facts about the table of providers. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { builtInProviders, customProvider, withOverrides } from '#services/llm-adapters/cousins.ts'
import { createAdapters } from '#services/llm-adapters/registry.ts'

const rowOf = (name: string) => {
  const row = builtInProviders.find((candidate) => candidate.name === name)
  assert.ok(row, `${name} is built in`)
  return row
}

test('every provider has its own name, an adapter, and an address without a slash at the end', () => {
  const names = builtInProviders.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  const adapters = createAdapters()
  for (const { name, dialect, baseUrl } of builtInProviders) {
    assert.equal(adapters.for(dialect).dialect, dialect)
    // Azure has an address for each customer.
    if (name !== 'azure-openai') assert.match(baseUrl, /^https?:\/\/.*[^/]$/)
  }
})

test('keys travel as each provider wants them, and only over an encrypted line', () => {
  assert.deepEqual(rowOf('openai').auth, { header: 'authorization', prefix: 'Bearer ' })
  assert.deepEqual(rowOf('anthropic').auth, { header: 'x-api-key', prefix: '' })
  assert.deepEqual(rowOf('google').auth, { header: 'x-goog-api-key', prefix: '' })
  assert.deepEqual(rowOf('azure-openai').auth, { header: 'api-key', prefix: '' })
  for (const { auth, baseUrl, keyNames, name } of builtInProviders) {
    if (auth === 'none') assert.deepEqual(keyNames, [])
    else if (name !== 'azure-openai') assert.ok(baseUrl.startsWith('https://'), name)
  }
})

test('an operator may change address, key name, headers and version; the rest of the row stays', () => {
  const openai = rowOf('openai')
  const changed = withOverrides(openai, {
    baseUrl: 'https://proxy.example/v1/',
    keyVaultKey: 'openai-api-key',
    headers: { 'x-team': 'a' },
  })
  assert.equal(changed.baseUrl, 'https://proxy.example/v1')
  assert.equal(changed.vaultKeyName, 'openai-api-key')
  assert.deepEqual(changed.headers, { 'x-team': 'a' })
  assert.deepEqual([changed.dialect, changed.quirks], [openai.dialect, openai.quirks])
  assert.equal(withOverrides(openai, {}).baseUrl, openai.baseUrl)
})

test('Azure has deployment addresses with a version, but not under its newer address', () => {
  const azure = rowOf('azure-openai')
  const classic = withOverrides(azure, { baseUrl: 'https://me.openai.azure.com', apiVersion: '2025-01-01' })
  assert.deepEqual(classic.addressForm, { kind: 'azure-deployment', apiVersion: '2025-01-01' })
  assert.equal(
    withOverrides(azure, { baseUrl: 'https://me.openai.azure.com/openai/v1' }).addressForm,
    undefined,
  )
})

test("a provider of the operator's own is taken for the plainest cousin of its dialect", () => {
  const own = customProvider({
    name: 'mine',
    dialect: 'openai-chat',
    baseUrl: 'http://10.0.0.1/v1/',
    auth: 'none',
  })
  assert.deepEqual([own.name, own.baseUrl, own.auth], ['mine', 'http://10.0.0.1/v1', 'none'])
  assert.ok(own.quirks.has('max_tokens_word'))
  assert.equal(
    customProvider({ name: 'c', dialect: 'anthropic-messages', baseUrl: 'https://c.example' }).quirks.size,
    0,
  )
})
