/** Bytes that are held until their end has come. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { createByteHold } from '#services/llm-adapters/wire/byte-hold.ts'

it('gives back what was appended, in pieces of any size', () => {
  const hold = createByteHold()
  for (const text of ['one ', 'and ', 'x'.repeat(9_000)]) hold.append(Buffer.from(text), 0, text.length)
  assert.equal(hold.view().toString(), `one and ${'x'.repeat(9_000)}`)
  hold.clear()
  assert.equal(hold.length, 0)
  hold.append(Buffer.from('abc'), 1, 3)
  assert.equal(hold.view().toString(), 'bc')
})

it('keeps a small store for the next, and lets go of a large one', () => {
  const hold = createByteHold()
  const storeAfter = (bytes: number) => {
    hold.append(Buffer.alloc(bytes), 0, bytes)
    hold.clear()
    return hold.view().buffer.byteLength
  }
  assert.equal(storeAfter(10), 1_024)
  assert.equal(storeAfter(1_000_000), 0)
})
