/** A provider whose door is shut: told as unreachable after the retry, and nothing is held. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { describe, it } from 'node:test'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, rowsOf } from '#tests/journeys/records.ts'
import { startHouse } from '#tests/support/running-house.ts'

describe('a provider that is not there', () => {
  const listening = async (server: Server): Promise<number> => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const closed = async (server: Server): Promise<void> => {
    server.close()
    await once(server, 'close')
  }

  it('because its port is closed, is told as unreachable', async () => {
    const server = createServer()
    const port = await listening(server)
    await closed(server)
    await checkUnreachable(port)
  })

  it('because it resets each connection, is told as unreachable', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.resetAndDestroy())
    })
    await checkUnreachable(await listening(server))
    await closed(server)
  })
})

/** In a house of its own, whose openai is at this port. */
async function checkUnreachable(port: number): Promise<void> {
  const house = await startHouse({
    yaml: `catalog: {file: ${catalogueFile}}\nanalytics: {flush_ms: 10}\nresilience: {attempts_per_target: 2, retry_base_ms: 1}
providers: {openai: {base_url: "http://127.0.0.1:${port}/v1"}}`,
    environment: { OPENAI_API_KEY: 'sk-x' },
  })
  try {
    const response = await house.post('/v1/generate', { prompt: 'x', model: 'talking-gpt', max_tokens: 100 })
    const { error } = (await response.json()) as {
      readonly error: { readonly code: string; readonly request_id: string }
    }
    assert.equal(error.code, 'provider_unreachable')
    assert.equal(response.status, 502)
    const rows = await rowsOf(house, error.request_id)
    assert.deepEqual(rows.map(({ kind }) => kind).sort(), ['failed', 'failed', 'refused'])
    await assertNothingHeld(house)
  } finally {
    await house.close()
  }
}
