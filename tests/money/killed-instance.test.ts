/**
 * An instance is killed with SIGKILL in the middle of streams. What it held is charged in full, at its next start or, in
 * a shared ledger, by whoever still lives; what it had charged stays charged, once.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { askingOf, expectedCost, quietSettings, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { checkMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks, readSharedBooks } from '#tests/money/money-books.ts'
import type { MoneyBooks } from '#tests/money/money-books.ts'
import { keyPrefix, markedPrompt, providerRows } from '#tests/money/money-stage.ts'
import { rounds, tell } from '#tests/money/soak.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import { replyBytes } from '#tests/support/recording.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'

const asking = askingOf('anthropic-messages')
const good = recordingsOf(asking).filter(
  ({ expect }) => expect.outcome === 'ok' && expect.text && expect.usage,
)
const whole = good.find(({ reply }) => reply.stream === undefined)
/** One whose words begin in its first half. */
const streamed = good.find(({ reply: { stream } }) =>
  stream?.slice(0, stream.length / 2).includes('text_delta'),
)
assert.ok(whole?.expect.usage && streamed)
const wholeCost = expectedCost(asking, whole, whole.expect.usage)

/** Plays whole answers at once, and of streams all but their end. */
async function openProvider(test: TestContext) {
  const gate = Promise.withResolvers<void>()
  const half = Math.floor(replyBytes(streamed!.reply).length / 2)
  const provider = await startReplayingProvider({
    recording: (request) =>
      request.isStreamed
        ? {
            recording: streamed!,
            chunkSizes: [half],
            beforeChunk: (written) => (written >= half ? gate.promise : undefined),
          }
        : whole,
  })
  test.after(async () => {
    gate.resolve()
    await provider.close()
  })
  return provider
}

const question = (mark: string) => ({ prompt: markedPrompt(mark), model: asking.model, max_tokens: 800 })

/** Three answers in full and three streams that have begun, at one address. */
async function keepBusy(address: string, round: string): Promise<readonly string[]> {
  const marks = ['a', 'b', 'c'].map((letter) => `${round}${letter}`)
  const asked = marks.map(async (mark) => {
    const response = await postJson(`${address}/v1/generate`, question(mark), { 'x-request-id': mark })
    assert.equal(response.status, 200)
    await response.arrayBuffer()
  })
  const begun = marks.map(async (mark) => {
    const response = await postJson(`${address}/v1/generate/stream`, question(`${mark}-s`), {
      'x-request-id': `${mark}-s`,
    })
    assert.equal(response.status, 200)
    assert.ok(response.body)
    const { done } = await response.body.getReader().read()
    assert.equal(done, false)
  })
  await Promise.all([...asked, ...begun])
  return marks
}

const markOf = (id: string) => id.split('.')[0] ?? ''

/** Every stream stands as its hold; every whole answer as its bill, or as its hold when it died before it was settled. */
function assertNothingLost(books: MoneyBooks, marks: readonly string[]): string {
  const { findings } = checkMoney(books, { hasDied: true })
  assert.deepEqual(findings, [])
  const held = new Map([...books.expiredHolds].map(([id, amount]) => [markOf(id), amount]))
  for (const mark of marks) assert.ok(held.has(`${mark}-s`), `the stream ${mark} was lost`)
  const settledMarks = marks.filter((mark) => !held.has(mark))
  const estimated = [...held.values()].reduce((sum, amount) => sum + amount, 0)
  const tenant = books.counters.find(({ scope }) => scope === 'tenant:default')
  assert.deepEqual(
    [tenant?.settled, tenant?.estimated],
    [settledMarks.length * wholeCost + estimated, estimated],
    'settled is what was billed and what was held, once each',
  )
  const rows = books.rows.filter(({ kind }) => kind === 'charge').length
  return `${settledMarks.length} settled (${rows} with their row), ${held.size} charged in full`
}

test('after each of several deaths and starts, holds are charged in full, and nothing is lost or doubled', async (test) => {
  const provider = await openProvider(test)
  const place = openWorkplace(test)
  place.writeSettings(`${soonWritten}${quietSettings}${providerRows(provider)}`)
  const environment = { CONFIG_FILE: place.settingsFile, ANTHROPIC_API_KEY: asking.key }
  const marks: string[] = []
  const deaths = rounds(3, 50)
  for (let round = 1; round <= deaths; round += 1) {
    const child = place.start({ environment })
    marks.push(...(await keepBusy(await child.address(), `k${round}`)))
    child.kill('SIGKILL')
    assert.equal((await child.ending).signal, 'SIGKILL')
  }
  const last = place.start({ environment })
  await last.address()
  last.kill('SIGTERM')
  assert.equal((await last.ending).code, 0)
  tell(`${deaths} deaths, own file: ${assertNothingLost(readFileBooks(place.dataDir), marks)}`)
})

test(
  'of two instances with one ledger one dies, and the other charges what it held',
  { skip: whyNoRedis() ?? false },
  async (test) => {
    const redis = await startRedis()
    test.after(() => redis.stop())
    const provider = await openProvider(test)
    const yaml =
      `${soonWritten}${quietSettings}${providerRows(provider)}` +
      `storage: {redis: {url: "${redis.url}", key_prefix: ${keyPrefix}}}\nbudget: {hold_lease_ms: 1500}\n`
    const survivor = await startHouse({ yaml, environment: { ANTHROPIC_API_KEY: asking.key } })
    test.after(() => survivor.close())
    const place = openWorkplace(test)
    place.writeSettings(yaml)
    const environment = { CONFIG_FILE: place.settingsFile, ANTHROPIC_API_KEY: asking.key }
    const marks: string[] = []
    for (let round = 1; round <= rounds(1, 10); round += 1) {
      const child = place.start({ environment })
      marks.push(...(await keepBusy(await child.address(), `r${round}`)))
      child.kill('SIGKILL')
      await child.ending
    }
    const said = await eventually(async () => {
      const books = await readSharedBooks(redis.url, keyPrefix, [place.dataDir, survivor.dataDir])
      assert.deepEqual(books.openHolds, [])
      return assertNothingLost(books, marks)
    })
    tell(`deaths with a shared ledger: ${said}`)
  },
)
