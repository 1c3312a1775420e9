/** The commands that end by themselves: keys, the check of the configuration, help and version. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'

/** The content of every file below a folder, byte for byte. */
function bytesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

describe('signalbox budgets', () => {
  it('sets a budget that refuses after a start, replaces it, lists it and takes it back', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings('simulation: {enabled: true, first_token_ms: 0}\ncache: {enabled: false}\n')
    const environment = { CONFIG_FILE: place.settingsFile }
    const run = async (...words: readonly string[]) => {
      const command = place.start({ words, environment })
      assert.equal((await command.ending).code, 0, command.stderr())
      return command.stdout()
    }
    assert.match(await run('budgets', 'list'), /No budgets are set/)
    const budget = ['budgets', 'set', '--scope', 'tenant', '--subject', 'default', '--window', 'day']
    const [, id = ''] =
      /^Set: (\S+)  tenant default  \$5 each day/.exec(await run(...budget, '--limit', '5')) ?? []
    assert.notEqual(id, '')
    assert.match(
      await run(...budget, '--limit', '0'),
      new RegExp(`^Set: ${id}  tenant default  \\$0 each day`),
    )
    assert.equal((await run('budgets', 'list')).trim().split('\n').length, 1)

    const service = place.start({ environment })
    const url = `${await service.address()}/v1/generate`
    assert.equal((await postJson(url, { prompt: 'x' })).status, 402)
    service.kill('SIGTERM')
    assert.equal((await service.ending).code, 0)
    assert.match(await run('budgets', 'remove', id), /is removed/)
    for (const [words, says] of [
      [['budgets', 'remove', id], /no budget/],
      [['budgets', 'set', '--scope', 'galaxy', '--limit', '1'], /--scope must be one of/],
      [['budgets', 'set', '--scope', 'tenant', '--limit', 'much'], /--limit must be an amount/],
      [['budgets', 'burn'], /budgets set --scope/],
    ] as const) {
      const command = place.start({ words, environment })
      assert.equal((await command.ending).code, 2)
      assert.match(command.stderr(), says)
    }
  })
})

describe('signalbox prices', () => {
  it('computes a period again with the prices of now, shows it, writes it once, and changes no charge', async (test) => {
    const place = openWorkplace(test)
    const settings = 'simulation: {enabled: true, first_token_ms: 0}\ncache: {enabled: false}\n'
    place.writeSettings(settings)
    const environment = { CONFIG_FILE: place.settingsFile }
    const run = async (...words: readonly string[]) => {
      const command = place.start({ words, environment })
      assert.equal((await command.ending).code, 0, command.stderr())
      return command.stdout()
    }
    const service = place.start({ environment })
    const url = `${await service.address()}/v1/generate`
    assert.equal((await postJson(url, { prompt: 'x', model: 'gpt-5.4' })).status, 200)
    service.kill('SIGTERM')
    assert.equal((await service.ending).code, 0)

    const period = ['--from', '2020-01-01', '--to', '2100-01-01']
    place.writeSettings(
      `${settings}pricing: {overrides: [{model: gpt-5.4, factor: 2}], margins: [{per_request: 1}]}\n`,
    )
    assert.match(await run('prices', 'show', 'gpt-5.4'), /gpt-5\.4@[-0-9]+\*override-1/)
    const rerate = async (...words: readonly string[]) => {
      const text = await run('prices', 'rerate', ...period, '--format', 'json', ...words)
      return JSON.parse(text) as Record<string, unknown> & { lines: ReadonlyArray<Record<string, string>> }
    }
    const dry = await rerate('--dry-run')
    assert.deepEqual([dry['changed'], dry['written'], dry.lines.length], [1, false, 1])
    const [line] = dry.lines
    const nano = (text = '') => Math.round(Number(text) * 1e9)
    assert.equal(nano(line?.['provider_cost_after_usd']), 2 * nano(line?.['provider_cost_before_usd']))
    assert.equal(
      nano(line?.['charged_after_usd']),
      1_000_000_000 + 2 * nano(line?.['provider_cost_before_usd']),
    )
    assert.deepEqual([(await rerate('--write'))['changed'], (await rerate('--write'))['changed']], [1, 0])
    assert.match(
      await run('prices', 'list', '--provider', 'cohere', '--format', 'csv'),
      /^provider,model,price/,
    )
    for (const [words, says] of [
      [['prices', 'show', 'gpt-5.44'], /Did you mean gpt-5/],
      [['prices', 'rerate', '--from', '2026-01-01'], /--to is missing/],
      [['prices', 'rerate', ...period, '--write', '--dry-run'], /exclude each other/],
    ] as const) {
      const command = place.start({ words, environment })
      assert.equal((await command.ending).code, 2)
      assert.match(command.stderr(), says)
    }
  })
})

