/** Another model answers in place of the one that failed, through every door: the answer, its headers and its rows say so. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'

import type { Dialect } from '#core/domain/chat.ts'
import { bareTextDoor, faultDoors } from '#tests/faults/fault-doors.ts'
import type { FaultDoor } from '#tests/faults/fault-doors.ts'
import {
  fallbackModel,
  fallbackWords,
  markedPrompt,
  materialOf,
  openFaultStage,
  targetModel,
  targetWords,
} from '#tests/faults/fault-stage.ts'
import type { FaultStage } from '#tests/faults/fault-stage.ts'
import { fallbackDialect } from '#tests/faults/fault-case.ts'
import { reply, write } from '#tests/faults/wire-step.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import { dialects } from '#tests/support/adapters.ts'

let stage: FaultStage
before(async () => {
  stage = await openFaultStage()
})
after(() => stage.close())

/** The last number under any of these names. */
function numberOf(text: string, ...names: readonly string[]): number | undefined {
  const found = [...text.matchAll(new RegExp(`"(?:${names.join('|')})":\\s*(\\d+)`, 'g'))].at(-1)?.[1]
  return found === undefined ? undefined : Number(found)
}

const inputNames = ['prompt_tokens', 'input_tokens', 'promptTokenCount']
const outputNames = ['completion_tokens', 'output_tokens', 'candidatesTokenCount']

/** Chat completions tell the usage of a stream only when asked to, and bare text tells nothing. */
const tellsUsage = ({ name, kind }: FaultDoor) =>
  name !== bareTextDoor && !(kind === 'stream' && name.startsWith('openai-chat'))
/** Cohere's answers name no model; bare text names nothing. */
const tellsModel = ({ name }: FaultDoor) => name !== bareTextDoor && !name.startsWith('cohere-chat')

/** The rows of a request once the one that ends it is there. */
const rowsOf = (mark: string) =>
  eventually(() => {
    const rows = readRecords(stage.house.dataDir).rows.filter((row) => row.request_id.startsWith(`${mark}.`))
    assert.ok(rows.some(({ kind }) => kind === 'charge'))
    return rows
  })

async function askThrough(door: FaultDoor, dialect: Dialect, mark: string): Promise<Response> {
  const material = materialOf(dialect, door.kind, targetWords)
  const refusal = reply(503, material.wire.refusal('overloaded', 'The double says no.'))
  stage.play(mark, { steps: [write(refusal)], readerBegan: Promise.resolve() })
  return fetch(stage.house.address + door.path(targetModel(dialect)), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': mark,
      accept: door.name === bareTextDoor ? 'text/plain' : 'text/event-stream, application/json',
      'anthropic-version': '2023-06-01',
      'x-signalbox-fallbacks': fallbackModel(fallbackDialect(dialect)),
    },
    body: JSON.stringify(door.body(targetModel(dialect), markedPrompt(mark))),
  })
}

for (const [turn, door] of faultDoors.entries()) {
  it(`at ${door.name} (${door.kind})`, async () => {
    const dialect = dialects[turn % dialects.length] ?? 'openai-chat'
    const other = fallbackDialect(dialect)
    const mark = `named${turn}`
    const response = await askThrough(door, dialect, mark)
    const text = await response.text()
    assert.equal(response.status, 200, text)
    const words =
      door.kind === 'whole' ? door.wholeText(JSON.parse(text) as never) : door.readStream(text).text
    assert.equal(words, fallbackWords.join(''))
    assert.equal(response.headers.get('x-signalbox-provider'), fallbackModel(other))
    assert.match(
      response.headers.get('x-signalbox-model') ?? '',
      new RegExp(`^(${fallbackModel(other)}|the-model-of-${other})$`),
    )
    assert.equal(response.headers.get('x-signalbox-attempts'), '2')
    if (tellsModel(door)) assert.match(text, new RegExp(`"(${fallbackModel(other)}|the-model-of-${other})"`))
    assert.ok(!text.includes(targetModel(dialect)) && !text.includes(`the-model-of-${dialect}`))

    const rows = await rowsOf(mark)
    const [failed, charge] = rows
    assert.deepEqual(
      rows.map(({ kind, attempt, problem, provider }) => [kind, attempt, problem, provider]),
      [
        ['failed', 1, 'provider_overloaded', targetModel(dialect)],
        ['charge', 2, null, fallbackModel(other)],
      ],
    )
    assert.ok(failed && charge && failed.cost_nano_usd === 0 && charge.cost_nano_usd > 0)
    // What the double says of itself, at the prices of its card: 2 and 9 dollars for a million tokens.
    assert.equal(charge.cost_nano_usd, charge.input_tokens * 2_000 + charge.output_tokens * 9_000)
    if (door.kind === 'whole') {
      const costUsd = Number(response.headers.get('x-signalbox-cost-usd'))
      assert.equal(Math.round(costUsd * 1e9), charge.cost_nano_usd)
    }
    if (tellsUsage(door)) {
      assert.deepEqual(
        [numberOf(text, ...inputNames), numberOf(text, ...outputNames)],
        [charge.input_tokens, charge.output_tokens],
        text,
      )
    }
    await assertNothingHeld(stage.house)
  })
}
