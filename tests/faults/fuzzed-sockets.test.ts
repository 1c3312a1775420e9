/** Streams that are spoilt at random, over real sockets through the whole gateway: told for what they are, and settled. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { caseName } from '#tests/faults/fault-case.ts'
import { runCases } from '#tests/faults/fault-run.ts'
import { openFaultStage } from '#tests/faults/fault-stage.ts'
import { fuzzedCase, soundInAnyCase } from '#tests/faults/fuzzed-sockets.ts'
import { rounds, tell } from '#tests/money/soak.ts'

const seed = process.env['FUZZ_SEED'] ?? 'signalbox'
const atOnce = 24

it(
  'spoilt streams over sockets end as answers, or as failures that are told',
  { timeout: 3_600_000 },
  async () => {
    const stage = await openFaultStage()
    const counts = new Map<string, number>()
    let chunks = 0
    try {
      for (let round = 0; round < rounds(6, 200); round += 1) {
        const cases = Array.from({ length: atOnce }, (_, at) => fuzzedCase(seed, round * atOnce + at))
        for (const { chunks: own } of cases) chunks += own
        for (const { one, became, findings } of await runCases(stage, cases, soundInAnyCase)) {
          assert.deepEqual(findings, [], `${caseName(one)} (seed ${seed})`)
          counts.set(became, (counts.get(became) ?? 0) + 1)
        }
      }
    } finally {
      await stage.close()
    }
    assert.ok(
      (counts.get('broken') ?? 0) > 0 && (counts.get('refused') ?? 0) > 0 && (counts.get('rescued') ?? 0) > 0,
    )
    tell(
      `${chunks} chunks over sockets: ${[...counts].map(([became, count]) => `${became} ${count}`).join(', ')}`,
    )
  },
)
