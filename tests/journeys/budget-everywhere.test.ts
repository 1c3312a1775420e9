/** A budget that is set by API, by command or by configuration, at instances that are running: it refuses at all of them. How long that took is told, not judged. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { checkMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks } from '#tests/money/money-books.ts'
import { adminKey, bearer } from '#tests/journeys/key-ring.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import type { RealPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const plain = 'simulation: {enabled: true, first_token_ms: 0}\ncache: {enabled: false}\n'
const statusAt = async (address: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await postJson(`${address}/v1/generate`, { prompt: 'Hello' }, headers)
  await response.arrayBuffer()
  return response.status
}

/** Waits until every address gives the status, and tells how long the last of them took. */
async function seenEverywhere(
  test: TestContext,
  what: string,
  asks: ReadonlyArray<() => Promise<number>>,
  status = 402,
) {
  const setAtMs = performance.now()
  await Promise.all(asks.map((ask) => eventually(async () => assert.equal(await ask(), status))))
  test.diagnostic(`${what}: ${status} everywhere after ${Math.round(performance.now() - setAtMs)} ms`)
}

describe(
  'instances that share Redis and PostgreSQL',
  { skip: whyNoRedis() ?? whyNoPostgres() ?? false },
  () => {
    let redis: RealRedis
    let postgres: RealPostgres
    let environment: Readonly<Record<string, string>> = {}
    let houses: readonly RunningHouse[] = []

    before(async () => {
      redis = await startRedis()
      postgres = await startPostgres()
      environment = {
        ADMIN_API_KEY: adminKey,
        REDIS_URL: redis.url,
        DATABASE_URL: postgres.url,
        KEY_PEPPER: Buffer.alloc(32, 9).toString('base64'),
      }
      houses = await Promise.all([0, 1].map(() => startHouse({ yaml: plain, environment })))
    })
    after(async () => {
      for (const house of houses) await house.close()
      await postgres.stop()
      await redis.stop()
    })

    const asks = () =>
      houses.map(
        ({ address }) =>
          () =>
            statusAt(address, bearer(adminKey)),
      )

    it('refuse what the API of one of them was told', async (test) => {
      const [one = assert.fail(), other = assert.fail()] = houses
      await seenEverywhere(test, 'before', asks(), 200)
      const budget = { scope: 'everyone', window: 'day', limit_usd: 0 }
      const set = await one.post('/admin/v1/budgets', budget, bearer(adminKey))
      assert.equal(set.status, 201)
      await seenEverywhere(test, 'set by API', asks())
      const { id } = (await set.json()) as { readonly id: string }
      const address = `${other.address}/admin/v1/budgets/${id}`
      assert.equal((await fetch(address, { method: 'DELETE', headers: bearer(adminKey) })).status, 200)
      await seenEverywhere(test, 'removed by API', asks(), 200)
    })

    it('refuse what a command was told', async (test) => {
      const place = openWorkplace(test)
      place.writeSettings(plain)
      const words = ['budgets', 'set', '--scope', 'everyone', '--window', 'week', '--limit', '0']
      const command = place.start({ words, environment: { ...environment, CONFIG_FILE: place.settingsFile } })
      assert.equal((await command.ending).code, 0, command.stderr())
      await seenEverywhere(test, 'set by command', asks())
      const [, id = ''] = /^Set: (\S+) /.exec(command.stdout()) ?? []
      const [one = assert.fail()] = houses
      const address = `${one.address}/admin/v1/budgets/${id}`
      assert.equal((await fetch(address, { method: 'DELETE', headers: bearer(adminKey) })).status, 200)
      await seenEverywhere(test, 'removed by API', asks(), 200)
    })

    it('refuse by a rate limit that one of them was told of', async (test) => {
      const [one = assert.fail(), other = assert.fail()] = houses
      const limit = { level: 'tenant', window: 'day', tokens: 1 }
      const set = await one.post('/admin/v1/limits', limit, bearer(adminKey))
      assert.equal(set.status, 201, await set.clone().text())
      await seenEverywhere(test, 'a rate limit set by API', asks(), 429)
      const { id } = (await set.json()) as { readonly id: string }
      const address = `${other.address}/admin/v1/limits/${id}`
      assert.equal((await fetch(address, { method: 'DELETE', headers: bearer(adminKey) })).status, 200)
      await seenEverywhere(test, 'a rate limit removed by API', asks(), 200)
    })
  },
)