describe('signalbox balances', () => {
  it('pays in once for each id, and what is paid in is there at a start', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings('simulation: {enabled: true, first_token_ms: 0}\ncache: {enabled: false}\n')
    const environment = { CONFIG_FILE: place.settingsFile }
    const run = async (...words: readonly string[]) => {
      const command = place.start({ words, environment })
      assert.equal((await command.ending).code, 0, command.stderr())
      return command.stdout()
    }
    const owner = ['--scope', 'tenant', '--subject', 'default']
    const payment = ['balances', 'top-up', ...owner, '--id', 'first', '--amount', '0.000000001']
    assert.match(
      await run(...payment, '--note', 'invoice 7'),
      /^Paid in: .* tenant default  \$0\.000000001 .*invoice 7/,
    )
    assert.match(await run(...payment), /^Paid in before: /)
    assert.match(await run('balances', 'list'), /^tenant default  \$0\.000000001 paid in by one payment/)

    const service = place.start({ environment })
    const url = `${await service.address()}/v1/generate`
    assert.equal((await postJson(url, { prompt: 'x' })).status, 402)
    service.kill('SIGTERM')
    assert.equal((await service.ending).code, 0)
    const other = place.start({ words: [...payment.slice(0, -1), '5'], environment })
    assert.equal((await other.ending).code, 2)
    assert.match(other.stderr(), /was paid in before/)
  })
})

