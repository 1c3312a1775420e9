// Streams that break off and are gone on with, through every door, from every API to every other, over real sockets.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Dialect } from '#core/domain/chat.ts'
import { doorReaders } from '#tests/doors/door-readers.ts'
import { askRaw } from '#tests/doors/raw-question.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readEvents } from '#tests/journeys/event-stream.ts'
import { askings } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import type { KeptRow } from '#tests/journeys/records.ts'
import { grammarOf } from '#tests/support/stream-grammar/check-grammar.ts'
import { openRescueStage, routeOf } from './rescue-stage.ts'
import type { RescueStage } from './rescue-stage.ts'
import { story } from './storyteller.ts'

let stage: RescueStage
before(async () => {
  stage = await openRescueStage()
})
after(() => stage.close())

/** OpenAI's models are asked in the caller's own of the two APIs that they speak. */
const spokenTo = (door: Dialect, target: Dialect): Dialect =>
  door === 'openai-responses' && target === 'openai-chat' ? door : target

const dialects = askings.map(({ dialect }) => dialect)
const breakAfter = 101

/** The rows of a request once the one that ends it is there: of each attempt its own, which add up to what was settled. */
async function checkRows(requestId: string | null, second: Dialect): Promise<readonly KeptRow[]> {
  const rows = await eventually(() => {
    const found = readRecords(stage.house.dataDir).rows.filter((row) => row.request_id === requestId)
    assert.equal(found.filter(({ kind }) => kind === 'charge').length, 1, JSON.stringify(found))
    return found
  })
  assert.deepEqual(
    rows.map(({ attempt, kind, problem }) => [attempt, kind, problem]),
    [
      [1, 'rescued', 'stream_cut'],
      [2, 'charge', null],
    ],
  )
  const [first, last] = rows
  const call = stage.teller.calls().at(-1)
  assert.ok(first && last && call)
  assert.ok(first.output_tokens >= breakAfter / 9 - 2 && first.cost_nano_usd > 0)
  assert.deepEqual([last.input_tokens, last.output_tokens], [call.input, call.output])
  assert.equal(call.dialect, second)
  return rows
}

