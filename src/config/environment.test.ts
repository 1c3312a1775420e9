/** What the environment says, who can reach the gateway, and what a running one keeps. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadGiven as load, refusalOf as refusal } from '#tests/support/given-config.ts'

describe('environment', () => {
  it('wins over the file', () => {
    const config = load({
      yaml: 'server: {port: 1, host: localhost}\nlog: {level: error}\nstorage: {data_dir: here}',
      environment: { PORT: '9000', HOST: '::1', LOG_LEVEL: 'WARNING', DATA_DIR: '/srv/data' },
    })
    assert.deepEqual([config.server.port, config.server.host], [9000, '::1'])
    assert.deepEqual([config.log.level, config.storage.dataDir], ['warn', '/srv/data'])
  })
  it('empty variables count as not set', () => {
    assert.equal(load({ environment: { PORT: '', ADMIN_API_KEY: ' ', REDIS_URL: '' } }).server.port, 8000)
  })
  for (const port of ['abc', '99999', '-1', '80.5', '0x50', '1e3']) {
    it(`PORT=${port} is refused`, () => {
      assert.match(
        refusal({ environment: { PORT: port } }).message,
        /environment: PORT must be a whole number from 0 to 65535/,
      )
    })
  }
  it('an unknown log level is refused with the nearest one', () => {
    assert.match(refusal({ environment: { LOG_LEVEL: 'inof' } }).message, /did you mean info\?/)
  })
  it('the addresses of shared stores win over the file, and what stays unshared is said', () => {
    const yaml = 'storage: {redis: {url: redis://file}, postgres: {url: postgres://file/x}}'
    const environment = { REDIS_URL: 'redis://own', DATABASE_READ_URL: 'postgres://replica/x' }
    const { storage, warnings } = load({ yaml, environment })
    assert.equal(storage.redis?.url, 'redis://own')
    assert.deepEqual(
      [storage.postgres?.url, storage.postgres?.readUrl],
      ['postgres://file/x', 'postgres://replica/x'],
    )
    assert.deepEqual(warnings, load({}).warnings)
    assert.match(
      load({ environment: { REDIS_URL: 'redis://own' } }).warnings.join(),
      /set DATABASE_URL to share/,
    )
    assert.match(load({ environment: { DATABASE_URL: 'x' } }).warnings.join(), /set REDIS_URL to share/)
  })
  it('a pepper that is not 32 bytes is refused', () => {
    assert.match(refusal({ environment: { KEY_PEPPER: 'c2hvcnQ=' } }).message, /32 random bytes in base64/)
    const pepper = Buffer.alloc(32, 7).toString('base64')
    assert.equal(load({ environment: { KEY_PEPPER: pepper } }).access.keyPepper, pepper)
  })

  it('responses are kept with a key alone; keys are told apart by commas, the newest first', () => {
    const yaml = 'responses: {store: on}'
    assert.match(refusal({ yaml }).message, /responses\.store needs RESPONSE_STORE_KEYS/)
    const [newest, older] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'))
    const withKeys = (keys: string) => ({ yaml, environment: { RESPONSE_STORE_KEYS: keys } })
    const { responses } = load(withKeys(`${newest}, ${older}\n`))
    assert.deepEqual(responses.keys, [newest, older])
    assert.equal(responses.isOn, true)
    assert.equal(responses.keepMs, 720 * 3_600_000)
    assert.match(
      refusal(withKeys(`${newest},short`)).message,
      /RESPONSE_STORE_KEYS must be keys of 32 random/,
    )
    assert.equal(load({}).responses.isOn, false)
  })
  it('secrets come from variables or from the files that they name', () => {
    const files = {
      '/run/secrets/admin': 'a-long-enough-admin-key\n',
      '/run/secrets/openai': ' sk-1 \n',
      '/empty': '\n',
    }
    const { access, keyVault } = load({
      files,
      environment: {
        ADMIN_API_KEY_FILE: '/run/secrets/admin',
        OPENAI_API_KEY_FILE: '/run/secrets/openai',
        ANTHROPIC_API_KEY: 'sk-2',
        GROQ_API_KEY_FILE: '/gone',
        COHERE_API_KEY_FILE: '/empty',
      },
    })
    assert.equal(access.adminKey, 'a-long-enough-admin-key')
    assert.equal(keyVault.environmentSecret('OPENAI_API_KEY'), 'sk-1')
    assert.equal(keyVault.environmentSecret('ANTHROPIC_API_KEY'), 'sk-2')
    assert.equal(keyVault.environmentSecret('GOOGLE_API_KEY'), undefined)
    assert.throws(() => keyVault.environmentSecret('GROQ_API_KEY'), { code: 'secret_missing' })
    assert.throws(() => keyVault.environmentSecret('COHERE_API_KEY'), { code: 'secret_missing' })
  })
  it('an operator key whose file is missing stops the start', () => {
    assert.match(
      refusal({ environment: { ADMIN_API_KEY_FILE: '/gone' } }).message,
      /ADMIN_API_KEY_FILE names \/gone, which does not exist/,
    )
  })
  it('servers at home are found by their usual variables', () => {
    const address = (environment: Record<string, string>, name: string) =>
      load({ environment }).providers.get(name)?.baseUrl
    assert.equal(address({ OLLAMA_HOST: '0.0.0.0' }, 'ollama'), 'http://127.0.0.1:11434/v1')
    assert.equal(address({ OLLAMA_BASE_URL: 'http://box:11434' }, 'ollama'), 'http://box:11434/v1')
    assert.equal(address({ VLLM_BASE_URL: 'http://box:8001/v1/' }, 'vllm'), 'http://box:8001/v1')
    assert.match(
      refusal({ environment: { VLLM_BASE_URL: 'box' } }).message,
      /VLLM_BASE_URL must be an http or https address/,
    )
  })
  it('a vault address of a folder is read, that of a server only by a provider that asks one', () => {
    const folder = load({ environment: { KEY_VAULT_URL: 'file:///run/secrets' } })
    assert.deepEqual(
      [folder.keyVault.provider, folder.keyVault.file, folder.warnings],
      ['file', '/run/secrets', []],
    )
    const remote = load({ environment: { KEY_VAULT_URL: 'https://vault.example.com' } })
    assert.equal(remote.keyVault.provider, 'env')
    assert.match(
      remote.warnings[0] ?? '',
      /KEY_VAULT_URL names a server, and key_vault.provider env asks none: .* from the environment/,
    )
  })
})

describe('exposure', () => {
  const longKey = '0123456789abcdef0123456789abcdef'
  it('an address that others can reach is production and wants keys', () => {
    const config = load({ environment: { HOST: '0.0.0.0', ADMIN_API_KEY: longKey } })
    assert.deepEqual(
      [config.mode, config.access.requireKey, config.simulation.enabled],
      ['production', true, false],
    )
    assert.deepEqual(config.warnings, [])
  })
  it('it cannot be opened by a setting', () => {
    const environment = { HOST: '::', ADMIN_API_KEY: longKey }
    assert.match(
      refusal({ environment, yaml: 'mode: development' }).message,
      /:1:7: mode cannot be development/,
    )
    assert.match(
      refusal({ environment, yaml: 'access: {require_key: false}' }).message,
      /require_key cannot be false/,
    )
  })
  for (const key of ['admin', 'changeme', 'your-admin-api-key', 'my-super-secret-admin-key', 'short-key']) {
    it(`the operator key "${key}" is refused where others can reach it and allowed at home`, () => {
      const problem = refusal({ environment: { HOST: '0.0.0.0', ADMIN_API_KEY: key } })
      assert.match(problem.message, /ADMIN_API_KEY (has fewer|is a key from an example)/)
      assert.equal(load({ environment: { ADMIN_API_KEY: key } }).warnings.length, 1)
    })
  }
  it('keys that are required while none can be made by API are announced', () => {
    const config = load({ yaml: 'access: {require_key: true}' })
    assert.equal(config.mode, 'production')
    assert.match(config.warnings[0] ?? '', /no key can be made by API, only by "signalbox keys create/)
  })
})

describe('a running gateway', () => {
  it('keeps what only a new start can change, and names it', () => {
    const running = load({ yaml: 'server: {port: 8000}' })
    const next = load({ yaml: 'server: {port: 9000, body_bytes_max: 2048}\nlog: {level: debug}' }, running)
    assert.equal(next.server.port, 8000)
    assert.equal(next.log.level, 'debug')
    assert.deepEqual(next.waitingForRestart, ['server.port', 'server.body_bytes_max'])
  })
  it('names every setting that is read once, and takes all others over', () => {
    const running = load({})
    const yaml = `
access: {require_key: true, failed_keys_per_minute: 5}
key_vault: {provider: file, file: keys, refresh_ms: 2000}
cache: {entries_max: 5, default_ttl: 7}
analytics: {keep_days: 3}`
    const next = load({ yaml }, running)
    assert.deepEqual(next.waitingForRestart, [
      'mode',
      'access.require_key',
      'access.failed_keys_per_minute',
      'key_vault.provider',
      'key_vault.file',
      'cache.entries_max',
      'analytics.keep_days',
    ])
    assert.deepEqual(
      [next.mode, next.access, next.analytics],
      ['development', running.access, running.analytics],
    )
    assert.deepEqual([next.keyVault.file, next.keyVault.refreshMs], [undefined, 2_000])
    assert.deepEqual([next.cache.entriesMax, next.cache.defaultTtlMs], [running.cache.entriesMax, 7_000])
  })
  it('does not open the door because the file now names a loopback address', () => {
    const environment = { ADMIN_API_KEY: '0123456789abcdef0123456789abcdef' }
    const running = load({ environment, yaml: 'server: {host: 0.0.0.0}' })
    const next = load({ environment, yaml: 'server: {host: 127.0.0.1}' }, running)
    assert.deepEqual([next.mode, next.access.requireKey, next.server.host], ['production', true, '0.0.0.0'])
  })
})
