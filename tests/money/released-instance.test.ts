/**
 * Real instances with slices: one that was frozen refuses to spend from what lapsed meanwhile, and what one held that was
 * killed for good is given back by the command.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Redis } from 'ioredis'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { askingOf, expectedCost, quietSettings, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { readRecords, soonWritten } from '#tests/journeys/records.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { readSharedBooks } from '#tests/money/money-books.ts'
import { keyPrefix, markedPrompt, providerRows } from '#tests/money/money-stage.ts'
import { isSoak, tell } from '#tests/money/soak.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.text && expect.usage,
)
assert.ok(recording?.expect.usage)
const costNanoUsd = expectedCost(asking, recording, recording.expect.usage)
const words = 'Hello '.repeat(recording.expect.usage.inputTokens)
const { outputTokens } = recording.expect.usage
/** A slice, a hundredth of it, pays for some answers. */
const limitNanoUsd = costNanoUsd * 1_000
const sliceNanoUsd = limitNanoUsd / 100
/** The shortest lease that can be set is 30 seconds, and slices are renewed every ten. */
const patienceMs = 120_000

const question = (mark: string) => ({
  prompt: markedPrompt(mark, words),
  model: asking.model,
  max_tokens: outputTokens,
})

test('without Redis nothing is held ahead, and the command says so', async (test) => {
  const place = openWorkplace(test)
  for (const [words, says] of [
    [['budgets', 'instances'], /Without Redis no instance holds anything ahead/],
    [['budgets', 'release-instance', 'x'], /Without Redis no instance holds anything ahead/],
  ] as const) {
    const { code, stderr } = await place.run(...words)
    assert.equal(code, 2)
    assert.match(stderr, says)
  }
})

/** The long form freezes it for longer than the lease before it is killed, which takes two minutes. */
const terms = { skip: whyNoRedis() ?? false, timeout: 2 * patienceMs }

test(
  'killed, frozen before in the long form: nothing is overspent, and in the end nothing is held for it',
  terms,
  async (test) => {
    const redis = await startRedis()
    test.after(() => redis.stop())
    const client = new Redis(redis.url)
    client.on('error', () => undefined)
    test.after(() => client.disconnect())
    const bills: { readonly mark: string; readonly costNanoUsd: number }[] = []
    const provider = await startReplayingProvider({
      recording({ bodyText }) {
        bills.push({ mark: /<<([\w-]+)>>/.exec(bodyText)?.[1] ?? '', costNanoUsd })
        return recording
      },
    })
    test.after(() => provider.close())
    const limitUsd = (limitNanoUsd / 1e9).toFixed(9)
    const yaml =
      `${soonWritten}${quietSettings}${providerRows(provider)}` +
      `storage: {redis: {url: "${redis.url}", key_prefix: ${keyPrefix}}}\n` +
      `budget: {hold_lease_ms: 1500, slice_lease_ms: 30000, limits: [{scope: tenant, window: month, limit: "${limitUsd}"}]}\n`
    const survivor = await startHouse({ yaml, environment: { OPENAI_API_KEY: asking.key } })
    test.after(() => survivor.close())
    const place = openWorkplace(test)
    place.writeSettings(yaml)
    const environment = { CONFIG_FILE: place.settingsFile, OPENAI_API_KEY: asking.key }
    const child = place.start({ environment })
    const address = await child.address()
    const ask = async (mark: string) => {
      const response = await postJson(`${address}/v1/generate`, question(mark), { 'x-request-id': mark })
      await response.arrayBuffer()
      return response.status
    }
    const namesOf = async (kind: 'hold' | 'expired') => client.keys(`{${keyPrefix}:ledger}:${kind}:slice.*`)
    const tenant = async () => {
      const found = await client.hmget(
        `{${keyPrefix}:ledger}:counter:tenant:default ${month()}`,
        's',
        'r',
        'e',
      )
      return found.map(Number)
    }
    const month = () => new Date().toISOString().slice(0, 7)

    assert.equal(await ask('first'), 200)
    await eventually(async () => assert.equal((await namesOf('hold')).length, 1), patienceMs)
    const freezeAwhile = async () => {
      child.kill('SIGSTOP')
      await eventually(async () => assert.equal((await namesOf('expired')).length, 1), patienceMs)
      assert.deepEqual(await tenant(), [costNanoUsd + sliceNanoUsd, 0, sliceNanoUsd])
      redis.freeze()
      const asked = ask('second')
      child.kill('SIGCONT')
      assert.equal(await asked, 503)
      redis.thaw()
      await eventually(async () => assert.deepEqual((await tenant())[2], 0), patienceMs)

      let asks = 0
      await eventually(async () => {
        assert.equal(await ask(`again-${(asks += 1)}`), 200)
        assert.equal((await namesOf('hold')).length, 1)
      }, patienceMs)
    }
    if (isSoak) await freezeAwhile()
    // Rows of the last moments die with their process.
    const charges = () => readRecords(place.dataDir).rows.filter(({ kind }) => kind === 'charge')
    await eventually(() => assert.equal(charges().length, bills.length))
    child.kill('SIGKILL')
    await child.ending
    await eventually(async () => assert.equal((await namesOf('expired')).length, 1), patienceMs)
    const command = place.start({ words: ['budgets', 'instances'], environment })
    assert.equal((await command.ending).code, 0, command.stderr())
    const [, instance = ''] =
      /^(\S+) {2}silent {2}\$0 held ahead {2}\$\S+ charged in full/m.exec(command.stdout()) ?? []
    assert.notEqual(instance, '', command.stdout())
    const given = await eventually(async () => {
      const release = place.start({ words: ['budgets', 'release-instance', instance], environment })
      assert.equal((await release.ending).code, 0, release.stderr())
      assert.match(release.stdout(), /^Given back: 1 slices/)
      return release.stdout()
    }, patienceMs)
    const books = await readSharedBooks(redis.url, keyPrefix, [survivor.dataDir, place.dataDir])
    const limits = new Map([[`tenant:default ${month()}`, limitNanoUsd]])
    const { exact } = assertMoney(books, { limits, bills, hasDied: true })
    const counter = books.counters.find(({ scope }) => scope === 'tenant:default')
    assert.deepEqual(
      [counter?.settled, counter?.reserved, counter?.estimated],
      [bills.length * costNanoUsd, 0, 0],
    )
    tell(`${exact} answers, each charged once; ${given.trim()}`)
  },
)