describe('signalbox keys', { concurrency: 2 }, () => {
  it('makes a key that works after a start and stands in no file, lists it without its secret, and ends it', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings('access: {require_key: true}\nsimulation: {enabled: true, first_token_ms: 0}\n')
    const environment = { CONFIG_FILE: place.settingsFile }
    const run = async (...words: readonly string[]) => {
      const command = place.start({ words, environment })
      assert.equal((await command.ending).code, 0, command.stderr())
      return command.stdout()
    }
    const made = await run('keys', 'create', '--tenant', 'acme', '--name', 'first', '--user', 'ann')
    const [, key = '', keyId = ''] = /^(sbk_(\w{12})_\w{49})\n/.exec(made) ?? []
    assert.notEqual(key, '', made)
    assert.ok(made.includes(`Its id is ${keyId}, its tenant acme`))

    const service = place.start({ environment })
    const url = `${await service.address()}/v1/generate`
    const asked = await postJson(url, { prompt: 'x', max_tokens: 5 }, { authorization: `Bearer ${key}` })
    assert.equal(asked.status, 200, await asked.text())
    assert.equal((await postJson(url, { prompt: 'x' })).status, 401)

    service.kill('SIGTERM')
    assert.equal((await service.ending).code, 0)
    const listed = await run('keys', 'list')
    assert.match(listed, new RegExp(`${keyId}  acme  inference  valid  first`))
    assert.ok(!listed.includes(key))
    const secret = key.slice(-49)
    assert.ok(!bytesBelow(place.dataDir).includes(secret), 'the secret is in no file')
    assert.ok(!(service.stdout() + service.stderr()).includes(secret), 'the secret is in no log')

    assert.match(await run('keys', 'revoke', keyId), /is revoked/)
    const again = place.start({ environment })
    const after = `${await again.address()}/v1/generate`
    const refused = await postJson(after, { prompt: 'x' }, { authorization: `Bearer ${key}` })
    const { error } = (await refused.json()) as { readonly error: { readonly code: string } }
    assert.equal(error.code, 'revoked_key')
  })

  it('works beside a running service: a new key is let in at once, and a revoked one soon refused', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings('access: {require_key: true}\nsimulation: {enabled: true, first_token_ms: 0}\n')
    const environment = { CONFIG_FILE: place.settingsFile }
    const service = place.start({ environment })
    const url = `${await service.address()}/v1/generate`
    const run = async (...words: readonly string[]) => {
      const command = place.start({ words, environment })
      assert.equal((await command.ending).code, 0, command.stderr())
      return command.stdout()
    }
    const made = await run('keys', 'create', '--tenant', 'acme', '--name', 'meanwhile')
    const [, key = '', keyId = ''] = /^(sbk_(\w{12})_\w{49})\n/.exec(made) ?? []
    const ask = async () => {
      const body = { prompt: 'x', max_tokens: 5 }
      const response = await postJson(url, body, { authorization: `Bearer ${key}` })
      await response.arrayBuffer()
      return response.status
    }
    assert.equal(await ask(), 200)
    assert.match(await run('keys', 'list'), new RegExp(`${keyId}  acme  inference  valid  meanwhile`))
    assert.match(await run('keys', 'revoke', keyId), /is revoked.*within ten seconds/)
    await eventually(async () => assert.equal(await ask(), 401), 60_000)
    assert.match(await run('keys', 'list'), new RegExp(`${keyId}  acme  inference  revoked  meanwhile`))
    service.kill('SIGTERM')
    assert.equal((await service.ending).code, 0)
  })

  it('says how it is used when it is used wrongly', async (test) => {
    const place = openWorkplace(test)
    for (const [words, says] of [
      [['keys', 'create'], /--tenant NAME/],
      [
        ['keys', 'create', '--tenant', 'a', '--permissions', 'everything'],
        /inference, analytics, metrics, admin/,
      ],
      [['keys', 'create', '--tenant', 'a', '--expires-days', 'soon'], /--expires-days 30/],
      [['keys', 'revoke', 'nobodys0id00'], /no such key.*\n.*List the keys/],
      [['keys', 'forge'], /create \| list \| revoke/],
      // Passed over, it would make a limit for each tenant of the one that was meant.
      [
        ['budgets', 'set', '--scope', 'tenant', '--id', 'a', '--limit', '1'],
        /--id is no option.*\n.*--subject ID/,
      ],
      [['limits', 'set', '--level', 'user', '--user', 'a', '--requests', '1'], /--user is no option/],
    ] as const) {
      const { code, stderr, stdout } = await place.run(...words)
      assert.equal(code, 2, stdout + stderr)
      assert.match(stderr, says)
      assert.equal(stdout, '')
    }
  })
})

describe('signalbox', { concurrency: 2 }, () => {
  it('config check says that all is well, or what is not', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings('mode: auto\n')
    const good = await place.run('config', 'check', place.settingsFile)
    assert.equal(good.code, 0, good.stderr)
    assert.match(good.stdout, /settings\.yaml: no fault/)
    place.writeSettings('mode: auto\nsimulaton: {}\n')
    const bad = await place.run('config', 'check', '--config', place.settingsFile)
    assert.equal(bad.code, 2)
    assert.match(bad.stderr, /settings\.yaml:2:1: simulaton .*did you mean simulation/)
  })

  it('config check sees what a start would refuse in routes and catalogue', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings('routing: {default_route: nowhere-at-all}\n')
    const { code, stdout, stderr } = await place.run('config', 'check', place.settingsFile)
    assert.equal(code, 2, stdout)
    assert.match(stderr, /nowhere-at-all/)
  })

  it('--help and --version print and end', async (test) => {
    const place = openWorkplace(test)
    const help = await place.run('--help')
    assert.equal(help.code, 0)
    assert.match(help.stdout, /signalbox keys create --tenant NAME/)
    const version = await place.run('--version')
    assert.equal(version.code, 0)
    assert.match(version.stdout, /^signalbox \d+\.\d+\.\d+\n$/)
  })

  it('names what it does not know', async (test) => {
    const place = openWorkplace(test)
    for (const words of [['strat'], ['--prot', '80']]) {
      const { code, stderr } = await place.run(...words)
      assert.equal(code, 2)
      assert.match(stderr, /--help/)
    }
  })
})
