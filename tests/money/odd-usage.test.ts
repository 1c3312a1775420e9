/** Providers that report nothing, or nonsense: the answer is given, charged by what is known, and never as nonsense. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Dialect } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { askingOf, expectedCost, recordingsOf } from '#tests/journeys/provider-stage.ts'
import type { Asking } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { markedPrompt, openMoneyStage } from '#tests/money/money-stage.ts'
import type { MoneyStage } from '#tests/money/money-stage.ts'
import type { Recording } from '#tests/support/recording.ts'

let stage: MoneyStage
before(async () => {
  stage = await openMoneyStage()
})
after(async () => stage.close())

/** Where each dialect's whole answers keep their usage, and the names of its two totals. */
const places: ReadonlyArray<readonly [Dialect, member: string, input: string, output: string]> = [
  ['openai-chat', 'usage', 'prompt_tokens', 'completion_tokens'],
  ['openai-responses', 'usage', 'input_tokens', 'output_tokens'],
  ['anthropic-messages', 'usage', 'input_tokens', 'output_tokens'],
  ['gemini-generate', 'usageMetadata', 'promptTokenCount', 'candidatesTokenCount'],
]

const oddCounts: ReadonlyArray<readonly [name: string, count: JsonValue]> = [
  ['zero', 0],
  ['negative', -1_000_000],
  ['a fraction', 3.7],
  ['a word', 'many'],
  ['null', null],
  ['a list', [1]],
  ['astronomical', 1e18],
  ['infinite as JSON can say it', 1e300],
]

const maxTokens = 500
/** The most that a question of this test can cost by its hold; a report may be believed up to four times that. */
const believedMost = ({ usd }: Asking) =>
  4 * (Math.max(usd.input, usd.cacheWrite ?? 0) * 100 + usd.output * maxTokens) * 1_000 + 100

function wholeOf(asking: Asking): Recording {
  const recording = recordingsOf(asking).find(
    ({ reply, expect }) =>
      reply.stream === undefined &&
      expect.outcome === 'ok' &&
      expect.text &&
      expect.usage &&
      !expect.serverTools?.length,
  )
  assert.ok(recording)
  return recording
}

async function askWith(asking: Asking, mark: string, body: JsonObject) {
  const recording = wholeOf(asking)
  const reply = { ...recording.reply, body }
  stage.play(mark, { recording: { reply }, costNanoUsd: 0 })
  const response = await stage.ask({
    mark,
    path: '/v1/generate',
    body: { prompt: markedPrompt(mark), model: asking.model, max_tokens: maxTokens },
  })
  assert.equal(response.status, 200, await response.clone().text())
  await response.arrayBuffer()
  return eventually(async () => {
    const books = await stage.books()
    const row = books.rows.find(({ request_id }) => request_id.startsWith(`${mark}.`))
    assert.ok(row)
    assertMoney(books)
    return row
  })
}

for (const [dialect, member, input, output] of places) {
  const asking = askingOf(dialect)

  test(`${dialect}: no report of usage is charged by what passed by, and said to be estimated`, async () => {
    const { [member]: _usage, ...body } = asObject(wholeOf(asking).reply.body) ?? {}
    const row = await askWith(asking, `${dialect}-none`, body)
    assert.ok(row.cost_nano_usd > 0 && row.is_estimated === 1)
  })

  for (const [position, [name, count]] of oddCounts.entries()) {
    test(`${dialect}: counts that are ${name} charge no negative, broken or absurd amount`, async () => {
      const body = asObject(wholeOf(asking).reply.body) ?? {}
      const usage = { ...asObject(body[member] ?? null), [input]: count, [output]: count }
      const row = await askWith(asking, `${dialect}-${position}`, { ...body, [member]: usage })
      assert.equal(row.kind, 'charge')
      assert.ok(Number.isSafeInteger(row.cost_nano_usd) && row.cost_nano_usd >= 0)
      assert.ok(row.cost_nano_usd <= believedMost(asking), `${row.cost_nano_usd} was charged`)
      assert.ok(row.cost_nano_usd > 0, 'an answer is not free because its report is nonsense')
    })
  }

  test(`${dialect}: parts larger than their total cost no more than their total at the dearest price`, async () => {
    const recording = wholeOf(asking)
    const body = asObject(recording.reply.body) ?? {}
    const details = { cached_tokens: 1e9, reasoning_tokens: 1e9 }
    const usage = {
      ...asObject(body[member] ?? null),
      prompt_tokens_details: details,
      input_tokens_details: details,
      completion_tokens_details: details,
      output_tokens_details: details,
      cachedContentTokenCount: 1e9,
    }
    const row = await askWith(asking, `${dialect}-parts`, { ...body, [member]: usage })
    assert.ok(row.cost_nano_usd <= expectedCost(asking, recording, recording.expect.usage ?? assert.fail()))
  })
}
