/**
 * Streams that end at every place: the provider breaks off, or the reader leaves. One row ends each request, nothing
 * stays held, and what is charged is the provider's bill where it was heard, else what was delivered.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Dialect } from '#core/domain/chat.ts'
import { askingOf, expectedCost, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import type { BookedRow } from '#tests/money/money-books.ts'
import { inTurns, markedPrompt, openMoneyStage } from '#tests/money/money-stage.ts'
import type { MoneyStage } from '#tests/money/money-stage.ts'
import { rounds, tell } from '#tests/money/soak.ts'
import { dialects } from '#tests/support/adapters.ts'
import { replyBytes } from '#tests/support/recording.ts'
import type { Recording } from '#tests/support/recording.ts'

let stage: MoneyStage
before(async () => {
  stage = await openMoneyStage()
})
after(async () => stage.close())

/** The shortest stream of a dialect that says what it used, of more than one piece of content. */
function subjectOf(dialect: Dialect) {
  const asking = askingOf(dialect)
  const streams = recordingsOf(asking)
    .filter(({ reply, expect: { outcome, usage, serverTools } }) => {
      return outcome === 'ok' && usage && !serverTools?.length && piecesIn(reply) > 4
    })
    .toSorted((one, other) => replyBytes(one.reply).length - replyBytes(other.reply).length)
  const recording = streams.find(({ expect }) => expect.text) ?? streams[0]
  assert.ok(recording?.expect.usage)
  const { length } = replyBytes(recording.reply)
  const places = Math.min(length, rounds(12, 1_000))
  const offsets = Array.from({ length: places }, (_, place) => Math.ceil((length * place) / places))
  return {
    asking,
    recording,
    length,
    offsets,
    costNanoUsd: expectedCost(asking, recording, recording.expect.usage),
  }
}

const piecesIn = ({ stream }: Recording['reply']) => stream?.split(/\r?\n\r?\n/).length ?? 0

type Subject = ReturnType<typeof subjectOf>

/** Asks, and gives the status of the head, or undefined when there came none. */
async function askAndRead(
  mark: string,
  { asking }: Subject,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const body = { prompt: markedPrompt(mark), model: asking.model, max_tokens: 1_000 }
  try {
    const call = { mark, path: '/v1/generate/stream', body }
    const response = await stage.ask(signal ? { ...call, signal } : call)
    await response.text().catch(() => undefined)
    return response.status
  } catch {
    return undefined
  }
}

async function providerCuts(subject: Subject, offset: number, how: 'fin' | 'rst' | 'clean') {
  const mark = `cut-${how}-${subject.asking.dialect}-${offset}`
  const cut = { afterBytes: offset, how }
  stage.play(mark, { recording: subject.recording, costNanoUsd: subject.costNanoUsd, cut })
  return { mark, offset, status: await askAndRead(mark, subject) }
}

async function readerLeaves(subject: Subject, offset: number) {
  const mark = `left-${subject.asking.dialect}-${offset}`
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const leaving = new AbortController()
  const { recording, costNanoUsd, length } = subject
  const beforeChunk = (written: number) => {
    if (written < offset) return undefined
    reached.resolve()
    return gate.promise
  }
  const chunkSizes = [Math.max(1, offset), length]
  stage.play(mark, {
    recording,
    costNanoUsd,
    chunkSizes,
    ...(offset === 0 ? { beforeHead: () => beforeChunk(0) ?? gate.promise } : { beforeChunk }),
  })
  const asked = askAndRead(mark, subject, leaving.signal)
  await reached.promise
  leaving.abort()
  await asked
  return { mark, letOn: () => gate.resolve() }
}

/** The rows that end these requests, once the books are at rest. */
async function restOf(marks: readonly string[]): Promise<Map<string, BookedRow>> {
  return eventually(async () => {
    const books = await stage.books()
    const ends = new Map(
      books.rows
        .filter(({ kind }) => kind !== 'failed')
        .map((row) => [row.request_id.split('.')[0] ?? '', row] as const),
    )
    for (const mark of marks) assert.ok(ends.has(mark), `no row ends ${mark}`)
    assertMoney(books)
    return ends
  })
}

for (const dialect of dialects) {
  test(`${dialect}: wherever the provider breaks off, there is one row, nothing is held, and the charge grows with what came`, async () => {
    const subject = subjectOf(dialect)
    const jobs = subject.offsets.flatMap((offset, position) => {
      const how = (['fin', 'rst', 'clean'] as const)[position % 3] ?? 'fin'
      return [() => providerCuts(subject, offset, how)]
    })
    const calls = await inTurns(jobs)
    const ends = await restOf(calls.map(({ mark }) => mark))
    let charged = 0
    let before = 0
    for (const { mark, status } of calls) {
      const row = ends.get(mark)
      assert.ok(row)
      if (row.kind === 'refused') {
        // Nothing was shown: the provider's own fault costs the caller nothing.
        assert.notEqual(status, 200, mark)
        assert.equal(row.cost_nano_usd, 0)
      } else {
        charged += 1
        assert.ok(row.cost_nano_usd > 0)
        if (row.is_estimated === 0) assert.equal(row.cost_nano_usd, subject.costNanoUsd, mark)
        else if (mark.startsWith('cut-clean')) {
          // A connection that breaks may lose its last bytes on the way; a body that ends too early does not.
          assert.ok(row.cost_nano_usd >= before, `${mark} was charged less than a shorter part`)
          before = row.cost_nano_usd
        }
      }
    }
    assert.ok(charged > 0)
    tell(`${dialect}: cut at ${calls.length} places of ${subject.length} bytes, ${charged} charged`)
  })

  test(`${dialect}: wherever the reader leaves, there is one row, nothing is held, and the work is charged`, async () => {
    const subject = subjectOf(dialect)
    const calls = await inTurns(subject.offsets.map((offset) => () => readerLeaves(subject, offset)))
    const ends = await restOf(calls.map(({ mark }) => mark))
    for (const { letOn } of calls) letOn()
    for (const { mark } of calls) {
      const row = ends.get(mark)
      assert.ok(row)
      assert.equal(row.kind, 'charge', mark)
      assert.ok(row.cost_nano_usd > 0, `${mark} cost nothing`)
      if (row.is_estimated === 0) assert.equal(row.cost_nano_usd, subject.costNanoUsd, mark)
    }
    tell(`${dialect}: left at ${calls.length} places of ${subject.length} bytes`)
  })
}

test('every call that was left is on the bill and in the books, once', async () => {
  const books = await stage.books()
  const billed = stage.bills.filter(({ mark }) => mark.startsWith('left-'))
  const rows = books.rows.filter(({ request_id }) => request_id.startsWith('left-'))
  const { exact, estimated, uncharged } = assertMoney({ ...books, rows, counters: [] }, { bills: billed })
  assert.equal(exact + estimated, billed.length)
  assert.ok(estimated > exact, 'most of them left before the bill could be heard')
  assert.equal(uncharged, 0)
  tell(`left: ${exact} charged as billed, ${estimated} estimated`)
})
