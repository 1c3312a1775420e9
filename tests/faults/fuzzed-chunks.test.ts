/** A great many chunks of streams that are cut or spoilt: whatever they say, no door ever tells a cut one as whole. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { fuzzChunks } from '#tests/faults/fuzzed-chunks.ts'
import { rounds, tell } from '#tests/money/soak.ts'

const seed = process.env['FUZZ_SEED'] ?? 'signalbox'

it('chunks that are cut and spoilt end as answers, or as failures that are told', () => {
  const count = fuzzChunks(seed, rounds(20_000, 1_000_000))
  const { chunks, streams, cut, endings } = count
  assert.ok(cut > streams / 10, 'streams were cut')
  assert.ok((endings.get('whole') ?? 0) > 0 && (endings.get('broken') ?? 0) > 0)
  const told = [...endings].map(([ending, times]) => `${ending} ${times}`).join(', ')
  tell(`${chunks} chunks of ${streams} streams, ${cut} of them cut: ${told}`)
})
