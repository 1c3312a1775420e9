/** Every recorded whole answer of four providers, through the whole gateway: words, calls, finish, usage, cost, row. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  askings,
  assertAskedRightly,
  expectedCost,
  openStage,
  recordingsOf,
} from '#tests/journeys/provider-stage.ts'
import type { Asking, ProviderStage } from '#tests/journeys/provider-stage.ts'
import { endingRow } from '#tests/journeys/records.ts'
import type { KeptRow } from '#tests/journeys/records.ts'
import { faultsOfBody, hasSchema } from '#tests/support/provider-schemas/validate-body.ts'
import type { Recording } from '#tests/support/recording.ts'

interface Generated {
  readonly id: string
  readonly response: string
  readonly model: string
  readonly provider: string
  readonly finish_reason: string
  readonly usage: { readonly input_tokens: number | null; readonly output_tokens: number | null }
  readonly cost: number
  readonly cost_nano_usd: number
  readonly cost_estimated: boolean
  readonly simulated: boolean
  readonly latency_ms: number
  readonly tool_calls?: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
  readonly reasoning?: string
}

const wholeRecordings = (asking: Asking) =>
  recordingsOf(asking).filter(({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok')

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const question = 'Which town has the oldest signal box?'

for (const asking of askings) {
  describe(`${asking.dialect}, whole`, () => {
    const recordings = wholeRecordings(asking)
    it('has recordings', () => assert.ok(recordings.length >= 5, `${recordings.length}`))

    for (const recording of recordings) {
      it(`POST /v1/generate gives what was recorded: ${recording.name}`, async () => {
        stage.play(recording)
        const response = await stage.house.post(
          '/v1/generate',
          { prompt: question, user_id: 'ann', task_type: 'chat', model: asking.model, max_tokens: 16000 },
          { authorization: 'Bearer callers-own-text' },
        )
        const text = await response.text()
        assert.equal(response.status, 200, text)
        const answer = JSON.parse(text) as Generated
        checkRequest(asking)
        checkGenerated(recording, asking, answer)
        assert.equal(response.headers.get('x-signalbox-provider'), asking.provider)
        assert.equal(response.headers.get('x-signalbox-model'), asking.model)
        assert.equal(Number(response.headers.get('x-signalbox-cost-usd')), answer.cost)
        assert.equal(response.headers.get('x-signalbox-simulated'), null)
        assert.equal(response.headers.get('x-signalbox-attempts'), '1')
        const row = await endingRow(stage.house, answer.id)
        checkRow(recording, asking, row)
        assert.equal(row.cost_nano_usd, answer.cost_nano_usd)
        assert.equal(row.door, 'generate')
        assert.equal(row.user_id, 'ann')
        assert.equal(row.task_type, 'chat')
      })

      it(`the official client reads what was recorded: ${recording.name}`, async () => {
        stage.play(recording)
        const { data, response } = await stage.client.chat.completions
          .create({
            model: asking.model,
            messages: [{ role: 'user', content: question }],
            max_completion_tokens: 16_000,
            safety_identifier: 'ben',
          })
          .withResponse()
        checkRequest(asking)
        const { expect } = recording
        const choice = data.choices[0]
        assert.equal(choice?.message.content ?? '', expect.text)
        assert.equal(choice?.message.refusal ?? '', expect.refusal)
        if (!recording.features.includes('legacy_functions')) {
          const calls = (choice?.message.tool_calls ?? []).map((call) =>
            call.type === 'function' ? call.function.name : call.custom.name,
          )
          assert.deepEqual(
            calls,
            expectedCalls(recording).map(({ name }) => name),
          )
          if (calls.length > 0) assert.equal(choice?.finish_reason, 'tool_calls')
        }
        if (expect.usage) {
          assert.equal(data.usage?.prompt_tokens, expect.usage.inputTokens)
          assert.equal(data.usage?.completion_tokens, expect.usage.outputTokens)
        }
        const row = await endingRow(stage.house, response.headers.get('x-request-id'))
        checkRow(recording, asking, row)
        assert.equal(row.door, 'openai-chat')
        assert.equal(row.user_id, 'ben')
      })
    }
  })
}

const expectedCalls = ({ expect }: Recording) =>
  (expect.toolCalls ?? []).filter(({ kind }) => kind !== 'item')

function checkRequest(asking: Asking): void {
  const [request, more] = stage.received()
  assert.equal(more, undefined, 'the provider was asked once')
  assertAskedRightly(asking, request)
  assert.ok(request)
  assert.ok(request.bodyText.includes(question) && request.bodyText.includes('16000'))
  assert.equal(request.model, asking.providerModel)
  assert.equal(request.isStreamed, false)
  if (hasSchema(asking.dialect)) assert.deepEqual(faultsOfBody(asking.dialect, request.body), [])
}

function checkGenerated(recording: Recording, asking: Asking, answer: Generated): void {
  const { expect } = recording
  assert.equal(answer.response, expect.text)
  assert.equal(answer.model, asking.model)
  assert.equal(answer.provider, asking.provider)
  assert.equal(answer.simulated, false)
  const calls = expectedCalls(recording)
  const given = answer.tool_calls ?? []
  assert.deepEqual(
    given.map(({ name }) => name),
    calls.map(({ name }) => name),
  )
  for (const [position, call] of calls.entries()) {
    const { id, arguments: text } = given[position] ?? { id: '', arguments: '' }
    if (call.id === null) assert.notEqual(id, '')
    else assert.equal(id, call.id)
    if (call.argumentsText === undefined) assert.deepEqual(JSON.parse(text), call.arguments ?? {})
    else assert.equal(text, call.argumentsText)
  }
  assert.equal(new Set(given.map(({ id }) => id)).size, given.length)
  if (expect.reasoning?.text)
    assert.equal(squeezed(answer.reasoning ?? ''), squeezed(expect.reasoning.text + (expect.toolPlan ?? '')))
  if (expect.finish?.unified) {
    const isCall = calls.length > 0 && expect.finish.unified === 'stop'
    assert.equal(answer.finish_reason, isCall ? 'tool_calls' : expect.finish.unified)
  }
  assert.equal(answer.cost, answer.cost_nano_usd / 1e9)
  if (!expect.usage) return
  assert.equal(answer.usage.input_tokens, expect.usage.inputTokens)
  assert.equal(answer.usage.output_tokens, expect.usage.outputTokens)
  assert.equal(answer.cost_nano_usd, expectedCost(asking, recording, expect.usage))
  assert.equal(answer.cost_estimated, false)
}

const squeezed = (text: string) => text.replaceAll(/\s+/g, '')

function checkRow(recording: Recording, asking: Asking, row: KeptRow): void {
  const { expect } = recording
  assert.equal(row.kind, 'charge')
  assert.equal(row.status, 200)
  assert.equal(row.problem, null)
  assert.equal(row.provider, asking.provider)
  assert.equal(row.model, asking.model)
  assert.equal(row.model_asked, asking.model)
  assert.equal(row.tenant_id, 'default')
  assert.equal(row.key_id, 'development')
  assert.equal(row.is_simulated, 0)
  assert.ok(row.latency_ms > 0 && row.first_token_ms !== null)
  if (expect.finish?.unified) assert.equal(row.finish, expect.finish.unified)
  if (!expect.usage) {
    assert.equal(row.is_estimated, 1)
    return
  }
  assert.equal(row.is_estimated, 0)
  assert.equal(row.input_tokens, expect.usage.inputTokens)
  assert.equal(row.output_tokens, expect.usage.outputTokens)
  assert.equal(row.cached_input_tokens, expect.usage.cachedInputTokens)
  assert.equal(row.reasoning_tokens, expect.usage.reasoningTokens)
  assert.equal(row.cost_nano_usd, expectedCost(asking, recording, expect.usage))
}
