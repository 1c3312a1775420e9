/** A tour through many cases: batch after batch, in a fresh house every so often, with everything checked after each. */
import assert from 'node:assert/strict'

import type { FaultCase } from '#tests/faults/fault-case.ts'
import { batchesOf } from '#tests/faults/fault-plan.ts'
import { runCases } from '#tests/faults/fault-run.ts'
import type { CaseResult, FaultJudge } from '#tests/faults/fault-run.ts'
import { forgetfulSettings, openFaultStage } from '#tests/faults/fault-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'

/** The books are read whole after each batch, and grow with every case. */
const casesPerHouse = 1_500

/** In what house, and judged by whom. */
export interface TourTerms {
  readonly settings?: string
  readonly judge?: FaultJudge
}

/** `onBatch` is told of the results so far. */
export async function tour(
  cases: readonly FaultCase[],
  onBatch: (results: readonly CaseResult[]) => void = () => {},
  { settings = forgetfulSettings, judge }: TourTerms = {},
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = []
  let stage = await openFaultStage(settings)
  let inThisHouse = 0
  try {
    for (const batch of batchesOf(cases)) {
      if (inThisHouse > casesPerHouse) {
        await stage.close()
        stage = await openFaultStage(settings)
        inThisHouse = 0
      }
      const { places } = stage
      results.push(...(await runCases(stage, batch, judge)))
      inThisHouse += batch.length
      onBatch(results)
      if (batch.some(({ mode }) => mode.place !== undefined)) {
        await eventually(() => assert.equal(places.openSockets(), 0, 'connections that never became one'))
      }
    }
  } finally {
    await stage.close()
  }
  return results
}
