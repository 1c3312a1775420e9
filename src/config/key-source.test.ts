import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadGiven as load, refusalOf as refusal } from '#tests/support/given-config.ts'

const yaml = 'key_vault: {provider: hashicorp}'

describe('a secret server', () => {
  it('is found by KEY_VAULT_URL, else by the setting, else by VAULT_ADDR', () => {
    const stated = 'key_vault: {provider: hashicorp, vault_url: "https://stated.example.com:8200/"}'
    const environment = { VAULT_ADDR: 'https://usual.example.com' }
    const address = (given: Parameters<typeof load>[0]) => load(given).keyVault.server?.address
    assert.equal(address({ yaml, environment }), 'https://usual.example.com')
    assert.equal(address({ yaml: stated, environment }), 'https://stated.example.com:8200')
    const own = { ...environment, KEY_VAULT_URL: 'https://own.example.com/behind/a/path/' }
    assert.equal(address({ yaml: stated, environment: own }), 'https://own.example.com/behind/a/path')
  })
  it('is not asked because VAULT_ADDR happens to be set', () => {
    const { keyVault, warnings } = load({ environment: { VAULT_ADDR: 'https://vault.example.com' } })
    assert.deepEqual([keyVault.provider, keyVault.server, warnings], ['env', undefined, []])
  })
  it('has the usual settings, and variables replace namespace and certificates', () => {
    const environment = {
      VAULT_ADDR: 'http://127.0.0.1:8200',
      VAULT_NAMESPACE: 'team1',
      VAULT_CACERT: '/ca.pem',
    }
    const { provider, server, refreshMs, retryMs, staleMs } = load({ yaml, environment }).keyVault
    assert.equal(provider, 'hashicorp')
    assert.deepEqual([refreshMs, retryMs, staleMs], [300_000, 10_000, 3_600_000])
    assert.deepEqual(server, {
      address: 'http://127.0.0.1:8200',
      namespace: 'team1',
      mount: 'secret',
      kvVersion: 2,
      path: undefined,
      field: 'value',
      commonSecret: undefined,
      login: {
        method: 'token',
        mount: 'token',
        role: undefined,
        serviceAccountFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
      },
      caFile: '/ca.pem',
      timeoutMs: 2_000,
    })
  })
  it('beyond this machine is reached by TLS, unless the operator says otherwise', () => {
    const environment = { VAULT_ADDR: 'http://vault.example.com:8200' }
    assert.match(refusal({ yaml, environment }).message, /environment: VAULT_ADDR must begin with https:/)
    const allowed = 'key_vault: {provider: hashicorp, hashicorp: {allow_unencrypted: true}}'
    assert.equal(load({ yaml: allowed, environment }).keyVault.server?.address, environment.VAULT_ADDR)
  })
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['no address', '', /key_vault.vault_url is missing/],
    ['another scheme', 'vault_url: "ftp://vault"', /must be the address of the secret server/],
    ['a folder', 'vault_url: "file:///run/secrets"', /must be the address of the secret server/],
    ['a password', 'vault_url: "https://a:b@vault"', /must have no user, password/],
    ['no role', 'vault_url: "https://v", hashicorp: {login: {method: kubernetes}}', /login.role is missing/],
    ['a way out of the mount', 'vault_url: "https://v", hashicorp: {path: "../sys"}', /must be a path/],
    ['another version', 'vault_url: "https://v", hashicorp: {kv_version: 3}', /kv_version/],
    ['a token in the file', 'vault_url: "https://v", hashicorp: {token: abc}', /token/],
  ]
  for (const [title, settings, sentence] of wrong) {
    it(`with ${title} is refused`, () => {
      assert.match(refusal({ yaml: `key_vault: {provider: hashicorp, ${settings}}` }).message, sentence)
    })
  }
  it('of Azure or AWS is announced as not live', () => {
    for (const kind of ['azure', 'aws']) {
      const { warnings, keyVault } = load({ yaml: `key_vault: {provider: ${kind}, vault_url: "https://v"}` })
      assert.equal(keyVault.provider, 'env')
      assert.deepEqual(warnings, [
        `key_vault.provider ${kind} is not live in this version: provider keys are read from the environment.`,
      ])
    }
  })
  it('has keys named by path and field, also several for one provider', () => {
    const keys = 'providers: {openai: {keys: [team/openai#one, {key: "team/openai#two", weight: 2}]}}'
    assert.deepEqual(load({ yaml: keys }).providers.get('openai')?.keys, [
      { name: 'team/openai#one', weight: 1 },
      { name: 'team/openai#two', weight: 2 },
    ])
    assert.match(refusal({ yaml: 'providers: {openai: {keys: ["a#b#c"]}}' }).message, /name of a secret/)
  })
})
