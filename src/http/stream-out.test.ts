/** Open streams: signs of life, back-pressure, and the end of readers who do not read. */
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { createStreamOuts } from '#http/stream-out.ts'

class FakeResponse extends EventEmitter {
  readonly written: string[] = []
  destroyed = false
  isFull = false
  write(piece: string): boolean {
    this.written.push(piece)
    return !this.isFull
  }
  end(): void {
    this.emit('close')
  }
  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

const open = (heartbeat: string | undefined) => {
  const response = new FakeResponse()
  const stalls: number[] = []
  const outs = createStreamOuts({ heartbeatMs: 15_000, stallMs: 30_000 })
  return {
    response,
    outs,
    stalls,
    out: outs.open(response as unknown as ServerResponse, { heartbeat, onStall: () => stalls.push(1) }),
  }
}

test('silence is broken after a heartbeat, and words put it off', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { response, out } = open(': beat\n\n')
  t.mock.timers.tick(14_000)
  assert.deepEqual(response.written, [])
  assert.equal(out.write('word'), undefined)
  t.mock.timers.tick(10_000)
  assert.deepEqual(response.written, ['word'])
  t.mock.timers.tick(10_000)
  assert.deepEqual(response.written, ['word', ': beat\n\n'])
  response.emit('close')
  t.mock.timers.tick(60_000)
  assert.equal(response.written.length, 2)
})

test('a form without signs of life stays silent', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { response } = open(undefined)
  t.mock.timers.tick(120_000)
  assert.deepEqual(response.written, [])
  assert.equal(response.destroyed, false)
})

test('a full reader is waited for, and cut when it takes nothing for too long', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { response, out, stalls } = open(': beat\n\n')
  response.isFull = true
  const waiting = out.write('a')
  assert.ok(waiting)
  response.emit('drain')
  await waiting
  const stuck = out.write('b')
  t.mock.timers.tick(29_000)
  assert.equal(response.destroyed, false)
  t.mock.timers.tick(1_000)
  assert.equal(response.destroyed, true)
  assert.deepEqual(stalls, [1])
  await stuck
  assert.deepEqual(response.written, ['a', 'b'])
  assert.equal(response.listenerCount('drain'), 0)
})

test('a response that is gone is not waited for', () => {
  const { response, out } = open(undefined)
  response.isFull = true
  response.destroyed = true
  assert.equal(out.write('a'), undefined)
})

test('an answer that was ended gets no more signs of life, and is cut when its reader does not take it', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { response, outs, out, stalls } = open(': beat\n\n')
  response.end = () => undefined
  out.end('last words')
  t.mock.timers.tick(29_000)
  assert.deepEqual(response.written, [])
  t.mock.timers.tick(1_000)
  assert.equal(response.destroyed, true)
  assert.equal(stalls.length, 1)
  assert.equal(outs.count(), 0)
})

test('a whole answer that its reader does not take is cut, and one that is gone is not watched', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { response, outs } = open(undefined)
  const whole = Object.assign(new FakeResponse(), { writableLength: 100_000 })
  outs.awaitEnd(whole as unknown as ServerResponse)
  outs.awaitEnd(Object.assign(new FakeResponse(), { writableLength: 0 }) as unknown as ServerResponse)
  assert.equal(outs.count(), 1)
  t.mock.timers.tick(30_000)
  assert.deepEqual([whole.destroyed, response.destroyed], [true, false])
  assert.equal(outs.count(), 1)
})
