/** Ranking and moderation: the wire forms of their targets, prices by the search unit, and what passes through. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createCohere } from '@ai-sdk/cohere'
import { rerank } from 'ai'
import { CohereClient } from 'cohere-ai'
import OpenAI from 'openai'
import { openErrandStage } from '#tests/errands/errand-stage.ts'
import type { ErrandStage } from '#tests/errands/errand-stage.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'

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

const documents = ['short', 'the longest of the documents', 'a middling one']
const cohere = () => new CohereClient({ token: 'any', environment: stage.address })
const lastRequest = () => stage.double.received.at(-1)

describe('ranking', () => {
  for (const [model, path] of [
    ['rerank-v4.0-pro', '/v2/rerank'],
    ['vllm/bge-reranker', '/vllm/v1/rerank'],
    ['together/some-ranker', '/together/v1/rerank'],
  ] as const) {
    it(`by ${model} is the same to its caller as by any other`, async () => {
      const { results, meta } = await cohere().v2.rerank({ model, query: 'which', documents, topN: 2 })
      assert.deepEqual(
        results.map(({ index }) => index),
        [1, 2],
      )
      assert.ok((meta?.billedUnits?.searchUnits ?? 0) > 0)
      assert.equal(lastRequest()?.path, path)
      assert.deepEqual(lastRequest()?.body, {
        model: model.slice(model.indexOf('/') + 1),
        query: 'which',
        documents,
        top_n: 2,
      })
    })
  }

  it('reads the same through the AI SDK', async () => {
    const provider = createCohere({ baseURL: `${stage.address}/v2`, apiKey: 'any' })
    const { rerankedDocuments } = await rerank({
      model: provider.reranking('rerank-v3.5'),
      query: 'which',
      documents,
      topN: 1,
      maxRetries: 0,
    })
    assert.deepEqual(rerankedDocuments, ['the longest of the documents'])
  })

  it('is charged by the search unit at Cohere', async () => {
    const response = await stage.house.post('/v2/rerank', { model: 'rerank-v4.0-pro', query: 'q', documents })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('x-signalbox-cost-usd'), '0.005')
    const [row] = await stage.rowsOf(response.headers.get('x-request-id') ?? '')
    assert.deepEqual(
      [row?.kind, row?.door, row?.cost_nano_usd, row?.is_estimated],
      ['charge', 'cohere-rerank', 5_000_000, 0],
    )
  })

  it('passes on to Cohere what it does not know, and hands out the bytes that come back', async () => {
    const body = { model: 'cohere/rerank-v3.5', query: 'q', documents, priority: 3, newer: true }
    const response = await stage.house.post('/v2/rerank', body)
    assert.deepEqual(lastRequest()?.body, { ...body, model: 'rerank-v3.5' })
    assert.ok((await response.text()).startsWith('{"id":"rank-1","results":[{"index":1'))
    const elsewhere = await stage.house.post('/v2/rerank', { ...body, model: 'vllm/bge-reranker' })
    assert.equal(elsewhere.headers.get('x-signalbox-dropped'), 'priority,newer')
  })

  it('a search that could cost more than the request allows itself is refused before anybody is asked', async () => {
    const from = stage.double.received.length
    const response = await stage.house.post(
      '/v2/rerank',
      {
        model: 'rerank-v4.0-pro',
        query: 'q',
        documents: Array.from({ length: 450 }, () => 'x'.repeat(3_000)),
      },
      { 'x-signalbox-max-cost-usd': '0.005' },
    )
    assert.equal(response.status, 402)
    assert.equal(stage.double.received.length, from)
  })
})

describe('moderation', () => {
  const openai = () => new OpenAI({ baseURL: `${stage.address}/v1`, apiKey: 'any', maxRetries: 0 })

  it('goes to the model of OpenAI when none is named, free of charge', async () => {
    const { data, response } = await openai()
      .moderations.create({ input: ['fine', 'very bad'] })
      .withResponse()
    assert.deepEqual(
      data.results.map(({ flagged }) => flagged),
      [false, true],
    )
    assert.equal(lastRequest()?.body['model'], 'omni-moderation-latest')
    const [row] = await stage.rowsOf(response.headers.get('x-request-id') ?? '')
    assert.deepEqual([row?.door, row?.cost_nano_usd], ['openai-moderations', 0])
  })

  it('of text and an image together is one verdict', async () => {
    const { results } = await openai().moderations.create({
      model: 'omni-moderation-latest',
      input: [
        { type: 'text', text: 'fine' },
        { type: 'image_url', image_url: { url: tinyImages.png } },
      ],
    })
    assert.equal(results.length, 1)
  })

  it('says whether anything is flagged also where the provider leaves that out', async () => {
    const { results } = await openai().moderations.create({
      model: 'mistral/mistral-moderation-2603',
      input: ['fine', 'bad'],
    })
    assert.deepEqual(
      results.map(({ flagged }) => flagged),
      [false, true],
    )
    assert.equal(lastRequest()?.path, '/mistral/v1/moderations')
  })

  it('is refused for a model that chats, with the names of models that judge', async () => {
    const asking = openai().moderations.create({ model: 'gpt-6-luna', input: 'x' })
    await assert.rejects(asking, /no moderation model.*omni-moderation-latest/)
  })
})