describe('instances with their own files', () => {
  it('refuse what their configuration is changed to', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(plain)
    const services = ['one', 'other'].map((name) =>
      place.start({
        environment: { CONFIG_FILE: place.settingsFile, DATA_DIR: `${place.folder}/${name}` },
      }),
    )
    const addresses = await Promise.all(services.map((service) => service.address()))
    const ofAll = addresses.map((address) => () => statusAt(address))
    await seenEverywhere(test, 'before', ofAll, 200)
    place.writeSettings(`${plain}budget: {limits: [{scope: everyone, window: day, limit: 0}]}\n`)
    await seenEverywhere(test, 'set by configuration', ofAll)
    place.writeSettings(plain)
    await seenEverywhere(test, 'removed from the configuration', ofAll, 200)
  })

  it('obey commands beside them: limits in the configured currency, soft or with steps, and payments', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(`${plain}budget: {currency: EUR, currency_per_usd: "0.5"}\n`)
    const environment = { CONFIG_FILE: place.settingsFile }
    const service = place.start({ environment })
    const address = await service.address()
    const run = async (...words: readonly string[]) => {
      const command = place.start({ words, environment })
      return { code: (await command.ending).code, out: command.stdout(), error: command.stderr() }
    }
    const set = (...words: readonly string[]) =>
      run('budgets', 'set', '--scope', 'tenant', '--subject', 'default', '--window', 'day', ...words)
    const said = async (ran: ReturnType<typeof run>) => {
      const { code, out, error } = await ran
      assert.equal(code, 0, error)
      return out
    }
    const rich = await said(
      set('--limit', '5 EUR', '--degrade', '0:lower_output_cap=64,90:cheaper_models=small+fast'),
    )
    assert.match(
      rich,
      /tenant default {2}\$10 each day {2}0:lower_output_cap=64,90:cheaper_models=small\+fast/,
    )
    await eventually(async () => {
      const response = await postJson(`${address}/v1/generate`, { prompt: 'Hello' })
      assert.equal(response.status, 200)
      assert.match(response.headers.get('x-signalbox-degraded') ?? '', /lower_output_cap=64/)
    })
    assert.match(await said(set('--limit', '0', '--soft', '--degrade', 'none')), /\$0 each day {2}soft\n$/)
    await eventually(async () => {
      const response = await postJson(`${address}/v1/generate`, { prompt: 'Hello' })
      assert.deepEqual([response.status, response.headers.get('x-signalbox-degraded')], [200, null])
    })
    await said(set('--limit', '0'))
    await seenEverywhere(test, 'set by command', [() => statusAt(address)])
    const [id = ''] = (await said(run('budgets', 'list'))).split(' ')
    assert.match(await said(run('budgets', 'remove', id)), /is removed/)
    await seenEverywhere(test, 'removed by command', [() => statusAt(address)], 200)

    for (const [words, says] of [
      [['--limit', '5 GBP'], /or of EUR/],
      [['--limit', '5', '--degrade', '120:pace'], /not PERCENT:ACTION/],
      [['--limit', '5', '--degrade', '80:lower_output_cap'], /needs the longest answer/],
      [['--limit', '5', '--window', 'total', '--degrade', '80:pace'], /no end to pace towards/],
    ] as const) {
      const { code, error } = await set(...words)
      assert.equal(code, 2)
      assert.match(error, says)
    }
    const limits = ['limits', 'set', '--level', 'tenant', '--subject', 'default', '--window', 'day']
    const told = await said(run(...limits, '--tokens', '1'))
    await seenEverywhere(test, 'a rate limit set by command', [() => statusAt(address)], 429)
    const [, limitId = ''] = /^Set: (\S+) {2}tenant default {2}1 tokens each day\n$/.exec(told) ?? []
    assert.match(await said(run('limits', 'list')), new RegExp(`^${limitId}  `))
    assert.match(await said(run('limits', 'remove', limitId)), /is removed/)
    await seenEverywhere(test, 'a rate limit removed by command', [() => statusAt(address)], 200)
    for (const words of [limits, [...limits, '--requests', '0'], ['limits', 'remove', 'none']])
      assert.equal((await run(...words)).code, 2)
    service.kill('SIGTERM')
    assert.equal((await service.ending).code, 0, service.stderr())
  })
})

