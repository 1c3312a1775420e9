/** A start without keys or settings: the three clients that exist already work unchanged, and everything is booked. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { endingRow, readRecords } from '#tests/journeys/records.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

interface Generated {
  readonly id: string
  readonly response: string
  readonly model: string
  readonly provider: string
  readonly finish_reason: string
  readonly usage: {
    readonly input_tokens: number
    readonly output_tokens: number
    readonly total_tokens: number
  }
  readonly cost: number
  readonly cost_nano_usd: number
  readonly simulated: boolean
}

let house: RunningHouse
before(async () => {
  house = await startHouse()
})
after(() => house.close())

const generate = async (body: object) => {
  const response = await house.post('/v1/generate', body)
  const text = await response.text()
  assert.equal(response.status, 200, text)
  assert.equal(response.headers.get('x-signalbox-simulated'), 'true')
  return JSON.parse(text) as Generated
}

describe('the client that sends prompt, user_id, task_type and max_tokens', { concurrency: true }, () => {
  it('gets an answer that says that it is simulated', async () => {
    const answer = await generate({
      prompt: 'Summarise the history of railway signalling.',
      user_id: 'user-17',
      task_type: 'summarization',
      max_tokens: 40,
    })
    assert.match(answer.response, /^This is a simulated answer from /)
    assert.equal(answer.simulated, true)
    assert.equal(answer.provider, 'simulated')
    assert.equal(answer.finish_reason, 'length')
    assert.ok(answer.usage.output_tokens <= 40)
    assert.equal(answer.usage.total_tokens, answer.usage.input_tokens + answer.usage.output_tokens)
    const row = await endingRow(house, answer.id)
    assert.equal(row.user_id, 'user-17')
    assert.equal(row.task_type, 'summarization')
    assert.equal(row.model, answer.model)
    assert.equal(row.is_simulated, 1)
  })

  for (const taskType of [
    'chat',
    'completion',
    'summarization',
    'code_generation',
    'translation',
    'analysis',
  ]) {
    it(`may name the task ${taskType}`, async () => {
      const answer = await generate({ prompt: 'Go on.', user_id: 'u', task_type: taskType, max_tokens: 8 })
      assert.notEqual(answer.response, '')
    })
  }
})

describe('the client that reads a stream of plain text', () => {
  it('gets text in several pieces and nothing but text', async () => {
    const response = await house.post('/v1/generate/stream', {
      prompt: 'Tell me a story.',
      user_id: 'user-18',
    })
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
    assert.equal(response.headers.get('x-signalbox-simulated'), 'true')
    const pieces: string[] = []
    assert.ok(response.body)
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) pieces.push(piece)
    assert.ok(pieces.length > 1, 'the text comes as it is written')
    const text = pieces.join('')
    assert.match(text, /^This is a simulated answer from /)
    assert.doesNotMatch(text, /data:|event:|[{}]/)
    const row = await endingRow(house, response.headers.get('x-request-id'))
    assert.equal(row.is_streamed, 1)
    assert.equal(row.finish, 'stop')
    assert.equal(row.user_id, 'user-18')
  })
})

describe('the client that sends images as data URLs', { concurrency: true }, () => {
  const models = [
    'gpt-4o',
    'gpt-4-vision-preview',
    'gpt-4-turbo',
    'gemini-pro-vision',
    'gemini-1.5-pro',
    'claude-3-opus-20240229',
    'claude-3-5-sonnet-20241022',
    'claude-3-haiku-20240307',
  ]
  for (const model of models) {
    it(`may name ${model}`, async () => {
      const answer = await generate({
        prompt: 'What is in these pictures?',
        user_id: 'user-19',
        model,
        images: Object.values(tinyImages),
        max_tokens: 30,
      })
      assert.match(answer.response, /4 images/)
      const row = await endingRow(house, answer.id)
      assert.equal(row.model_asked, model)
      assert.equal(row.cost_nano_usd, answer.cost_nano_usd)
      assert.ok(answer.cost_nano_usd > 0, 'the cost is what the real model would have cost')
      assert.equal(answer.cost, answer.cost_nano_usd / 1e9)
    })
  }

  for (const [type, image] of Object.entries(tinyImages)) {
    it(`may send ${type}, in each of the usual forms`, async () => {
      const forms = [image, { url: image }, { image_url: image }, { image_url: { url: image } }]
      const ask = (form: unknown) =>
        generate({ prompt: 'And this one?', model: 'claude-sonnet-5', images: [form], max_tokens: 30 })
      for (const answer of await Promise.all(forms.map(ask))) assert.match(answer.response, /an image/)
    })
  }
})

describe('the books after a fresh start', () => {
  it('show usage and cost by tenant, user and model, and nothing still held', async () => {
    const asked = await generate({
      prompt: 'How much?',
      user_id: 'payer',
      model: 'claude-sonnet-5',
      max_tokens: 20,
    })
    await endingRow(house, asked.id)
    const { rows, spentNanoUsd, heldNanoUsd } = readRecords(house.dataDir)
    assert.equal(heldNanoUsd.size, 0)
    assert.equal(spentNanoUsd.get('user:default/payer'), asked.cost_nano_usd)
    const sum = rows.reduce((total, row) => total + row.cost_nano_usd, 0)
    assert.equal(spentNanoUsd.get('tenant:default'), sum)

    const response = await house.get('/admin/v1/usage')
    assert.equal(response.status, 200)
    const usage = (await response.json()) as {
      readonly requests: number
      readonly cost_nano_usd: number
      readonly output_tokens: number
      readonly by_model: readonly { readonly model: string; readonly cost_nano_usd: number }[]
    }
    assert.equal(usage.requests, rows.length)
    assert.equal(usage.cost_nano_usd, sum)
    assert.equal(
      usage.output_tokens,
      rows.reduce((total, row) => total + row.output_tokens, 0),
    )
    const costOf = (model: string) =>
      rows.filter((row) => row.model === model).reduce((total, row) => total + row.cost_nano_usd, 0)
    assert.equal(
      usage.by_model.find(({ model }) => model === 'claude-sonnet-5')?.cost_nano_usd,
      costOf('claude-sonnet-5'),
    )
  })
})
