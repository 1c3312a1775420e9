/** Three instances behind a balancer, each replaced in turn while everybody goes on asking: nobody notices. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import type { ChildService } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readRecords } from '#tests/journeys/records.ts'
import { startBalancer } from '#tests/support/test-balancer.ts'

const isSoak = process.env['SOAK'] === '1'
const instanceCount = 3
const streamsAtOnce = isSoak ? 500 : 12
const wholesAtOnce = isSoak ? 40 : 3
const restMs = isSoak ? 100 : 300

/** The notice is far longer than a look at /readyz takes, and nobody is shed, also on a busy machine. Streams take 4 seconds, or 20. */
const settings = `
server: {leave_notice_ms: 4000, drain_ms: 120000}
simulation: {first_token_ms: 20, tokens_per_second: ${isSoak ? 5 : 25}}
cache: {enabled: false}
analytics: {flush_ms: 50}
log: {level: warn}
load: {shedding: {enabled: false}}
`
const messages = [{ role: 'user', content: 'How are the points set?' }]

/** What came of each request that was begun. */
interface Account {
  wholes: number
  streams: number
  readonly failures: string[]
}

async function askWhole(address: string, account: Account): Promise<void> {
  const response = await postJson(`${address}/v1/generate`, { prompt: 'Hello', max_tokens: 4 })
  const text = await response.text()
  account.wholes++
  if (response.status !== 200) account.failures.push(`whole: ${response.status} ${text}`)
}

async function readStream(address: string, account: Account): Promise<void> {
  const body = { model: 'claude-sonnet-5', messages, stream: true, max_tokens: 100 }
  const response = await postJson(`${address}/v1/chat/completions`, body)
  const text = await response.text()
  account.streams++
  const isWhole = response.status === 200 && /data: \[DONE\]\s*$/.test(text) && !text.includes('"error"')
  if (!isWhole) account.failures.push(`stream: ${response.status} ${text.slice(-300)}`)
}

test('a rolling restart of three instances fails no request and cuts no stream', async (context) => {
  const place = openWorkplace(context)
  place.writeSettings(settings)
  const balancer = await startBalancer()
  context.after(() => balancer.close())
  const folders: string[] = []
  const startOne = async (): Promise<{ service: ChildService; address: string }> => {
    const folder = join(place.folder, `data-${folders.length}`)
    folders.push(folder)
    const environment = { CONFIG_FILE: place.settingsFile, DATA_DIR: folder }
    const service = place.start({ environment })
    const address = await service.address()
    balancer.add(address)
    return { service, address }
  }
  const fleet = await Promise.all(Array.from({ length: instanceCount }, startOne))
  await eventually(() => assert.equal(balancer.readyCount(), instanceCount))

  const account: Account = { wholes: 0, streams: 0, failures: [] }
  const over = new AbortController()
  // Also after a failure nobody must go on asking.
  context.after(() => over.abort())
  const goOn = async (ask: (address: string, account: Account) => Promise<void>, pauseMs: number) => {
    while (!over.signal.aborted) {
      await ask(balancer.address, account).catch((failure: unknown) => {
        account.failures.push(`broken off: ${inspect(failure)}`)
      })
      await sleep(pauseMs)
    }
  }
  const callers = [
    ...Array.from({ length: wholesAtOnce }, () => goOn(askWhole, restMs)),
    ...Array.from({ length: streamsAtOnce }, () => goOn(readStream, 20)),
  ]
  for (const { service, address } of fleet) {
    await startOne()
    await eventually(() => assert.equal(balancer.readyCount(), instanceCount + 1))
    service.kill('SIGTERM')
    assert.deepEqual(await service.ending, { code: 0, signal: null }, service.stdout())
    balancer.remove(address)
  }
  over.abort()
  await Promise.all(callers)

  assert.deepEqual([...account.failures, ...balancer.troubles], [])
  context.diagnostic(`${account.wholes} whole answers and ${account.streams} streams`)
  assert.ok(account.wholes > wholesAtOnce * instanceCount && account.streams > streamsAtOnce)
  await eventually(() => {
    const records = folders.map(readRecords)
    const rows = records.flatMap((record) => record.rows)
    assert.equal(rows.length, account.wholes + account.streams)
    assert.deepEqual(
      rows.filter(({ kind, problem }) => kind !== 'charge' || problem !== null),
      [],
    )
    for (const { heldNanoUsd } of records) assert.equal(heldNanoUsd.size, 0)
  })
})
