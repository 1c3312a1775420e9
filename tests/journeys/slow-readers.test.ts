/** Readers who stop reading: their provider is made to wait, they hold little memory, and are cut and settled in the end. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openWorkplace } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { readRecords } from '#tests/journeys/records.ts'
import { startPouringProvider } from '#tests/support/pouring-provider.ts'
import type { PouringProvider } from '#tests/support/pouring-provider.ts'

const isSoak = process.env['SOAK'] === '1'
const stalledCount = isSoak ? 2_000 : 40
const mebibyte = 1_048_576

interface Place {
  readonly provider: PouringProvider
  readonly address: string
  readonly dataDir: string
}

/** A process of its own, so that its memory is its own; its model may say more than any socket holds. */
async function openPlace(context: TestContext, server: string): Promise<Place> {
  const provider = await startPouringProvider()
  context.after(() => provider.close())
  const place = openWorkplace(context)
  const catalogue = join(place.folder, 'catalogue.yaml')
  const models = readFileSync(catalogueFile, 'utf8')
    .replace('context_tokens: 1000000', 'context_tokens: 100000000')
    .replace('max_output_tokens: 100000', 'max_output_tokens: 100000000')
  writeFileSync(catalogue, models)
  place.writeSettings(`
analytics: {flush_ms: 20}
cache: {enabled: false}
server: {${server}}
providers: {openai: {base_url: "${provider.baseUrl}"}}
catalog: {file: ${catalogue}}
load: {targets: {concurrency_max: 3000}, shedding: {enabled: false}}
`)
  const service = place.start({ environment: { CONFIG_FILE: place.settingsFile, OPENAI_API_KEY: 'sk-test' } })
  return { provider, address: await service.address(), dataDir: place.dataDir }
}

const messages = [{ role: 'user', content: 'Tell me everything.' }]
const bodies = {
  '/v1/chat/completions': { model: 'talking-gpt', messages, stream: true, max_tokens: 9_000_000 },
  '/v1/messages': { model: 'talking-gpt', messages, stream: true, max_tokens: 9_000_000 },
}

/** Sends a question and never reads a byte of its answer. */
function askAndStall({ address }: Place, path: keyof typeof bodies): Socket {
  const body = JSON.stringify(bodies[path])
  const socket = connect(Number(new URL(address).port), 'localhost')
  socket.on('error', () => undefined)
  socket.pause()
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nanthropic-version: 2023-06-01\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  )
  return socket
}

/** Waits until nothing more flows: everybody is stalled. */
async function untilStill({ provider }: Place): Promise<void> {
  let before = -1
  let stillFor = 0
  await eventually(() => {
    stillFor = provider.poured() === before ? stillFor + 1 : 0
    before = provider.poured()
    assert.ok(before > 0 && stillFor >= 40, 'it still flows')
  }, 240_000)
}

for (const path of ['/v1/chat/completions', '/v1/messages'] as const) {
  const form = path === '/v1/messages' ? 'translated' : 'passed through'
  test(`a stalled reader of a stream that is ${form} is cut, its provider let go, and what passed is charged`, async (context) => {
    const place = await openPlace(context, 'reader_stall_ms: 1500')
    const socket = askAndStall(place, path)
    context.after(() => socket.destroy())
    await eventually(() => assert.equal(place.provider.running(), 1))
    await eventually(() => assert.equal(place.provider.running(), 0))
    await eventually(() => {
      const { rows, heldNanoUsd } = readRecords(place.dataDir)
      assert.deepEqual(
        rows.map(({ kind, problem, status }) => [kind, problem, status]),
        [['charge', 'reader_stalled', 499]],
      )
      assert.ok((rows[0]?.cost_nano_usd ?? 0) > 0)
      assert.equal(heldNanoUsd.size, 0)
    })
    // Sockets on the way hold a few megabytes; a stream that nobody holds back is worth hundreds in this time.
    assert.ok(place.provider.poured() < 32 * mebibyte, `${place.provider.poured()} bytes`)
  })
}

test(`${stalledCount} stalled streams hold little memory each, and others are served meanwhile`, async (context) => {
  const place = await openPlace(context, 'reader_stall_ms: 3600000, requests_in_flight_max: 3000')
  const residentBytes = async () => {
    const text = await (await fetch(`${place.address}/metrics`)).text()
    return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1])
  }
  const before = await residentBytes()
  const sockets: Socket[] = []
  context.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  for (let count = 0; count < stalledCount; count++) {
    sockets.push(askAndStall(place, count % 2 === 0 ? '/v1/chat/completions' : '/v1/messages'))
    if (count % 50 === 49) await eventually(() => assert.ok(place.provider.running() > count - 50), 60_000)
  }
  await eventually(() => assert.equal(place.provider.running(), stalledCount), 120_000)
  await untilStill(place)
  const grownBytes = (await residentBytes()) - before
  context.diagnostic(`${Math.round(grownBytes / 1024 / stalledCount)} KiB of memory for each`)
  assert.ok(
    grownBytes < 96 * mebibyte + stalledCount * 300 * 1024,
    `${Math.round(grownBytes / mebibyte)} MiB for ${stalledCount} streams`,
  )
  assert.equal((await fetch(`${place.address}/v1/models`)).status, 200)
  const health = (await (await fetch(`${place.address}/health/detailed`)).json()) as {
    readonly in_flight: number
  }
  assert.equal(health.in_flight, stalledCount)
  for (const socket of sockets) socket.destroy()
  await eventually(() => assert.equal(place.provider.running(), 0), 120_000)
  await eventually(() => {
    const { rows, heldNanoUsd } = readRecords(place.dataDir)
    assert.equal(rows.filter(({ problem }) => problem === 'caller_left').length, stalledCount)
    assert.equal(heldNanoUsd.size, 0)
  }, 120_000)
})
