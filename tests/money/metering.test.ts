/** The meter counts the same however a recorded stream is cut into pieces on its way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countEvents, createMeter, surelyProduced, usageToCharge } from '#core/gateway/meter.ts'
import { adapters, dialects } from '#tests/support/adapters.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'
import { piecesOf } from '#tests/support/recording-verdict.ts'
import { replyBytes } from '#tests/support/recording.ts'
import type { Recording } from '#tests/support/recording.ts'

const workload = { estimate: { likely: 100, bound: 200 }, searchUnitsBound: 0 }

/** What the meter says after the first bytes of a recording, read in pieces of these sizes. */
function metered(recording: Recording, sizes: readonly number[], isNative: boolean, bytesRead?: number) {
  const meter = createMeter()
  let minted = 0
  const decoder = adapters.for(recording.dialect).openStream({
    target: recordedTarget(recording),
    isNative,
    isUsageWanted: true,
    mintId: () => `minted-${(minted += 1)}`,
  })
  for (const piece of piecesOf(replyBytes(recording.reply).subarray(0, bytesRead), sizes)) {
    countEvents(meter, decoder.push(piece))
  }
  countEvents(meter, decoder.end())
  const isWhole = decoder.isComplete && !decoder.problem
  return {
    meter,
    produced: surelyProduced(meter),
    charged: usageToCharge(meter, workload, isWhole),
    problem: decoder.problem?.code,
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 30 })

for (const dialect of dialects) {
  const streams = readGoldenRecordings(dialect).filter(
    ({ reply, expect }) => reply.stream !== undefined && expect.outcome === 'ok' && !expect.acceptAlso,
  )
  test(`${dialect}: any cutting of a stream gives the same meter`, () => {
    assert.ok(streams.length > 0)
    fc.assert(
      fc.property(fc.constantFrom(...streams), sizes, fc.boolean(), (recording, cut, isNative) => {
        assert.deepEqual(metered(recording, cut, isNative), metered(recording, [], isNative), recording.name)
      }),
      { numRuns: 100 },
    )
  })

  test(`${dialect}: the more of a stream has come, the more has surely been produced`, () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.constantFrom(...streams), share, share, (recording, one, other) => {
        const { length } = replyBytes(recording.reply)
        const shorter = metered(recording, [], false, Math.floor(length * Math.min(one, other)))
        const longer = metered(recording, [], false, Math.floor(length * Math.max(one, other)))
        assert.ok(shorter.produced <= longer.produced, recording.name)
      }),
      { numRuns: 100 },
    )
  })
}
