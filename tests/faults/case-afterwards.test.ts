/** What is looked at after each case is noticed when it is wrong: here while the case has not even ended. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { watchCases } from '#tests/faults/case-afterwards.ts'
import { meetFault } from '#tests/faults/fault-case.ts'
import type { FaultCase } from '#tests/faults/fault-case.ts'
import { faultDoors } from '#tests/faults/fault-doors.ts'
import { judgeRows, judgeShown } from '#tests/faults/fault-judge.ts'
import { passes } from '#tests/faults/fault-mode.ts'
import { openFaultStage } from '#tests/faults/fault-stage.ts'
import { soundReply } from '#tests/faults/spoken.ts'
import { silence } from '#tests/faults/wire-step.ts'
import { eventually } from '#tests/journeys/eventually.ts'

it('a request that is still attended to, its money, its socket and its missing row are found', async () => {
  const stage = await openFaultStage()
  const [door] = faultDoors
  assert.ok(door)
  const caseOf = (mark: string, wire: FaultCase['mode']['wire']): FaultCase => ({
    mark,
    dialect: 'openai-chat',
    door,
    isArmed: false,
    mode: { name: mark, phase: 'harmless', wire, expect: passes },
  })
  const hanging = caseOf('m1', () => [silence])
  const sound = caseOf('m2', soundReply)
  const leaving = new AbortController()
  const watch = watchCases(stage, { shown: judgeShown, rows: judgeRows }, () => 0, 200)
  try {
    const asked = meetFault(stage, hanging, leaving.signal).catch(() => undefined)
    await eventually(() => assert.equal(stage.provider.heard.filter(({ isSilent }) => isSilent).length, 1))
    const found = (await watch.findingsAfter(hanging, 'passed')).join('\n')
    for (const sentence of [
      '1 requests are attended to and 0 callers wait',
      'no row says how it ended',
      'money stays held',
      'a socket to a provider stays open',
      'the request has not one end',
    ]) {
      assert.ok(found.includes(sentence), `${sentence} is not among:\n${found}`)
    }
    leaving.abort()
    await asked
    await meetFault(stage, sound, AbortSignal.timeout(60_000))
    const patient = watchCases(stage, { shown: judgeShown, rows: judgeRows }, () => 0)
    assert.deepEqual(await patient.findingsAfter(sound, 'passed'), [])
    patient.close()
  } finally {
    leaving.abort()
    watch.close()
    await stage.close()
  }
})
