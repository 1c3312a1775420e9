/** Proves that the load generator sees what a gateway can do wrong to an answer or a stream. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAnswerReader } from './answer-reader.ts'
import type { Tally } from './connection.ts'
import { streamEnd, streamEvents, streamHead, wholeAnswer, type Kind } from './conversation.ts'
import { startLoad } from './load.ts'
import { spreadOf } from './samples.ts'
import { startUpstream, type Fault } from './upstream.ts'
import { voices } from './voices.ts'

async function tallyOf(kind: Kind, fault?: Fault, enough = 3): Promise<Tally> {
  const upstream = await startUpstream(fault)
  const load = startLoad({
    port: upstream.port,
    path: '/v1/chat/completions',
    headerLines: [],
    kind,
    connections: 2,
  })
  try {
    load.openWindow()
    const answered = (): number => {
      const tally = load.peek()
      return tally.answers + [...tally.wrong.values()].reduce((sum, count) => sum + count, 0)
    }
    while (answered() < enough) await sleep(10)
    return load.closeWindow()
  } finally {
    load.stop()
    await upstream.close()
  }
}

for (const kind of ['whole', 'paced', 'burst'] as const) {
  test(`${kind} answers that arrive as they were sent are all counted as right`, async () => {
    const tally = await tallyOf(kind)
    assert.deepEqual([...tally.wrong], [])
    assert.ok(tally.answers >= 3)
    assert.equal(tally.latency.count(), tally.answers)
    if (kind !== 'whole') assert.ok(tally.events >= 100 * tally.answers)
  })
}

for (const voice of voices) {
  for (const kind of ['whole', 'burst'] as const) {
    test(`${kind} answers in the form of ${voice.name} are counted as right`, async () => {
      const upstream = await startUpstream()
      const load = startLoad({
        port: upstream.port,
        path: voice.path('m', kind),
        headerLines: voice.headerLines('key'),
        kind,
        connections: 1,
        spoken: { request: voice.request(kind, 'm'), ending: voice.ending },
      })
      try {
        load.openWindow()
        while (load.peek().answers < 3 && load.peek().wrong.size === 0) await sleep(5)
        assert.deepEqual([...load.closeWindow().wrong], [])
      } finally {
        load.stop()
        await upstream.close()
      }
    })
  }
}

const seenAs = {
  'lost-event': 'lost',
  'doubled-event': 'doubled',
  'swapped-events': 'lost',
  'cut-stream': 'lost',
} as const

for (const [fault, wrong] of Object.entries(seenAs) as Array<[keyof typeof seenAs, string]>) {
  test(`a stream with the fault ${fault} is never counted as right`, async () => {
    const tally = await tallyOf('burst', fault)
    assert.equal(tally.answers, 0)
    assert.deepEqual([...tally.wrong.keys()], [wrong])
  })
}

test('an answer to another request is never counted as right', async () => {
  const tally = await tallyOf('whole', 'wrong-number', 5)
  // Request 0 carries the very letters that the faulty double sends.
  assert.ok(tally.answers <= 1)
  assert.deepEqual([...tally.wrong.keys()], ['answer'])
})

function readInPieces(bytes: Buffer, pieceBytes: number): { body: string; ends: number } {
  let body = ''
  let ends = 0
  const reader = createAnswerReader({
    onHead: () => undefined,
    onBody: (piece) => (body += piece.toString()),
    onEnd: () => ends++,
  })
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes))
  assert.ok(reader.isIdle())
  return { body, ends }
}

test('an answer reads the same however the network cuts it', () => {
  const stream = Buffer.concat([streamHead, ...streamEvents().map(({ bytes }) => bytes), streamEnd()])
  const answers = Buffer.concat([wholeAnswer().bytes, stream, wholeAnswer().bytes])
  const atOnce = readInPieces(answers, answers.length)
  assert.equal(atOnce.ends, 3)
  for (const pieceBytes of [1, 7, 100, 4096]) assert.deepEqual(readInPieces(answers, pieceBytes), atOnce)
})

test('a chunk that is longer than it said is refused', () => {
  const reader = createAnswerReader({
    onHead: () => undefined,
    onBody: () => undefined,
    onEnd: () => undefined,
  })
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n')
  assert.throws(() => reader.push(bytes), /longer than it said/)
})

test('a bench body is 1,024 bytes', () => {
  const { bytes } = wholeAnswer()
  assert.equal(bytes.length - bytes.indexOf('\r\n\r\n') - 4, 1024)
})

test('the median of an even number of figures lies between the middle two, and missing figures do not count', () => {
  assert.deepEqual(spreadOf([4, Number.NaN, 1, 2, 3]), { median: 2.5, min: 1, max: 4 })
})
