/** Where responses are kept and for how long: a file that outlives its process, Redis and PostgreSQL that instances share. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import OpenAI from 'openai'
import { systemClock } from '#composition/weather.ts'
import { makeKey } from '#tests/journeys/key-ring.ts'
import {
  claude,
  clientOf,
  itemsOf,
  missing,
  openKeepingStage,
  secretOf,
  textOf,
} from '#tests/journeys/keeping-stage.ts'
import type { KeepingStage } from '#tests/journeys/keeping-stage.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

let stage: KeepingStage
before(async () => {
  stage = await openKeepingStage()
})
after(() => stage.close())

test('responses outlive a restart, keys rotate, and what has had its time is gone', async () => {
  let nowMs = systemClock.nowMs()
  const clock = { ...systemClock, nowMs: () => nowMs }
  const yaml = 'responses: {store: on, store_ttl_hours: 2}'
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  after(() => rmSync(dataDir, { recursive: true, force: true }))
  const first = await stage.openHouse(yaml, { clock, dataDir })
  stage.play(textOf(claude))
  const { secret } = await makeKey(first, { tenant_id: 'acme' })
  const at = (house: RunningHouse) =>
    new OpenAI({ baseURL: `${house.address}/v1`, apiKey: secret, maxRetries: 0 }).responses
  const { id: before } = await at(first).create({ model: claude.model, input: 'Hello' })
  await first.close()

  const keys = `${secretOf(2)},${secretOf(1)}`
  const second = await stage.openHouse(yaml, { clock, dataDir, environment: { RESPONSE_STORE_KEYS: keys } })
  const { id: later } = await at(second).create({
    model: claude.model,
    input: 'More',
    previous_response_id: before,
  })
  await second.close()

  const third = await stage.openHouse(yaml, {
    clock,
    dataDir,
    environment: { RESPONSE_STORE_KEYS: secretOf(2) },
  })
  await assert.rejects(() => at(third).retrieve(before), missing(before))
  assert.equal((await at(third).retrieve(later)).id, later)
  nowMs += 2 * 3_600_000
  await assert.rejects(() => at(third).retrieve(later), missing(later))
  await third.close()
})

/** Every key of the store of responses and everything in it. */
async function keptInRedis({ url }: RealRedis): Promise<string> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url)
  try {
    const keys = await client.keys('{kept:responses:*')
    assert.ok(keys.some((key) => key.includes(':response:')))
    const records = keys.filter((key) => key.includes(':response:'))
    const others = keys.filter((key) => !records.includes(key))
    const sealed = await Promise.all(records.map(async (key) => client.hgetall(key)))
    const names = await Promise.all(others.map(async (key) => client.zrange(key, '0', '-1')))
    const bytes = sealed.map((record) => Buffer.from(String(record['s']), 'base64').toString('latin1'))
    return JSON.stringify([keys, sealed, names]) + bytes.join()
  } finally {
    client.disconnect()
  }
}

test('two instances share what they keep through Redis, and only ciphertext lies there', async (t) => {
  const reason = whyNoRedis()
  if (reason !== undefined) return t.skip(reason)
  const redis: RealRedis = await startRedis()
  const storage = `storage: {redis: {url: "${redis.url}", key_prefix: kept, command_timeout_ms: 5000}}`
  const yaml = `responses: {store: on}\n${storage}`
  // Each has API keys of its own here, so a user is the owner that both know.
  const user = { tenant_id: 'acme', user_id: 'ann' }
  const houses = [await stage.openHouse(yaml), await stage.openHouse(yaml)] as const
  try {
    stage.play(textOf(claude))
    const [one, two] = [await clientOf(houses[0], user), await clientOf(houses[1], user)]
    const first = await one.responses.create({ model: claude.model, input: 'canary-in-redis' })
    const second = await two.responses.create({
      model: claude.model,
      input: 'More',
      previous_response_id: first.id,
    })
    assert.equal((await itemsOf(one, second.id)).length, 3)
    const contents = await keptInRedis(redis)
    for (const secret of ['canary-in-redis', first.output_text.slice(0, 20), first.id, 'acme']) {
      assert.ok(!contents.includes(secret), `${secret} lies in Redis`)
    }
    await one.responses.delete(second.id)
    await assert.rejects(() => two.responses.retrieve(second.id), missing(second.id))
    for (const { dataDir } of houses) {
      for (const name of readdirSync(dataDir)) {
        assert.ok(!readFileSync(join(dataDir, name), 'latin1').includes('canary-in-redis'), name)
      }
    }
  } finally {
    for (const house of houses) await house.close()
    await redis.stop()
  }
})

test('two instances share what they keep through PostgreSQL where there is no Redis', async (t) => {
  const reason = whyNoPostgres()
  if (reason !== undefined) return t.skip(reason)
  const postgres = await startPostgres()
  const yaml = `responses: {store: on}\nstorage: {postgres: {url: "${postgres.newDatabase()}"}}`
  const environment = { KEY_PEPPER: secretOf(3) }
  const one = await stage.openHouse(yaml, { environment })
  const two = await stage.openHouse(yaml, { environment })
  try {
    stage.play(textOf(claude))
    const { secret } = await makeKey(one, { tenant_id: 'acme' })
    const [here, there] = [one, two].map(
      ({ address }) => new OpenAI({ baseURL: `${address}/v1`, apiKey: secret, maxRetries: 0 }).responses,
    )
    assert.ok(here && there)
    const first = await here.create({ model: claude.model, input: 'Hello' })
    const second = await there.create({
      model: claude.model,
      input: 'More',
      previous_response_id: first.id,
    })
    assert.equal((await here.retrieve(second.id)).id, second.id)
    await there.delete(first.id)
    await assert.rejects(() => here.retrieve(first.id), missing(first.id))
  } finally {
    await one.close()
    await two.close()
    await postgres.stop()
  }
})
