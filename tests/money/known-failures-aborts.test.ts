/** Ways in which gateways are known to lose the cost of calls that nobody waited for. Each names its public report. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Dialect } from '#core/domain/chat.ts'
import { askingOf, expectedCost, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import type { BookedRow } from '#tests/money/money-books.ts'
import { markedPrompt, openMoneyStage } from '#tests/money/money-stage.ts'
import type { MoneyStage } from '#tests/money/money-stage.ts'
import { replyBytes } from '#tests/support/recording.ts'

let stage: MoneyStage
before(async () => {
  stage = await openMoneyStage()
})
after(async () => stage.close())

/** A stream whose words begin in its first half, which is all that is let through before the reader leaves. */
function subjectOf(dialect: Dialect, delta: string) {
  const asking = askingOf(dialect)
  const recording = recordingsOf(asking).find(
    ({ reply: { stream }, expect }) =>
      expect.outcome === 'ok' && expect.usage && stream?.slice(0, stream.length / 2).includes(delta),
  )
  assert.ok(recording?.expect.usage)
  return { asking, recording, costNanoUsd: expectedCost(asking, recording, recording.expect.usage) }
}
type Subject = ReturnType<typeof subjectOf>

/** Reads the first half of a stream, leaves, and gives the row that was written. */
async function leaveMidway(mark: string, { recording, costNanoUsd }: Subject, path: string, body: object) {
  const half = Math.floor(replyBytes(recording.reply).length / 2)
  const gate = Promise.withResolvers<void>()
  const beforeChunk = (written: number) => (written >= half ? gate.promise : undefined)
  stage.play(mark, { recording, costNanoUsd, chunkSizes: [half], beforeChunk })
  const leaving = new AbortController()
  const response = await stage.ask({ mark, path, body: { ...body }, signal: leaving.signal })
  assert.equal(response.status, 200, await (response.status === 200 ? '' : response.text()))
  await response.body?.getReader().read()
  leaving.abort()
  const row = await rowOf(mark)
  gate.resolve()
  return row
}

async function rowOf(mark: string): Promise<BookedRow> {
  return eventually(async () => {
    const books = await stage.books()
    const rows = books.rows.filter(
      ({ request_id, kind }) => request_id.startsWith(`${mark}.`) && kind !== 'failed',
    )
    assert.equal(rows.length, 1, `rows of ${mark}`)
    assertMoney(books)
    return rows[0] ?? assert.fail()
  })
}

const chat = subjectOf('openai-chat', '"content":"')
const claude = subjectOf('anthropic-messages', 'text_delta')

// BerriAI/litellm#14457
test('a stream left before its final chunk of usage costs nothing: here what passed by is counted', async () => {
  const body = { prompt: markedPrompt('final'), model: chat.asking.model, max_tokens: 900 }
  const row = await leaveMidway('final', chat, '/v1/generate/stream', body)
  assert.deepEqual([row.kind, row.status, row.is_estimated], ['charge', 499, 1])
  assert.ok(row.cost_nano_usd > 0)
})

// BerriAI/litellm#33736
test('a stream that was left has no row at all: here it has one', async () => {
  const messages = [{ role: 'user', content: markedPrompt('norow') }]
  const body = { model: chat.asking.model, messages, stream: true, max_tokens: 900 }
  const row = await leaveMidway('norow', chat, '/v1/chat/completions', body)
  assert.deepEqual([row.kind, row.status], ['charge', 499])
})

// BerriAI/litellm#30630
test('a stream that was cancelled leaves nothing of its partial use: here it is charged, in whatever API it was asked', async () => {
  const messages = [{ role: 'user', content: markedPrompt('cross') }]
  const body = { model: claude.asking.model, messages, stream: true, max_tokens: 900 }
  const row = await leaveMidway('cross', claude, '/v1/chat/completions', body)
  assert.ok(row.kind === 'charge' && row.cost_nano_usd > 0)
})

// BerriAI/litellm#37558
test('a message stream that was left records no spending: here the delivered part is charged', async () => {
  const messages = [{ role: 'user', content: markedPrompt('message') }]
  const body = { model: claude.asking.model, messages, stream: true, max_tokens: 900 }
  const row = await leaveMidway('message', claude, '/v1/messages', body)
  assert.ok(row.kind === 'charge' && row.cost_nano_usd > 0)
})

// BerriAI/litellm#39893
test('the row of a left stream prices the placeholder of its first event: here it prices the pieces that came', async () => {
  const messages = [{ role: 'user', content: markedPrompt('placeholder') }]
  const body = { model: claude.asking.model, messages, stream: true, max_tokens: 900 }
  const row = await leaveMidway('placeholder', claude, '/v1/messages', body)
  const { output_tokens: outputTokens } = row
  assert.ok(outputTokens > 1, `${outputTokens} tokens were counted`)
  assert.ok(row.cost_nano_usd >= outputTokens * claude.asking.usd.output * 1_000)
})

// BerriAI/litellm#37734
test('the row of a left stream names no priced model and loses its input: here it has both', async () => {
  const messages = [{ role: 'user', content: markedPrompt('priced') }]
  const body = { model: claude.asking.model, messages, stream: true, max_tokens: 900 }
  const row = await leaveMidway('priced', claude, '/v1/messages', body)
  assert.deepEqual([row.provider, row.model], ['anthropic', claude.asking.model])
  assert.ok(row.input_tokens > 0)
  assert.ok(
    row.cost_nano_usd > row.output_tokens * claude.asking.usd.output * 1_000,
    'its input is charged too',
  )
})

// BerriAI/litellm#13245
test('a whole answer that nobody waited for costs its input alone: here it costs what it may have become', async () => {
  const mark = 'unread'
  const gate = Promise.withResolvers<void>()
  const { asking, costNanoUsd } = chat
  const recording = recordingsOf(asking).find(
    ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok',
  )
  assert.ok(recording)
  stage.play(mark, { recording, costNanoUsd, beforeHead: () => gate.promise })
  const leaving = new AbortController()
  const maxTokens = 300
  const body = { prompt: markedPrompt(mark), model: asking.model, max_tokens: maxTokens }
  const asked = stage.ask({ mark, path: '/v1/generate', body, signal: leaving.signal }).catch(() => undefined)
  await eventually(() => {
    assert.ok(stage.bills.some((bill) => bill.mark === mark))
  })
  leaving.abort()
  await asked
  const row = await rowOf(mark)
  gate.resolve()
  assert.deepEqual([row.kind, row.is_estimated, row.output_tokens], ['charge', 1, maxTokens])
  assert.ok(row.cost_nano_usd >= maxTokens * asking.usd.output * 1_000)
})
