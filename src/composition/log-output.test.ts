/** The log's output when its reader is slow, gone or back again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPipedOutput } from '#composition/log-output.ts'

function openPipe() {
  const taken: string[] = []
  const waiting: (() => void)[] = []
  const stream = {
    writableLength: 0,
    writable: true,
    write(text: string, written?: () => void) {
      if (text !== '') taken.push(text)
      if (written) waiting.push(written)
      return true
    },
    on: () => undefined,
  }
  return { stream, taken, waiting }
}

test('lines beyond what may wait for the reader are dropped, and the next one that is taken tells how many', () => {
  const { stream, taken } = openPipe()
  const output = createPipedOutput(stream, 10)
  output.write('one\n')
  stream.writableLength = 11
  for (const line of ['two\n', 'three\n']) output.write(line)
  assert.deepEqual(taken, ['one\n'])
  stream.writableLength = 0
  output.write('four\n')
  output.write('five\n')
  assert.deepEqual([taken[0], ...taken.slice(2)], ['one\n', 'four\n', 'five\n'])
  assert.equal((JSON.parse(taken[1] ?? '') as { readonly dropped: number }).dropped, 2)
})

test('a reader that has gone is no failure, and is not waited for', async () => {
  const { stream, taken } = openPipe()
  const output = createPipedOutput(stream, 10)
  Object.assign(stream, { writable: false, writableLength: 5 })
  output.write('one\n')
  await output.settle(60_000)
  assert.deepEqual(taken, [])
})

test('what waits is written before the end, or given up after its time', async () => {
  const { stream, waiting } = openPipe()
  const output = createPipedOutput(stream, 10)
  stream.writableLength = 5
  const settled = output.settle(60_000)
  for (const written of waiting) written()
  await settled
  await output.settle(1)
})
