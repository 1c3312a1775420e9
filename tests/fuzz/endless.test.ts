// A provider that never ends what it began is cut at a limit, in whatever pieces it goes on.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { adapters, dialects } from '#tests/support/adapters.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const megabyte = 1_048_576
/** An event may have 16 MiB; no decoder may go on taking what is more than that and what it came in. */
const bytesMax = 17 * megabyte

const endless: Readonly<Record<string, Buffer>> = {
  'a line': Buffer.alloc(64 * 1_024, 'x'),
  'an event of many lines': Buffer.from(`data: ${'x'.repeat(1_000)}\n`.repeat(64)),
  'an unfinished string': Buffer.from(`data: "${'\\u0041'.repeat(10_000)}`),
  'a line of zeros': Buffer.alloc(32 * 1_024),
}

describe('what never ends', () => {
  for (const dialect of dialects) {
    for (const isNative of [true, false]) {
      for (const [what, piece] of Object.entries(endless)) {
        it(`${what} is refused by ${dialect}${isNative ? ', passed on' : ''}`, () => {
          const decoder = adapters.for(dialect).openStream({
            target: recordedTarget({ dialect }),
            isNative,
            isUsageWanted: true,
            mintId: () => 'minted',
          })
          let bytes = 0
          while (!decoder.problem && bytes <= bytesMax) {
            assert.deepEqual(decoder.push(piece), [])
            bytes += piece.length
          }
          assert.equal(decoder.problem?.code, 'provider_malformed', `${bytes} bytes were taken`)
          assert.deepEqual(decoder.push(piece), [])
          assert.deepEqual(decoder.end(), [])
        })
      }
    }
  }
})
