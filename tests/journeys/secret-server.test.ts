/** Provider keys from a real secret server that is rotated, sealed, frozen, killed and away, and what callers notice of it. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { asArray, asObject } from '#core/domain/json.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, soonWritten } from '#tests/journeys/records.ts'
import { startKeyCheckingProvider } from '#tests/support/key-checking-provider.ts'
import type { KeyCheckingProvider } from '#tests/support/key-checking-provider.ts'
import { makeRole, startVault, whyNoVault } from '#tests/support/real-vault.ts'
import type { RealVault } from '#tests/support/real-vault.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

/** Read again every second, and soon after it could not be. */
const impatient = 'refresh_ms: 1000, retry_ms: 200'

describe('provider keys from a secret server', { skip: whyNoVault() ?? false }, () => {
  let vault: RealVault
  let credentials: { readonly VAULT_ROLE_ID: string; readonly VAULT_SECRET_ID: string }
  let provider: KeyCheckingProvider
  let house: RunningHouse

  before(async () => {
    vault = await startVault()
    credentials = await makeRole(vault, { name: 'gateway', ttl: '1h', reads: ['team/*'] })
    provider = await startKeyCheckingProvider()
  })
  after(async () => {
    await provider.close()
    await vault.stop()
  })
  beforeEach(async () => {
    provider.startOver()
    await vault.write('team/openai', { value: 'sk-old' })
  })
  afterEach(async () => {
    try {
      await vault.unseal()
      await assertNothingHeld(house)
      await assertNothingTold()
    } finally {
      await house.close()
    }
  })

  const open = async (vaultSettings = impatient, serverSettings = '') => {
    house = await startHouse({
      yaml: `${soonWritten}cache: {enabled: false}
simulation: {enabled: false}
key_vault:
  {provider: hashicorp, vault_url: "${vault.address}", ${vaultSettings},
   hashicorp: {path: team, login: {method: approle}${serverSettings}}}
resilience: {retry_base_ms: 1}
providers: {openai: {base_url: "${provider.baseUrl}", key_vault_key: openai}}
catalog: {file: ${catalogueFile}}
`,
      environment: credentials,
    })
  }
  const ask = async (): Promise<number> => {
    const question = { prompt: 'Go on.', model: 'talking-gpt', max_tokens: 500 }
    const response = await house.post('/v1/generate', question)
    await response.text()
    return response.status
  }
  const keyVault = async () => {
    const details = (await (await house.get('/health/detailed')).json()) as { readonly key_vault: object }
    return asObject(details.key_vault) ?? {}
  }
  const untilUnread = () =>
    eventually(async () => {
      const [first] = asArray((await keyVault())['unread'])
      assert.equal(asObject(first)?.['name'], 'openai')
    })
  const untilAskedWith = (key: string) =>
    eventually(async () => {
      assert.equal(await ask(), 200)
      assert.equal(provider.asked.at(-1), key)
    })
  const told = (text: string) => house.logLines.filter((line) => line.includes(text)).length

  /** Neither keys nor what opens the server stands in anything that is shown or written. */
  const assertNothingTold = async () => {
    const shown = [
      ...house.logLines,
      JSON.stringify(house.house.status()),
      await (await house.get('/health/detailed')).text(),
      await (await house.get('/metrics')).text(),
    ].join('\n')
    const secrets = [vault.rootToken, credentials.VAULT_SECRET_ID, 'sk-old', 'sk-new', 'client_token']
    for (const secret of secrets) assert.ok(!shown.includes(secret), secret)
  }

  it('a key that was replaced there is read again when it is refused, and the caller is answered with the new one', async () => {
    await open('refresh_ms: 3600000', ', timeout_ms: 30000')
    assert.equal(await ask(), 200)
    await vault.write('team/openai', { value: 'sk-new' })
    provider.refused.add('sk-old')
    assert.equal(await ask(), 200)
    assert.deepEqual(provider.asked, ['sk-old', 'sk-old', 'sk-new'])
    assert.equal(told('"kind":"rotated","name":"openai","source":"hashicorp"'), 1)
  })

  it('a key that was replaced there is used without a restart once it is due', async () => {
    await open()
    await untilAskedWith('sk-old')
    await vault.write('team/openai', { value: 'sk-new' })
    await untilAskedWith('sk-new')
    assert.match(house.house.status().keys, /^http:\/\/127.*\(mount secret\), then environment variables$/)
  })

  it('while it is sealed requests go on with the last good key, and afterwards with the newest', async () => {
    await open()
    await untilAskedWith('sk-old')
    await vault.seal()
    await untilUnread()
    assert.equal(await ask(), 200)
    assert.equal(provider.asked.at(-1), 'sk-old')
    assert.match(await (await house.get('/metrics')).text(), /^signalbox_secrets_unread 1$/m)
    assert.ok(told('is sealed') > 0)
    await vault.unseal()
    await vault.write('team/openai', { value: 'sk-new' })
    await untilAskedWith('sk-new')
    await eventually(async () => assert.deepEqual((await keyVault())['unread'], []))
    assert.ok(told('"kind":"readable"') > 0)
  })

  it('sealed for longer than key_vault.stale_ms, the key is no longer used, and live again once unsealed', async () => {
    await open(`${impatient}, stale_ms: 1000`)
    await untilAskedWith('sk-old')
    await vault.seal()
    await eventually(async () => assert.equal(await ask(), 503))
    await eventually(() => assert.equal(told('"kind":"given_up"'), 1))
    assert.equal((await house.get('/readyz')).status, 503)
    await vault.unseal()
    await untilAskedWith('sk-old')
  })

  it('a server that hangs holds up no request, not even one whose key was refused', async () => {
    await open(impatient, ', timeout_ms: 1000')
    await untilAskedWith('sk-old')
    vault.freeze()
    try {
      await untilUnread()
      assert.equal(await ask(), 200)
      provider.refused.add('sk-old')
      assert.equal(await ask(), 502)
    } finally {
      vault.thaw()
    }
    provider.refused.clear()
    await vault.write('team/openai', { value: 'sk-new' })
    await untilAskedWith('sk-new')
  })

  it('a server that was killed is asked again by itself when it is back', async () => {
    await open()
    await untilAskedWith('sk-old')
    await vault.kill()
    try {
      await untilUnread()
      assert.equal(await ask(), 200)
    } finally {
      await vault.revive()
    }
    await vault.write('team/openai', { value: 'sk-new' })
    await untilAskedWith('sk-new')
  })

  it('a start without the server is a start without its providers, which become live when it comes', async () => {
    await vault.kill()
    try {
      await open()
      assert.match(house.house.status().keys, /1 could not be read, see the log/)
      assert.deepEqual(house.house.status().liveProviders, [])
      assert.equal(await ask(), 503)
      assert.ok(told('cannot be reached: ECONNREFUSED') > 0)
    } finally {
      await vault.revive()
    }
    await eventually(async () => assert.equal(await ask(), 200))
    assert.deepEqual(house.house.status().liveProviders, ['openai'])
  })
})
