/** A few thousand spoilt inputs for everything that takes bytes from outside. `npm run fuzz` runs as many as one likes. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fuzz } from './fuzz-run.ts'
import { fuzzSubjects } from './fuzz-subjects.ts'

const seed = process.env['FUZZ_SEED'] ?? 'signalbox'
const runs = 150

describe('spoilt bytes from outside', () => {
  for (const subject of fuzzSubjects) {
    it(`never break: ${subject.name}`, () => {
      const { finding, outcomes } = fuzz(subject, { seed, runs })
      if (finding) {
        assert.fail(
          `npm run fuzz -- --seed=${seed} --only="${subject.name}" --from=${finding.run} --runs=1\n` +
            `${finding.sentence}\non ${JSON.stringify(finding.input.toString())}`,
        )
      }
      assert.ok(outcomes.size > 1, `every input had the same outcome: ${[...outcomes.keys()].join()}`)
    })
  }
})
