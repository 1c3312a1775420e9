/** Many inputs at once: sent in as many calls as the target takes, in order, charged as one request. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { vectorOf } from '#tests/errands/errand-double.ts'
import { cohere, gemini, openai } from '#tests/errands/embedding-requests.ts'
import { openErrandStage } from '#tests/errands/errand-stage.ts'
import type { ErrandStage } from '#tests/errands/errand-stage.ts'

let stage: ErrandStage

before(async () => {
  stage = await openErrandStage()
})

after(async () => {
  try {
    await stage.assertSettled()
  } finally {
    await stage.close()
  }
})

describe('many inputs', () => {
  const texts = Array.from({ length: 250 }, (_, at) => `text number ${at}`)
  const expected = (dimensions?: number) => texts.map((text) => vectorOf(text, dimensions))
  const vectorsIn = (body: JsonObject) => asArray(body['data']).map((entry) => asObject(entry)?.['embedding'])

  for (const [model, calls] of [
    ['embed-v4.0', 3],
    ['gemini-embedding-001', 3],
    ['text-embedding-3-small', 1],
  ] as const) {
    it(`reach ${model} in ${calls} calls and come back in order, charged as one`, async () => {
      const { status, body, sent, headers } = await stage.ask(openai, { model, input: texts })
      assert.equal(status, 200)
      assert.equal(sent.length, calls)
      assert.deepEqual(vectorsIn(body), expected())
      assert.deepEqual(body['usage'], { prompt_tokens: 2_500, total_tokens: 2_500 })
      const rows = await stage.rowsOf(headers.get('x-request-id') ?? '')
      assert.deepEqual(
        rows.map(({ kind, input_tokens: tokens }) => [kind, tokens]),
        [['charge', 2_500]],
      )
    })
  }

  it('of the same API are sent in several calls with everything else that the caller said', async () => {
    const own = { model: 'embed-v4.0', texts, input_type: 'search_document', priority: 7 }
    const { body, sent } = await stage.ask(cohere, { ...own, embedding_types: ['float', 'int8'] })
    assert.equal(sent.length, 3)
    for (const call of sent) assert.equal(call['priority'], 7)
    const embeddings = asObject(body['embeddings'])
    assert.deepEqual(embeddings?.['float'], expected())
    assert.equal(asArray(embeddings?.['int8']).length, 250)
    const requests = texts.map((text) => ({ content: { parts: [{ text }] }, newMember: true }))
    const batch = await stage.ask(gemini('gemini-embedding-001', 'batchEmbedContents'), { requests })
    assert.equal(batch.sent.length, 3)
    assert.deepEqual(
      asArray(batch.body['embeddings']).map((entry) => asObject(entry)?.['values']),
      expected(),
    )
    for (const request of asArray(batch.sent[2]?.['requests'])) {
      assert.equal(asObject(request)?.['newMember'], true)
    }
  })

  it('are asked for again only where a call failed', async () => {
    stage.double.refusals = [undefined, { status: 500, body: { message: 'down' } }]
    const { status, body, sent, headers } = await stage.ask(openai, { model: 'embed-v4.0', input: texts })
    assert.equal(status, 200)
    assert.equal(sent.length, 4)
    assert.deepEqual(vectorsIn(body), expected())
    const rows = await stage.rowsOf(headers.get('x-request-id') ?? '')
    assert.deepEqual(
      rows.map(({ kind, cost_nano_usd: cost }) => [kind, cost > 0]),
      [
        ['failed', false],
        ['charge', true],
      ],
    )
  })

  it('are nothing that is charged when a call fails for good', async () => {
    const down = { status: 500, body: { message: 'down' } }
    stage.double.refusals = [undefined, down, undefined, down]
    const { status, headers } = await stage.ask(openai, { model: 'embed-v4.0', input: texts })
    stage.double.refusals = []
    assert.equal(status, 502)
    const rows = await stage.rowsOf(headers.get('x-request-id') ?? '')
    assert.equal(
      rows.reduce((sum, { cost_nano_usd: cost }) => sum + cost, 0),
      0,
    )
  })
})
