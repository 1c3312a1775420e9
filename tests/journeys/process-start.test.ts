/** Starting Signalbox: what a person sees when it works, and what is wrong and how to mend it when it does not. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import type { Workplace } from '#tests/journeys/child-service.ts'

describe('a start', { concurrency: 2 }, () => {
  it('without anything says where it is, how open it is, what is live and what to try next', async (test) => {
    const service = openWorkplace(test).start()
    const address = await service.address()
    const welcome = service.stdout()
    assert.match(welcome, /mode +development: requests without a key act as the tenant "default"/)
    assert.match(
      welcome,
      /providers +simulated: no provider has a key \(set a key to go live.*OPENAI_API_KEY/,
    )
    assert.match(welcome, /keys +from environment variables\n/)
    assert.match(welcome, /models +\d+, listed at http/)
    assert.match(welcome, /stores +.*signalbox\.db/)
    assert.ok(welcome.includes(`${address}/docs`))
    const command = /curl (\S+) -H 'content-type: application\/json' \\\n +-d '(.*)'/.exec(welcome)
    assert.ok(command, welcome)
    const response = await postJson(String(command[1]), JSON.parse(String(command[2])) as object)
    assert.equal(response.status, 200, await response.text())
  })

  it('with provider keys names the providers that are live', async (test) => {
    const service = openWorkplace(test).start({
      environment: {
        ANTHROPIC_API_KEY: 'sk-ant-secret-of-this-test',
        COHERE_API_KEY: 'co-secret-of-this-test',
      },
    })
    await service.address()
    assert.match(service.stdout(), /providers +anthropic, cohere\n/)
    assert.doesNotMatch(service.stdout() + service.stderr(), /secret-of-this-test/)
  })

  it('on every address demands keys, and says that nobody can make one', async (test) => {
    const service = openWorkplace(test).start({ environment: { HOST: '0.0.0.0' } })
    const address = await service.address()
    assert.match(service.stdout(), /mode +production: every request needs a key/)
    assert.match(service.stdout(), /ADMIN_API_KEY is not set/)
    for (const path of ['/v1/models', '/admin/v1/keys', '/metrics', '/health/detailed']) {
      assert.equal((await fetch(address + path)).status, 401, path)
    }
    assert.equal((await postJson(`${address}/v1/generate`, { prompt: 'x' })).status, 401)
    assert.equal((await fetch(`${address}/livez`)).status, 200)
  })
})

/** Starts where it cannot, and gives what it says then. */
async function refusal(
  test: TestContext,
  wish: {
    readonly settings?: string
    readonly environment?: Readonly<Record<string, string>>
    readonly prepare?: (place: Workplace) => void
  },
): Promise<string> {
  const place = openWorkplace(test)
  if (wish.settings !== undefined) place.writeSettings(wish.settings)
  wish.prepare?.(place)
  const service = place.start({
    environment: {
      ...(wish.settings === undefined ? {} : { CONFIG_FILE: place.settingsFile }),
      ...wish.environment,
    },
  })
  const { code, signal } = await service.ending
  assert.equal(signal, null)
  assert.equal(code, 1, service.stdout() + service.stderr())
  assert.doesNotMatch(service.stdout(), /listens on/)
  const text = service.stderr()
  assert.match(text, /^Signalbox cannot start: /)
  assert.doesNotMatch(text, /\n +at /, 'no stack of ours')
  return text
}

describe('a start is refused', { concurrency: 2 }, () => {
  it('when the port is taken, naming the next one', async (test) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const text = await refusal(test, { environment: { PORT: String(port) } })
    assert.match(text, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is taken`))
    assert.match(text, new RegExp(`PORT=${port + 1}`))
    server.close()
    await once(server, 'close')
  })

  it('when a setting is misspelt, with place, reason and nearest name', async (test) => {
    const text = await refusal(test, { settings: 'server:\n  prot: 9000\n' })
    assert.match(text, /settings\.yaml:2:3: server\.prot .*did you mean .*port/)
  })

  it('when values are wrong, with all of them at once', async (test) => {
    const text = await refusal(test, {
      settings: 'mode: prodution\nbudget:\n  limits:\n    - {scope: user, limit: -5}\n',
    })
    assert.match(text, /settings\.yaml:1:\d+: mode /)
    assert.match(text, /production/)
    assert.match(text, /settings\.yaml:4:\d+: budget\.limits\[0\]\.limit must be an amount/)
  })

  it('when the file is no YAML', async (test) => {
    assert.match(await refusal(test, { settings: 'server: [1, 2\nmode: x' }), /settings\.yaml:\d+:\d+: /)
  })

  it('when the file named does not exist', async (test) => {
    const text = await refusal(test, { environment: { CONFIG_FILE: '/nowhere/at-all.yaml' } })
    assert.match(text, /\/nowhere\/at-all\.yaml.*does not exist/)
  })

  it('when the file cannot be read', async (test) => {
    const isRoot = process.getuid?.() === 0
    const text = await refusal(test, {
      settings: 'mode: auto',
      prepare: ({ settingsFile, folder }) => {
        // Root may read every file, so that a folder has to do.
        if (isRoot) mkdirSync(`${folder}/a-folder`)
        else chmodSync(settingsFile, 0o000)
      },
      ...(isRoot ? { environment: { CONFIG_FILE: 'a-folder' } } : {}),
    })
    assert.match(text, /cannot be read/)
  })

  it('when a route leads nowhere, with the nearest name', async (test) => {
    const text = await refusal(test, { settings: 'routing: {aliases: {mine: claude-sonet-5}}' })
    assert.match(text, /claude-sonet-5/)
    assert.match(text, /routing\.aliases\.mine/)
  })

  it('when it would be open to everybody', async (test) => {
    const open = await refusal(test, { settings: 'mode: development', environment: { HOST: '0.0.0.0' } })
    assert.match(open, /mode cannot be development while server\.host is 0\.0\.0\.0/)
    const keyless = await refusal(test, {
      settings: 'access: {require_key: false}',
      environment: { HOST: '::' },
    })
    assert.match(keyless, /access\.require_key cannot be false/)
    const weak = await refusal(test, { environment: { HOST: '0.0.0.0', ADMIN_API_KEY: 'changeme' } })
    assert.match(weak, /ADMIN_API_KEY .*openssl rand/)
    assert.doesNotMatch(weak, /changeme/)
  })

  it('when another process holds the data directory', async (test) => {
    const place = openWorkplace(test)
    await place.start().address()
    const second = place.start()
    assert.equal((await second.ending).code, 1)
    assert.match(second.stderr(), /in use by another process/)
    assert.match(second.stderr(), /DATA_DIR/)
  })

  it('when shared stores are asked for that nobody answers at, or that cannot be', async (test) => {
    for (const [environment, says] of [
      [{ REDIS_URL: 'redis://:hidden@127.0.0.1:9' }, /Redis did not answer[\s\S]*REDIS_URL/],
      [{ REDIS_URL: 'http://:hidden@127.0.0.1' }, /must begin with redis:\/\//],
      [{ DATABASE_URL: 'postgres://x:hidden@127.0.0.1:9/x' }, /KEY_PEPPER/],
      [
        {
          DATABASE_URL: 'postgres://x:hidden@127.0.0.1:9/x',
          KEY_PEPPER: Buffer.alloc(32).toString('base64'),
        },
        /PostgreSQL did not answer[\s\S]*DATABASE_URL/,
      ],
    ] as const) {
      const text = await refusal(test, { environment })
      assert.match(text, says)
      assert.doesNotMatch(text, /hidden/)
    }
  })
})
