/** Facts about reading server-sent events. */
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'

type Plain = Pick<Frame, 'event' | 'data' | 'fields'>

function readAll(chunks: readonly Uint8Array[], keepsBytes = false): Frame[] {
  const reader = createFrameReader({ keepsBytes })
  return [...chunks.flatMap((chunk) => [...reader.push(chunk)]), ...reader.end()]
}

const plain = (frames: readonly Frame[]): Plain[] =>
  frames.map(({ event, data, fields }) => ({ event, data, fields }))
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (text: string): Plain[] => plain(readAll([bytesOf(text)]))
const frame = (data: string, event?: string): Plain => ({ event, data, fields: undefined })

test('LF, CR and CRLF end lines alike', () => {
  const expected = [frame('one', 'a'), frame('two')]
  for (const ending of ['\n', '\r', '\r\n']) {
    assert.deepEqual(read(['event: a', 'data: one', '', 'data:two', '', ''].join(ending)), expected)
  }
})

test('one space after the colon is not part of the value, a second one is', () => {
  assert.deepEqual(read('data:a\n\ndata: a\n\ndata:  a\n\n'), [frame('a'), frame('a'), frame(' a')])
})

test('several data lines are one value, and data without a colon is an empty line', () => {
  assert.deepEqual(read('data: a\ndata\ndata: b\n\n'), [frame('a\n\nb')])
})

test('comments, ids, retry hints, blank lines and events without data yield nothing', () => {
  assert.deepEqual(read(': PROCESSING\n\nid: 7\nretry: 10\n\n\n\nevent: ping\n\ndata: x\n\n'), [frame('x')])
})

test('an event name belongs to its own event only', () => {
  assert.deepEqual(read('event: a\ndata: 1\n\ndata: 2\n\n'), [frame('1', 'a'), frame('2')])
})

test('a byte order mark before the first line is not text', () => {
  assert.deepEqual(read('\uFEFFdata: x\n\n'), [frame('x')])
})

test('a line with a foreign field name is handed on, since servers report failures so', () => {
  assert.deepEqual(read('error: {"code":500}\n\n'), [
    { event: undefined, data: '', fields: [{ name: 'error', value: '{"code":500}' }] },
  ])
})

test('the last event counts without its blank line and without its line ending', () => {
  assert.deepEqual(read('data: a\n\ndata: b\n'), [frame('a'), frame('b')])
  assert.deepEqual(read('data: a\n\ndata: b'), [frame('a'), frame('b')])
})

test('an endless line and an endless event are refused', () => {
  const limits = { lineBytesMax: 100, eventBytesMax: 250 }
  const isMalformed = (error: unknown) => error instanceof Problem && error.code === 'provider_malformed'
  assert.throws(() => {
    const reader = createFrameReader(limits)
    for (let i = 0; i < 101; i += 1) reader.push(bytesOf('x'))
  }, isMalformed)
  assert.throws(() => createFrameReader(limits).push(bytesOf(`data: ${'x'.repeat(100)}\n`)), isMalformed)
  assert.throws(() => createFrameReader(limits).push(bytesOf('data: 0123456789\n'.repeat(20))), isMalformed)
  assert.throws(() => {
    const reader = createFrameReader({ ...limits, keepsBytes: true })
    for (let i = 0; i < 100; i += 1) reader.push(bytesOf(': ping\n\n'))
  }, isMalformed)
})

test('the reader knows whether it stands between frames', () => {
  const reader = createFrameReader({ keepsBytes: true })
  assert.equal(reader.isBetweenFrames(), true)
  reader.push(bytesOf('data: x\n'))
  assert.equal(reader.isBetweenFrames(), false)
  reader.push(bytesOf('\n'))
  assert.equal(reader.isBetweenFrames(), true)
  // A comment belongs to the frame that comes next, whose bytes are kept.
  reader.push(bytesOf(': ping\n\n'))
  assert.equal(reader.isBetweenFrames(), false)
})

test('the bytes of a frame end with its whole line ending, also when the chunk ends inside a CRLF', () => {
  const body = 'data: a\r\n\r\ndata: b\r\n\r\n'
  for (let cut = 1; cut < body.length; cut += 1) {
    const frames = readAll([bytesOf(body.slice(0, cut)), bytesOf(body.slice(cut))], true)
    const texts = frames.map(({ bytes }) => Buffer.from(bytes ?? []).toString())
    assert.deepEqual(texts, ['data: a\r\n\r\n', 'data: b\r\n\r\n'], `cut at ${cut}`)
  }
})

test('where lines end in CR alone, a frame is handed out as soon as it is whole', () => {
  const reader = createFrameReader({ keepsBytes: true })
  assert.equal(reader.push(bytesOf('data: a\r\r')).length, 1)
  assert.equal(reader.push(bytesOf('data: b\r')).length, 0)
  assert.equal(reader.push(bytesOf('\r')).length, 1)
})

test('a body that ends between CR and LF has ended its last frame', () => {
  assert.deepEqual(read('data: a\r\n\r\ndata: b\r\n\r'), [frame('a'), frame('b')])
})

const eventText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text}`),
      fc.constantFrom(': comment', 'event: ping', 'data', 'id: 1', 'error: {"a":1}', '', 'odd', ':'),
    ),
    { maxLength: 14 },
  )
  .chain((lines) => fc.constantFrom('\n', '\r\n', '\r').map((ending) => lines.join(ending) + ending))

test('any split of the bytes yields the same frames, and kept bytes join to the body', () => {
  fc.assert(
    fc.property(
      fc.array(eventText, { maxLength: 4 }),
      fc.boolean(),
      fc.array(fc.nat(400), { maxLength: 30 }),
      (events, hasMark, cuts) => {
        const body = bytesOf((hasMark ? '\uFEFF' : '') + events.join('\n\n'))
        const places = [0, ...cuts.filter((cut) => cut < body.length), body.length].toSorted((a, b) => a - b)
        const chunks = places.slice(1).map((end, at) => body.slice(places[at], end))
        const whole = readAll([body])
        assert.deepEqual(plain(readAll(chunks)), plain(whole))
        assert.deepEqual(plain(readAll([...body].map((byte) => Uint8Array.of(byte)))), plain(whole))
        const kept = readAll(chunks, true)
        assert.deepEqual(plain(kept), plain(whole))
        const joined = Buffer.concat(kept.map(({ bytes }) => bytes ?? new Uint8Array()))
        assert.ok(Buffer.from(body).subarray(0, joined.length).equals(joined))
      },
    ),
    { numRuns: 300 },
  )
})
