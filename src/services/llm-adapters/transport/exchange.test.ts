/** A provider's reply that comes faster than it is read. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { createTurn } from '#core/domain/turn.ts'
import { createDeadlineKeeper } from '#services/llm-adapters/transport/deadline-keeper.ts'
import { Exchange } from '#services/llm-adapters/transport/exchange.ts'
import { patient } from '#tests/support/transport-house.ts'

const clock = { nowMs: () => 0, monotonicMs: () => 0 }

function openExchange(unreadBytesMax: number) {
  const keeper = createDeadlineKeeper(clock)
  const limits = { wholeBytesMax: 1_000_000, streamBytesMax: 1_000_000, unreadBytesMax }
  const { signal } = new AbortController()
  const exchange = new Exchange({ deadlines: patient, limits, keeper, clock, signal, arrivals: createTurn() })
  const controller = {
    paused: false,
    aborted: false,
    reason: null,
    rawHeaders: null,
    rawTrailers: null,
    pause: () => void (controller.paused = true),
    resume: () => void (controller.paused = false),
    abort: () => void (controller.aborted = true),
  }
  exchange.onResponseStart(controller, 200, {})
  return { exchange, controller, give: (bytes: Buffer) => exchange.onResponseData(controller, bytes) }
}

it('small pieces that wait are handed out as one, large ones one by one, and none is lost', async () => {
  const { exchange, give } = openExchange(1_000_000)
  const sent = [...Array.from({ length: 20 }, (_, at) => Buffer.alloc(1_000, at)), Buffer.alloc(50_000, 99)]
  for (const piece of sent) give(piece)
  exchange.onResponseEnd()
  const read: Uint8Array[] = []
  for (let piece = await exchange.next(); piece; piece = await exchange.next()) read.push(piece)
  assert.deepEqual(
    read.map(({ length }) => length),
    [16_000, 4_000, 50_000],
  )
  assert.deepEqual(Buffer.concat(read), Buffer.concat(sent))
})

it('a provider is made to wait until no more lies unread than may', async () => {
  const { exchange, controller, give } = openExchange(40_000)
  give(Buffer.alloc(30_000))
  assert.equal(controller.paused, false)
  give(Buffer.alloc(30_000))
  give(Buffer.alloc(30_000))
  assert.equal(controller.paused, true)
  await exchange.next()
  assert.equal(controller.paused, true)
  await exchange.next()
  assert.equal(controller.paused, false)
  assert.equal((await exchange.next())?.length, 30_000)
})

it('a whole reply that is here is handed out as one, however much it is', async () => {
  const { exchange, give } = openExchange(40_000)
  for (let count = 0; count < 3; count++) give(Buffer.alloc(30_000))
  exchange.onResponseEnd()
  assert.equal((await exchange.whole()).length, 90_000)
})
