/** The judge of the faults is no rubber stamp: it finds what it is there to find. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import type { FaultCase, Shown } from '#tests/faults/fault-case.ts'
import { faultDoors } from '#tests/faults/fault-doors.ts'
import { judgeRows, judgeShown } from '#tests/faults/fault-judge.ts'
import { faultModes } from '#tests/faults/fault-modes.ts'
import { materialOf, targetWords } from '#tests/faults/fault-stage.ts'
import type { KeptRow } from '#tests/journeys/records.ts'
import { dialects } from '#tests/support/adapters.ts'

function caseOf(modeName: string, doorName: string, isArmed = false): FaultCase {
  const mode = faultModes.find(({ name }) => name === modeName)
  const door = faultDoors.find(({ name }) => name === doorName)
  assert.ok(mode && door)
  return { mark: 'm1', mode, door, dialect: 'anthropic-messages', isArmed }
}

const shown = (text: string, more: Partial<Shown> = {}): Shown => ({
  status: 200,
  type: 'text/event-stream',
  text,
  isCut: false,
  ...more,
})

it('a shortened answer that ends like a whole one is a success that is none', () => {
  for (const dialect of dialects) {
    const { stream } = materialOf(dialect, 'stream', targetWords)
    const { opening, deltas, ending, terminator = '' } = stream
    const text = [...opening, ...deltas.slice(0, 4), ...ending, terminator].join('')
    const one = caseOf('closed in mid-answer', `${dialect} (stream)`)
    const { became, findings } = judgeShown(one, shown(text))
    assert.equal(became, 'shown as success', dialect)
    assert.ok(findings.length > 0)
  }
})

it('a shortened answer that just ends is not clear, and bare text that just ends is taken for whole', () => {
  const one = caseOf('closed in mid-answer', 'openai-chat (stream)')
  const { stream } = materialOf('openai-chat', 'stream', targetWords)
  assert.equal(judgeShown(one, shown([...stream.opening, ...stream.deltas].join(''))).became, 'unclear')
  const bare = caseOf('closed in mid-answer', 'generate (bare text)')
  assert.equal(judgeShown(bare, shown('The target: Words ')).became, 'shown as success')
  assert.equal(judgeShown(bare, shown('The target: Words ', { isCut: true })).became, 'broken')
})

it('a refusal that is no JSON is not clear, and one where a fallback stood ready is wrong', () => {
  const armed = caseOf('status 500', 'openai-chat', true)
  const page = shown('<html>', { status: 502, type: 'text/html' })
  assert.equal(judgeShown(armed, page).became, 'unclear')
  const refusal = shown('{"error":{"message":"no"}}', { status: 502, type: 'application/json' })
  assert.match(judgeShown(armed, refusal).findings.join(), /refused, not rescued/)
  assert.deepEqual(judgeShown({ ...armed, isArmed: false }, refusal).findings, [])
})

it('rows that are missing, doubled, billed or named otherwise are found', () => {
  const one = caseOf('status 500', 'openai-chat')
  const failed = { kind: 'failed', attempt: 1, problem: 'provider_error', cost_nano_usd: 0 } as KeptRow
  const ended = { kind: 'refused', attempt: 0, problem: 'provider_error', cost_nano_usd: 0 } as KeptRow
  assert.deepEqual(judgeRows(one, 'refused', [failed, ended]), [])
  const wrong: ReadonlyArray<readonly KeptRow[]> = [
    [],
    [ended],
    [failed],
    [failed, ended, ended],
    [failed, { ...failed, attempt: 2 }, ended],
    [{ ...failed, cost_nano_usd: 5 }, ended],
    [{ ...failed, problem: 'provider_timeout' }, ended],
  ]
  for (const rows of wrong) assert.ok(judgeRows(one, 'refused', rows).length > 0, JSON.stringify(rows))
})
