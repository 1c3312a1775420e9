/** The same faults in mid-answer where others may go on: a caller has a whole answer, or is told; nothing is made up. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { caseName } from '#tests/faults/fault-case.ts'
import type { FaultCase } from '#tests/faults/fault-case.ts'
import { batchesOf, coveringCases, everyCase } from '#tests/faults/fault-plan.ts'
import { forgetfulSettings, openFaultStage } from '#tests/faults/fault-stage.ts'
import type { GoingOn } from '#tests/faults/going-on.ts'
import { runCases } from '#tests/faults/fault-run.ts'
import { soundInAnyCase } from '#tests/faults/fuzzed-sockets.ts'
import { isSoak, tell } from '#tests/money/soak.ts'

const isRescuable = ({ mode }: FaultCase) => mode.phase === 'in mid-answer'

const cases = (isSoak ? everyCase() : coveringCases()).filter(
  (one) => isRescuable(one) && one.isArmed && one.mode.isHeavy !== true,
)

const settings = forgetfulSettings.replace('policy: error', 'policy: continue')

/** What became of the cases, counted, and what was wrong with any of them. */
async function tourWith(goingOn: GoingOn) {
  const stage = await openFaultStage(settings, goingOn)
  const counts = new Map<string, number>()
  const findings: string[] = []
  try {
    for (const batch of batchesOf(cases)) {
      for (const { one, became, findings: own } of await runCases(stage, batch, soundInAnyCase)) {
        counts.set(became, (counts.get(became) ?? 0) + 1)
        const isWrong = became === 'shown as success' || became === 'refused'
        const found = isWrong ? [became, ...own] : own
        findings.push(...found.map((finding) => `${caseName(one)}: ${finding}`))
      }
    }
  } finally {
    await stage.close()
  }
  tell(`${goingOn}: ${[...counts].map(([became, count]) => `${became} ${count}`).join(', ')}`)
  return { findings, rescued: counts.get('rescued') ?? 0, broken: counts.get('broken') ?? 0 }
}

const limits = { timeout: 3_600_000 }

it('a break in mid-answer is gone on with by a fallback that does as it is asked', limits, async () => {
  const { findings, rescued, broken } = await tourWith('repeating')
  assert.deepEqual(findings, [])
  assert.ok(rescued > broken, `${rescued} rescued, ${broken} told as broken`)
})

it('a break is told where the fallback refuses to go on, and nothing is made up', limits, async () => {
  const { findings, rescued, broken } = await tourWith('refusing')
  assert.deepEqual(findings, [])
  assert.ok(rescued === 0 && broken > 0, `${rescued} rescued, ${broken} told as broken`)
})
