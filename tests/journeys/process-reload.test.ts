/** A changed configuration while running: applied whole, or refused whole while the old one goes on. */
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'

/** Nobody is shed, also on a busy machine. */
const plain =
  'simulation: {first_token_ms: 0, tokens_per_second: 100000}\nload: {shedding: {enabled: false}}\n'
const withAlias = (name: string) => `${plain}routing: {aliases: {${name}: claude-sonnet-5}}\n`

interface Answer {
  readonly model?: string
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly mend: string
    readonly facts?: Readonly<Record<string, unknown>>
  }
}

async function ask(
  address: string,
  model: string,
  more: object = {},
): Promise<Answer & { readonly status: number }> {
  const response = await postJson(`${address}/v1/generate`, { prompt: 'x', model, max_tokens: 5, ...more })
  return { status: response.status, ...((await response.json()) as Answer) }
}

describe('a running Signalbox', { concurrency: 2 }, () => {
  it('takes a changed file over, refuses a faulty one whole, and takes the next good one', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(plain)
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    const address = await service.address()
    assert.equal((await ask(address, 'mine')).error?.code, 'model_not_found')

    place.writeSettings(withAlias('mine'))
    await eventually(async () => assert.equal((await ask(address, 'mine')).model, 'claude-sonnet-5'))
    await eventually(() => assert.match(service.stdout(), /the changed configuration holds now/))

    // One good change and one fault: neither may hold.
    place.writeSettings(`${withAlias('yours')}budget: {limits: [{scope: user, limit: much}]}\n`)
    await eventually(() =>
      assert.match(service.stdout(), /the changed configuration was refused: .*budget\.limits/s),
    )
    assert.equal((await ask(address, 'yours')).error?.code, 'model_not_found')
    assert.equal((await ask(address, 'mine')).model, 'claude-sonnet-5')

    // A fault that only routing can see.
    place.writeSettings(`${plain}routing: {aliases: {yours: no-such-model}}\n`)
    await eventually(() => assert.match(service.stdout(), /was refused: .*no-such-model/s))
    assert.equal((await ask(address, 'mine')).model, 'claude-sonnet-5')

    // As editors do it: a new file in the old one's place.
    const draft = join(place.folder, 'settings.yaml.new')
    writeFileSync(draft, `${withAlias('yours')}budget: {limits: [{scope: user, limit: 0}]}\n`)
    renameSync(draft, place.settingsFile)
    await eventually(async () => assert.equal((await ask(address, 'yours')).error?.code, 'budget_exceeded'))
    assert.equal((await ask(address, 'mine')).error?.code, 'model_not_found')
  })

  it('reads again when told to by SIGHUP', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(plain)
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    const address = await service.address()
    place.writeSettings(withAlias('mine'))
    service.kill('SIGHUP')
    await eventually(async () => assert.equal((await ask(address, 'mine')).model, 'claude-sonnet-5'))
  })

  it('says which changes wait for a restart, and goes on as it was', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(plain)
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    const address = await service.address()
    place.writeSettings(`${plain}server: {body_bytes_max: 2000}\n`)
    await eventually(() => assert.match(service.stdout(), /"waitingForRestart":\["server\.body_bytes_max"\]/))
    assert.equal((await ask(address, 'claude-sonnet-5', { prompt: 'x'.repeat(4_000) })).status, 200)
  })

  it('opens no door to strangers by a change', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings('mode: production\n')
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile, HOST: '0.0.0.0' } })
    const address = await service.address()
    place.writeSettings('mode: development\naccess: {require_key: false}\n')
    await eventually(() => assert.match(service.stdout(), /was refused: /))
    assert.equal((await ask(address, 'claude-sonnet-5')).status, 401)
  })

  it('without the key that a provider is configured with says what to set, and goes live once it is there', async (test) => {
    const place = openWorkplace(test)
    const secrets = join(place.folder, 'secrets.yaml')
    writeFileSync(secrets, 'something-else: x\n', { mode: 0o600 })
    place.writeSettings(
      `key_vault: {provider: file, file: ${secrets}, refresh_ms: 1000}\nproviders: {openai: {key_vault_key: team-openai-key, base_url: "http://127.0.0.1:9"}}\nsimulation: {enabled: false}\nresilience: {attempts_per_target: 1}\n`,
    )
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    const address = await service.address()
    const refused = await ask(address, 'openai/gpt-5.4')
    assert.equal(refused.status, 503)
    assert.ok(['provider_not_configured', 'secret_missing'].includes(refused.error?.code ?? ''))
    assert.match(`${refused.error?.message} ${refused.error?.mend}`, /team-openai-key/)
    assert.equal((await fetch(`${address}/readyz`)).status, 503)

    writeFileSync(secrets, 'team-openai-key: sk-now-it-is-here\n')
    await eventually(async () => {
      assert.equal((await ask(address, 'openai/gpt-5.4')).error?.code, 'provider_unreachable')
    })
    assert.equal((await fetch(`${address}/readyz`)).status, 200)
    assert.doesNotMatch(service.stdout() + service.stderr(), /sk-now-it-is-here/)
  })

  it('whose file of secrets everybody may read says in its log how to mend that', async (test) => {
    const place = openWorkplace(test)
    const secrets = join(place.folder, 'secrets.yaml')
    writeFileSync(secrets, 'OPENAI_API_KEY: sk-lying-open\n', { mode: 0o644 })
    place.writeSettings(`key_vault: {provider: file, file: ${secrets}}\n`)
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    await service.address()
    await eventually(() => assert.match(service.stdout(), /"mend":"Run: chmod 600 [^"]*secrets\.yaml"/))
    assert.doesNotMatch(service.stdout(), /sk-lying-open/)
  })
})
