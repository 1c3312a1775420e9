/** What nobody has recorded as a stream is told as one that says the same. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sceneOf, toldScenes } from '#tests/clients/scenes.ts'
import { targets } from '#tests/clients/targets.ts'
import { adapters } from '#tests/support/adapters.ts'
import { disagreements, readRecording } from '#tests/support/recording-verdict.ts'

describe('a whole answer told as a stream', () => {
  for (const { name, dialect } of targets) {
    for (const scene of toldScenes(name)) {
      it(`says the same: ${name}, ${scene}`, () => {
        const script = sceneOf(name, dialect, scene)
        assert.ok(!('notThere' in script))
        const [told] = script
        assert.ok(told?.reply.stream !== undefined)
        for (const chunkSizes of [[], [1], [7]]) {
          const outcome = readRecording(told, adapters.for(dialect), { chunkSizes })
          assert.deepEqual(disagreements(told, outcome), [])
        }
      })
    }
  }
})
