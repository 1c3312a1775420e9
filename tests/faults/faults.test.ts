/** Every way in which a provider fails, at every dialect and door: rescued, or told cleanly, never shown as success. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import { faultDoors } from '#tests/faults/fault-doors.ts'
import { faultModes } from '#tests/faults/fault-modes.ts'
import { coveringCases, everyCase } from '#tests/faults/fault-plan.ts'
import { caseName } from '#tests/faults/fault-case.ts'
import type { CaseResult } from '#tests/faults/fault-run.ts'
import { tour } from '#tests/faults/fault-tour.ts'
import { isSoak, tell } from '#tests/money/soak.ts'
import { dialects } from '#tests/support/adapters.ts'

const cases = isSoak ? everyCase() : coveringCases()
let results: readonly CaseResult[] = []

const hourMs = 3_600_000

before(
  async () => {
    let told = 0
    results = await tour(cases, ({ length: done }) => {
      if (done - told < 500) return
      told = done
      tell(`${done} of ${cases.length} cases`)
    })
  },
  { timeout: hourMs },
)

describe('a provider that fails', () => {
  for (const mode of faultModes) {
    it(`by ${mode.name} (${mode.phase})`, () => {
      const own = results.filter(({ one }) => one.mode === mode)
      assert.ok(own.length > 0)
      const findings = own.flatMap(({ one, findings: found }) =>
        found.map((finding) => `${caseName(one)}: ${finding}`),
      )
      assert.deepEqual(findings, [])
    })
  }
})

describe('the faults', () => {
  it('are many, and each has a name of its own', () => {
    assert.ok(faultModes.length >= 60)
    assert.equal(new Set(faultModes.map(({ name }) => name)).size, faultModes.length)
  })

  it('strike every dialect, every door, with a fallback and without', () => {
    const seen = new Set(cases.map(({ dialect, door, isArmed }) => `${dialect} at ${door.name} ${isArmed}`))
    assert.equal(seen.size, dialects.length * faultDoors.length * 2)
    for (const mode of faultModes) {
      if (mode.isHeavy) continue
      const struck = new Set(cases.filter((one) => one.mode === mode).map(({ dialect }) => dialect))
      assert.deepEqual([...struck].sort(), [...(mode.dialects ?? dialects)].sort(), mode.name)
    }
  })

  it('are never shown as success', () => {
    const count = (became: CaseResult['became']) => results.filter((one) => one.became === became).length
    assert.equal(count('shown as success'), 0)
    assert.equal(count('unclear'), 0)
    tell(
      `${results.length} cases: ${count('passed')} passed, ${count('rescued')} rescued, ${count('refused')} refused, ${count('broken')} told as broken`,
    )
  })
})
