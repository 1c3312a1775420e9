/** Deadlines of single models and routes, over sockets: the one that is less patient gives up first, others wait on. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { meetAnswer, understand } from '#tests/faults/fault-case.ts'
import { faultDoors } from '#tests/faults/fault-doors.ts'
import { becameOf } from '#tests/faults/fault-judge.ts'
import { forgetfulSettings, markIn, openFaultStage, targetModel } from '#tests/faults/fault-stage.ts'
import { silence } from '#tests/faults/wire-step.ts'
import { eventually } from '#tests/journeys/eventually.ts'

const hasty = targetModel('openai-chat')
const usual = targetModel('openai-responses')
const settings = `${forgetfulSettings.replace(
  'resilience: {deadlines: {',
  `resilience: {deadlines: {${hasty}: {first_token_ms: 5000}, `,
)}
routing: {routes: {soon: {targets: [${usual}], deadlines: {first_token_ms: 9000}}}}
`

it('a model gives up by its own deadline, a route by its own, and others by the usual one', async () => {
  const stage = await openFaultStage(settings)
  const ended: string[] = []
  try {
    stage.playAlways(() => [silence])
    const door = faultDoors.find(({ name, kind }) => kind === 'stream' && name.startsWith('openai-chat'))
    assert.ok(door)
    const ask = async (mark: string, model: string) => {
      const one = { mark, door, dialect: 'openai-chat' as const, isArmed: true, model }
      const became = becameOf(understand(one, await meetAnswer(stage, one)))
      ended.push(`${mark} ${became}`)
    }
    const asked = [ask('hasty', hasty), ask('routed', 'soon'), ask('usual', usual)]
    await eventually(() => {
      const waiting = stage.provider.heard.filter(({ isSilent }) => isSilent)
      assert.deepEqual(waiting.map(({ request }) => markIn(request)).sort(), ['hasty', 'routed', 'usual'])
    })
    const passes = async (ms: number, expected: readonly string[]) => {
      stage.clock.leap(ms)
      await eventually(() => assert.deepEqual(ended, expected))
      // Whoever else were given up now would be so within the ticks of the deadlines.
      await sleep(100)
      assert.deepEqual(ended, expected)
    }
    await passes(4_000, [])
    await passes(2_000, ['hasty rescued'])
    await passes(4_000, ['hasty rescued', 'routed rescued'])
    await passes(21_000, ['hasty rescued', 'routed rescued', 'usual rescued'])
    await Promise.all(asked)
  } finally {
    await stage.close()
  }
})