for (const door of dialects) {
  describe(`the door of ${door}`, () => {
    for (const first of dialects) {
      for (const second of dialects) {
        it(`tells a story of ${first} to its end with ${second}: one stream by the API's grammar`, async () => {
          stage.teller.plan({ breakAfter, how: 'ended' })
          const response = await askRaw(stage.house.address, {
            dialect: door,
            model: routeOf(first, second),
            isStreamed: true,
          })
          assert.equal(response.status, 200)
          const stream = await response.text()
          assert.deepEqual(grammarOf[door](stream, 'whole'), [], stream)
          assert.equal(textIn(stream), story)
          assert.match(stream, /^: the answer broke off and goes on from \w+\//m)
          assert.deepEqual(
            stage.teller.calls().map(({ dialect }) => dialect),
            [spokenTo(door, first), spokenTo(door, second)],
          )
          await checkRows(response.headers.get('x-request-id'), spokenTo(door, second))
        })
      }
    }

    it("gives the API's official client one whole answer, with what both attempts used", async () => {
      const reader = doorReaders.find(({ dialect }) => dialect === door)
      assert.ok(reader)
      for (const first of dialects) {
        stage.teller.plan({ breakAfter, how: 'cut' })
        const model = routeOf(first, first === 'cohere-chat' ? 'openai-chat' : 'cohere-chat')
        const heard = await reader.ask(stage.house.address, { model, isStreamed: true })
        assert.ok(heard.kind === 'answer', JSON.stringify(heard))
        assert.equal(heard.text, story)
        assert.equal(heard.finish, 'stop')
        const [, second] = stage.teller.calls()
        assert.ok(second)
        if (heard.usage.outputTokens !== undefined) {
          assert.ok(heard.usage.outputTokens > second.output, `${first}: ${heard.usage.outputTokens}`)
        }
      }
      await assertNothingHeld(stage.house)
    })
  })
}

/** The pieces of text in a stream of any of the five APIs, joined. */
function textIn(stream: string): string {
  let text = ''
  for (const line of stream.split(/\r?\n/)) {
    if (!line.startsWith('data: {')) continue
    const event = JSON.parse(line.slice('data: '.length)) as Frame
    if (event.choices) text += event.choices[0]?.delta?.content ?? ''
    else if (event.candidates)
      text += event.candidates[0]?.content?.parts?.map((part) => part.text).join('') ?? ''
    else if (event.type === 'response.output_text.delta') text += String(event.delta)
    else if (event.type === 'content_block_delta') text += (event.delta as { text?: string }).text ?? ''
    else if (event.type === 'content-delta')
      text += (event.delta as { message: { content: { text: string } } }).message.content.text
  }
  return text
}

interface Frame {
  readonly type?: string
  readonly delta?: unknown
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[]
  readonly candidates?: readonly {
    readonly content?: { readonly parts?: readonly { readonly text?: string }[] }
  }[]
}

describe('the door of generate', () => {
  for (const first of dialects) {
    for (const second of dialects) {
      it(`tells a story of ${first} to its end with ${second}, bare and as events`, async () => {
        stage.teller.plan({ breakAfter, how: 'ended' })
        const body = { prompt: 'Say hello.', model: routeOf(first, second), user_id: 'ann' }
        const bare = await stage.house.post('/v1/generate/stream', body)
        assert.equal(await bare.text(), story)
        await checkRows(bare.headers.get('x-request-id'), second)
        stage.teller.plan({ breakAfter, how: 'ended' })
        const told = await stage.house.post('/v1/generate/stream', body, { accept: 'text/event-stream' })
        const events = readEvents(await told.text())
        assert.equal(
          events.map(({ name, data }) => (name === 'delta' ? String(data['text']) : '')).join(''),
          story,
        )
        const last = events.at(-1)
        assert.equal(last?.name, 'done')
        assert.equal((last.data['routing'] as { rescues: number }).rescues, 1)
        const rows = await checkRows(told.headers.get('x-request-id'), second)
        assert.equal(
          last.data['cost_nano_usd'],
          rows.reduce((sum, row) => sum + row.cost_nano_usd, 0),
        )
      })
    }
  }
})

describe('what cannot be mended', () => {
  it('is told as a break in each API, never as a whole answer', async () => {
    for (const door of dialects) {
      stage.teller.plan({ breakAfter, how: 'ended', otherWords: 'Certainly! Here is another story.' })
      const response = await askRaw(stage.house.address, {
        dialect: door,
        model: routeOf(door, door === 'cohere-chat' ? 'openai-chat' : 'cohere-chat'),
        isStreamed: true,
      })
      const stream = await response.text().catch(() => '')
      assert.deepEqual(grammarOf[door](stream, 'broken'), [], stream)
      assert.ok(!stream.includes('Certainly'))
      assert.ok(stage.teller.calls().length === 3, 'both targets were asked to go on')
    }
    await assertNothingHeld(stage.house)
  })

  it('is so by the wish of the request', async () => {
    stage.teller.plan({ breakAfter, how: 'ended' })
    const body = { prompt: 'Say hello.', model: routeOf('openai-chat', 'cohere-chat') }
    const headers = { accept: 'text/event-stream', 'x-signalbox-rescue': 'error' }
    const response = await stage.house.post('/v1/generate/stream', body, headers)
    assert.equal(readEvents(await response.text()).at(-1)?.name, 'error')
    assert.equal(stage.teller.calls().length, 1)
    const wrong = await stage.house.post('/v1/generate', body, { 'x-signalbox-rescue': 'maybe' })
    assert.equal(wrong.status, 400)
  })

  it('is known to the metrics', async () => {
    const response = await stage.house.get('/metrics')
    const text = await response.text()
    assert.match(text, /signalbox_rescues_total\{policy="continue",outcome="continued"\} \d+/)
    assert.match(text, /signalbox_rescues_total\{policy="continue",outcome="failed"\} \d+/)
  })
})

describe('hold', () => {
  it('begins anew unseen while nothing was shown, and tells a later break', async () => {
    const body = { prompt: 'Say hello.', model: routeOf('openai-chat', 'anthropic-messages') }
    stage.teller.plan({ breakAfter: 60, how: 'ended' })
    const response = await stage.house.post('/v1/generate/stream', body, { 'x-signalbox-rescue': 'hold' })
    // Whoever is asked anew breaks off as early, so that both attempts fail before anything is shown.
    assert.equal(response.status, 502)
    assert.deepEqual(
      stage.teller.calls().map(({ dialect }) => dialect),
      ['openai-chat', 'anthropic-messages'],
    )
    await assertNothingHeld(stage.house)
  })
})
