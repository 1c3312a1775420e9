/** Every recorded stream of four providers, through the whole gateway in its three forms, in pieces of odd sizes. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readEvents } from '#tests/journeys/event-stream.ts'
import {
  askings,
  assertAskedRightly,
  expectedCost,
  openStage,
  recordingsOf,
} from '#tests/journeys/provider-stage.ts'
import type { Asking, ProviderStage } from '#tests/journeys/provider-stage.ts'
import { endingRow } from '#tests/journeys/records.ts'
import { faultsOfBody, hasSchema } from '#tests/support/provider-schemas/validate-body.ts'
import type { Recording } from '#tests/support/recording.ts'

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const streams = (asking: Asking) =>
  recordingsOf(asking).filter(({ reply, expect }) => reply.stream !== undefined && expect.outcome === 'ok')
const callsOf = ({ expect }: Recording) => (expect.toolCalls ?? []).filter(({ kind }) => kind !== 'item')
const oddPieces = [1, 7, 512, 3, 2_048]

for (const asking of askings) {
  describe(`${asking.dialect}, streamed`, () => {
    const recordings = streams(asking)
    it('has recordings', () => assert.ok(recordings.length >= 3, `${recordings.length}`))

    for (const recording of recordings) {
      it(`plain text is the recorded text: ${recording.name}`, async () => {
        const response = await ask(asking, recording)
        assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
        assert.equal(await response.text(), recording.expect.text)
        await checkBooks(asking, recording, response)
      })

      it(`typed events say everything: ${recording.name}`, async () => {
        const response = await ask(asking, recording, { accept: 'text/event-stream' })
        const events = readEvents(await response.text())
        assert.equal(events[0]?.name, 'start')
        assert.deepEqual(
          events.filter(({ name }) => name === 'done' || name === 'error').map(({ name }) => name),
          ['done'],
        )
        const done = events.at(-1)
        assert.equal(done?.name, 'done')
        const text = (name: string) =>
          events.map((event) => (event.name === name ? String(event.data['text']) : '')).join('')
        const { expect } = recording
        assert.equal(text('delta'), expect.text)
        const reasoning = (expect.toolPlan ?? '') + (expect.reasoning?.text ?? '')
        assert.equal(squeezed(text('reasoning')), squeezed(reasoning))
        assert.deepEqual(
          calledIn(events),
          callsOf(recording).map(({ name }) => name),
        )
        if (expect.usage) {
          assert.equal(done?.data['cost_nano_usd'], expectedCost(asking, recording, expect.usage))
          const usage = events.find(({ name }) => name === 'usage')?.data
          assert.equal(usage?.['input_tokens'], expect.usage.inputTokens)
          assert.equal(usage['output_tokens'], expect.usage.outputTokens)
        }
        const isCall = callsOf(recording).length > 0 && expect.finish?.unified === 'stop'
        assert.equal(done?.data['finish_reason'], isCall ? 'tool_calls' : expect.finish?.unified)
        assert.equal(done.data['model'], asking.model)
        await checkBooks(asking, recording, response)
      })

      it(`the official client reads the stream: ${recording.name}`, async () => {
        stage.play({ recording, chunkSizes: oddPieces })
        const { data: stream, response } = await stage.client.chat.completions
          .create({
            model: asking.model,
            messages: [{ role: 'user', content: 'Go on.' }],
            stream: true,
            stream_options: { include_usage: true },
            max_completion_tokens: 16_000,
          })
          .withResponse()
        let text = ''
        let finish: string | null = null
        let counted: number | undefined
        const calls = new Map<number, { name: string; text: string }>()
        for await (const chunk of stream) {
          const choice = chunk.choices[0]
          text += choice?.delta.content ?? ''
          finish = choice?.finish_reason ?? finish
          counted = chunk.usage?.completion_tokens ?? counted
          for (const piece of choice?.delta.tool_calls ?? []) {
            const call = calls.get(piece.index) ?? { name: '', text: '' }
            calls.set(piece.index, {
              name: call.name + (piece.function?.name ?? ''),
              text: call.text + (piece.function?.arguments ?? ''),
            })
          }
        }
        checkRequest(asking)
        assert.equal(text, recording.expect.text)
        const functions = callsOf(recording).filter(({ kind }) => kind === 'function')
        const read = [...calls.values()].filter(({ name }) => functions.some((call) => call.name === name))
        assert.deepEqual(
          read.map(({ name }) => name),
          functions.map(({ name }) => name),
        )
        for (const [position, call] of functions.entries()) {
          const wanted = call.argumentsText ?? JSON.stringify(call.arguments ?? {})
          assert.deepEqual(JSON.parse(read[position]?.text || '{}'), JSON.parse(wanted))
        }
        if (functions.length > 0) assert.equal(finish, 'tool_calls')
        if (recording.expect.usage) assert.equal(counted, recording.expect.usage.outputTokens)
        await checkBooks(asking, recording, response)
      })
    }
  })
}

async function ask(asking: Asking, recording: Recording, headers = {}): Promise<Response> {
  stage.play({ recording, chunkSizes: oddPieces })
  const body = { prompt: 'Go on.', user_id: 'ann', model: asking.model, max_tokens: 16000 }
  const response = await stage.house.post('/v1/generate/stream', body, headers)
  assert.equal(response.status, 200, response.ok ? '' : await response.text())
  assert.equal(response.headers.get('x-signalbox-provider'), asking.provider)
  checkRequest(asking)
  return response
}

function checkRequest(asking: Asking): void {
  const [request, more] = stage.received()
  assert.equal(more, undefined, 'the provider was asked once')
  assertAskedRightly(asking, request)
  assert.equal(request?.isStreamed, true)
  assert.ok(request.bodyText.includes('16000'))
  if (hasSchema(asking.dialect)) assert.deepEqual(faultsOfBody(asking.dialect, request.body), [])
}

function calledIn(events: ReturnType<typeof readEvents>): readonly unknown[] {
  const begun = events.filter(({ name, data }) => name === 'tool_call' && data['name'] !== undefined)
  for (const { data } of begun) assert.ok(typeof data['id'] === 'string' && data['id'] !== '')
  return begun.map(({ data }) => data['name'])
}

const squeezed = (text: string) => text.replaceAll(/\s+/g, '')

async function checkBooks(asking: Asking, recording: Recording, response: Response): Promise<void> {
  const { expect } = recording
  const row = await endingRow(stage.house, response.headers.get('x-request-id'))
  assert.equal(row.kind, 'charge')
  assert.equal(row.status, 200)
  assert.equal(row.problem, null)
  assert.equal(row.provider, asking.provider)
  assert.equal(row.is_streamed, 1)
  assert.equal(row.finish, expect.finish?.unified)
  assert.ok(row.first_token_ms !== null && row.latency_ms >= row.first_token_ms)
  if (!expect.usage) {
    assert.equal(row.is_estimated, 1)
    return
  }
  assert.equal(row.is_estimated, 0)
  assert.equal(row.input_tokens, expect.usage.inputTokens)
  assert.equal(row.output_tokens, expect.usage.outputTokens)
  assert.equal(row.cost_nano_usd, expectedCost(asking, recording, expect.usage))
}