describe('a rerating beside a running instance', () => {
  it('writes what changed once, and tells by how much running budgets differ from it', async (test) => {
    const place = openWorkplace(test)
    const settings = `${plain}analytics: {flush_ms: 10}\nbudget: {limits: [{scope: tenant, limit: 5}, {scope: everyone, window: rolling-day, limit: 9}]}\n`
    place.writeSettings(settings)
    const environment = { CONFIG_FILE: place.settingsFile }
    const service = place.start({ environment })
    const url = `${await service.address()}/v1/generate`
    assert.equal((await postJson(url, { prompt: 'x', model: 'gpt-5.4' })).status, 200)
    place.writeSettings(`${settings}pricing: {margins: [{per_request: 1}]}\n`)
    await eventually(() => assert.match(service.stdout(), /the changed configuration holds now/))
    const rerate = async (...words: readonly string[]) => {
      const period = ['--from', '2020-01-01', '--to', '2100-01-01']
      const command = place.start({ words: ['prices', 'rerate', ...period, ...words], environment })
      assert.equal((await command.ending).code, 0, command.stderr())
      return command.stdout()
    }
    const json = async (...words: readonly string[]) =>
      JSON.parse(await rerate('--format', 'json', ...words)) as Readonly<Record<string, unknown>>
    const counters = [
      { scope: 'tenant:default', window: new Date().toISOString().slice(0, 7), difference_usd: '1' },
      { scope: 'everyone', window: 'rolling-day', difference_usd: '1' },
    ]
    const dry = await eventually(async () => {
      const found = await json()
      assert.equal(found['charges'], 1)
      return found
    })
    assert.deepEqual([dry['changed'], dry['written'], dry['counters']], [1, false, counters])
    const written = await json('--write')
    assert.deepEqual([written['changed'], written['counters']], [1, counters])
    // The rows are right now; the counters still are what they were.
    const again = await json('--write')
    assert.deepEqual([again['changed'], again['counters']], [0, counters])
    assert.match(
      await rerate(),
      /Budgets of running windows go on .*\n {2}tenant:default for \d{4}-\d\d: \$1\n/,
    )
    assert.equal((await postJson(url, { prompt: 'x', model: 'gpt-5.4' })).status, 200)
    const early = place.start({
      words: ['prices', 'rerate', '--from', '2020-01-01', '--to', '2100-01-01', '--write', '--apply'],
      environment,
    })
    assert.equal((await early.ending).code, 2)
    assert.match(early.stderr(), /counts its budgets in memory/)
    service.kill('SIGTERM')
    assert.equal((await service.ending).code, 0, service.stderr())

    const before = tenantOf(place.dataDir)
    const [tenant, everyone] = counters
    const corrected = (usd: string) => [
      { ...tenant, applied_usd: usd },
      { ...everyone, applied_usd: null },
    ]
    const applied = await json('--write', '--apply')
    assert.deepEqual([applied['changed'], applied['counters']], [0, corrected('1')])
    assert.deepEqual((await json('--write', '--apply'))['counters'], corrected('0'))
    assert.match(
      await rerate('--write', '--apply'),
      /^Corrected: tenant:default for \S+ by \$0, in all \$1: /m,
    )
    const after = tenantOf(place.dataDir)
    assert.deepEqual([after?.settled, after?.corrected], [(before?.settled ?? 0) + 1e9, 1e9])
    assert.deepEqual(checkMoney(readFileBooks(place.dataDir), { hasDied: true }).findings, [])
    // At the prices of before, nothing is left of the correction.
    place.writeSettings(settings)
    const back = (await json('--write', '--apply'))['counters'] as readonly { readonly applied_usd: string }[]
    assert.equal(back[0]?.applied_usd, '-2')
  })
})

const tenantOf = (dataDir: string) =>
  readFileBooks(dataDir).counters.find(({ scope }) => scope === 'tenant:default')
