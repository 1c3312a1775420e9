/** Stores that hang while Signalbox stops: it ends all the same, and what could not be written arrives after the next start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from 'pg'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readRecords } from '#tests/journeys/records.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'

const settings = `
access: {require_key: false}
simulation: {enabled: true}
cache: {enabled: false}
analytics: {flush_ms: 50}
budget: {outage: open}
load: {shedding: {enabled: false}}
server: {leave_notice_ms: 0, drain_ms: 500}
storage: {postgres: {statement_timeout_ms: 600000}}
`
const pepper = { KEY_PEPPER: Buffer.alloc(32, 3).toString('base64') }
/** Far beyond the ten seconds after which closing is given up. */
const patienceMs = 120_000
const question = { prompt: 'Hello', max_tokens: 3 }

async function rowsIn(url: string): Promise<number> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const found = await client.query<{ readonly count: string }>('SELECT count(*) AS count FROM usage_rows')
    return Number(found.rows[0]?.count)
  } finally {
    await client.end()
  }
}

test(
  'PostgreSQL that hangs is given up with 1, and the rows arrive once after the next start',
  { skip: whyNoPostgres() ?? false, timeout: 2 * patienceMs },
  async (context) => {
    const postgres = await startPostgres()
    context.after(async () => {
      postgres.thaw()
      await postgres.stop()
    })
    const place = openWorkplace(context)
    place.writeSettings(settings)
    const environment = { CONFIG_FILE: place.settingsFile, DATABASE_URL: postgres.url, ...pepper }
    const first = place.start({ environment })
    const address = await first.address()
    assert.equal((await postJson(`${address}/v1/generate`, question)).status, 200)
    await eventually(async () => assert.equal(await rowsIn(postgres.url), 1))
    postgres.freeze()
    for (let call = 0; call < 3; call++) {
      assert.equal((await postJson(`${address}/v1/generate`, question)).status, 200)
    }
    first.kill('SIGTERM')
    assert.deepEqual(await first.ending, { code: 1, signal: null }, first.stdout())
    assert.match(first.stdout(), /not everything could be written and closed/)
    postgres.thaw()
    const second = place.start({ environment })
    await second.address()
    await eventually(async () => assert.equal(await rowsIn(postgres.url), 4))
    second.kill('SIGTERM')
    assert.deepEqual(await second.ending, { code: 0, signal: null }, second.stdout())
    assert.equal(await rowsIn(postgres.url), 4)
  },
)

test(
  'Redis that hangs holds up no end, and no row is lost',
  { skip: whyNoRedis() ?? false, timeout: 2 * patienceMs },
  async (context) => {
    const redis = await startRedis()
    context.after(async () => {
      redis.thaw()
      await redis.stop()
    })
    const place = openWorkplace(context)
    place.writeSettings(settings)
    const environment = { CONFIG_FILE: place.settingsFile, REDIS_URL: redis.url, ...pepper }
    const first = place.start({ environment })
    const address = await first.address()
    assert.equal((await postJson(`${address}/v1/generate`, question)).status, 200)
    redis.freeze()
    assert.equal((await postJson(`${address}/v1/generate`, question)).status, 200)
    first.kill('SIGTERM')
    assert.deepEqual(await first.ending, { code: 0, signal: null }, first.stdout())
    const { rows } = readRecords(place.dataDir)
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['charge', 'charge'],
    )
    redis.thaw()
    const second = place.start({ environment })
    const response = await postJson(`${await second.address()}/v1/generate`, question)
    assert.equal(response.status, 200, await response.text())
    second.kill('SIGTERM')
    assert.deepEqual(await second.ending, { code: 0, signal: null }, second.stdout())
  },
)
