import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientPatienceMs } from '#http/client-patience.ts'
import { readWishes } from '#http/wishes.ts'

test('the shortest time that the client itself names counts, in seconds', () => {
  assert.equal(clientPatienceMs({ 'x-stainless-timeout': '600' }), 600_000)
  assert.equal(clientPatienceMs({ 'x-stainless-read-timeout': '2.5', 'x-stainless-timeout': '9' }), 2_500)
  assert.equal(clientPatienceMs({ 'x-server-timeout': '30' }), 30_000)
})

test('what no client writes is ignored', () => {
  for (const odd of ['', '0', '-5', '1e3', 'NaN', '0x10', ' 5', '5 ', '99999999', 'NOT_GIVEN', 'Infinity']) {
    assert.equal(clientPatienceMs({ 'x-stainless-timeout': odd }), undefined, odd)
  }
})

test('it bounds the beginning, and the caller may still name a deadline for all of it', () => {
  const wishes = readWishes({ 'x-stainless-timeout': '20', 'x-signalbox-timeout-ms': '5000' })
  assert.deepEqual([wishes.beginMs, wishes.deadlineMs], [20_000, 5_000])
  assert.equal(readWishes({ 'x-stainless-timeout': '20' }).beginMs, 20_000)
  assert.equal(readWishes({}).beginMs, undefined)
})
