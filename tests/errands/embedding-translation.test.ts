/** What each target of embeddings is asked, whichever API the wish came through, and what is refused by name. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { asArray, asObject } from '#core/domain/json.ts'
import { vectorOf } from '#tests/errands/errand-double.ts'
import { cohere, cohereWish, gemini, openai } from '#tests/errands/embedding-requests.ts'
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

describe('a purpose', () => {
  for (const [inputType, taskType] of [
    ['search_query', 'RETRIEVAL_QUERY'],
    ['search_document', 'RETRIEVAL_DOCUMENT'],
    ['classification', 'CLASSIFICATION'],
    ['clustering', 'CLUSTERING'],
  ] as const) {
    it(`${inputType} of Cohere is ${taskType} of Gemini, and the other way round`, async () => {
      const wish = {
        ...cohereWish,
        model: 'gemini-embedding-001',
        input_type: inputType,
        output_dimension: 64,
      }
      const { status, sent } = await stage.ask(cohere, wish)
      assert.equal(status, 200)
      for (const request of asArray(sent[0]?.['requests'])) {
        assert.equal(asObject(request)?.['taskType'], taskType)
        assert.equal(asObject(request)?.['outputDimensionality'], 64)
        assert.equal(asObject(request)?.['model'], 'models/gemini-embedding-001')
      }
      const back = await stage.ask(gemini('embed-v4.0', 'embedContent'), {
        content: { parts: [{ text: 'one' }] },
        taskType,
        outputDimensionality: 256,
      })
      assert.equal(back.sent[0]?.['input_type'], inputType)
      assert.equal(back.sent[0]?.['output_dimension'], 256)
      assert.deepEqual(back.sent[0]?.['texts'], ['one'])
      assert.deepEqual(asObject(back.body['embedding'])?.['values'], vectorOf('one', 256))
    })
  }

  it('is passed over where a model knows none, and the caller is told', async () => {
    const { sent, headers } = await stage.ask(cohere, {
      ...cohereWish,
      model: 'text-embedding-3-small',
      truncate: 'END',
    })
    assert.deepEqual(sent, [
      { model: 'text-embedding-3-small', input: ['one', 'two'], encoding_format: 'float' },
    ])
    assert.equal(headers.get('x-signalbox-dropped'), 'input_type,truncate')
  })

  it('may stand in a request of the OpenAI API too; Cohere takes documents of a search when none does', async () => {
    const wish = { model: 'embed-v4.0', input: 'one', dimensions: 512 }
    const stated = await stage.ask(openai, { ...wish, input_type: 'query' })
    assert.deepEqual(stated.sent, [
      {
        model: 'embed-v4.0',
        input_type: 'search_query',
        embedding_types: ['float'],
        truncate: 'NONE',
        output_dimension: 512,
        texts: ['one'],
      },
    ])
    const unstated = await stage.ask(openai, wish)
    assert.equal(unstated.sent[0]?.['input_type'], 'search_document')
  })

  it('does not hide that a text is longer than the model reads, where its API cuts by itself', async () => {
    const long = 'word '.repeat(4_000)
    const wish = { model: 'embed-english-v3.0', texts: [long], input_type: 'search_document' } as const
    const cut = await stage.ask(cohere, wish)
    assert.equal(cut.status, 200)
    assert.deepEqual(cut.sent, [wish])
    const google = await stage.ask(gemini('gemini-embedding-001', 'embedContent'), {
      content: { parts: [{ text: long }] },
    })
    assert.equal(google.status, 200)
    const strict = await stage.ask(openai, { model: 'embed-english-v3.0', input: long })
    assert.equal(strict.status, 400)
    assert.deepEqual(strict.sent, [])
  })

  it('that Cohere has no vectors for is refused', async () => {
    const { status, body, sent } = await stage.ask(gemini('embed-v4.0', 'embedContent'), {
      content: { parts: [{ text: 'one' }] },
      taskType: 'SEMANTIC_SIMILARITY',
    })
    assert.equal(status, 400)
    assert.match(JSON.stringify(body['error']), /taskType/)
    assert.deepEqual(sent, [])
  })
})

describe('a request of the API that the target speaks', () => {
  it('goes on byte for byte but for the name of the model, and its reply comes back byte for byte', async () => {
    const text =
      '{ "brand_new": [1.50, {"x":null}], "model" :"openai/text-embedding-3-small",\n "input":["\\u00e9", "b"]}'
    const from = stage.double.received.length
    const response = await stage.house.post(openai, text)
    const reply = await response.text()
    const [received] = stage.double.received.slice(from)
    assert.equal(received?.text, text.replace('openai/text-embedding-3-small', 'text-embedding-3-small'))
    assert.equal(asArray(asObject(JSON.parse(reply))?.['data']).length, 2)
    assert.ok(reply.startsWith('{"object":"list","data":[{"object":"embedding"'))
    assert.equal(response.headers.get('x-signalbox-model'), 'text-embedding-3-small')
  })

  it('may hold tokens in place of texts', async () => {
    for (const input of [
      [1, 2, 3],
      [
        [1, 2],
        [3, 4],
      ],
    ]) {
      const { status, sent } = await stage.ask(openai, { model: 'text-embedding-3-small', input })
      assert.equal(status, 200)
      assert.deepEqual(sent[0]?.['input'], input)
    }
  })

  it('is fitted where a cousin has another word, or refuses one', async () => {
    const wish = { model: 'codestral-embed', input: 'one', dimensions: 512, user: 'someone' }
    const { sent, headers } = await stage.ask(openai, wish)
    assert.deepEqual(sent, [{ model: 'codestral-embed', input: 'one', output_dimension: 512 }])
    assert.equal(headers.get('x-signalbox-dropped'), 'user')
  })

  it('asks Gemini with the model that it means in every place', async () => {
    const { sent } = await stage.ask(gemini('google%2Fgemini-embedding-001', 'batchEmbedContents'), {
      requests: [{ model: 'models/google/gemini-embedding-001', content: { parts: [{ text: 'one' }] } }],
    })
    assert.deepEqual(sent, [
      { requests: [{ model: 'models/gemini-embedding-001', content: { parts: [{ text: 'one' }] } }] },
    ])
  })
})

describe('media', () => {
  const image = tinyImages.png

  it('go from the API of Cohere to Gemini and back', async () => {
    const { status, sent } = await stage.ask(cohere, {
      model: 'gemini-embedding-2',
      input_type: 'search_document',
      inputs: [
        {
          content: [
            { type: 'text', text: 'a caption' },
            { type: 'image_url', image_url: { url: image } },
          ],
        },
      ],
    })
    assert.equal(status, 200)
    const parts = asArray(asObject(asObject(asArray(sent[0]?.['requests'])[0])?.['content'])?.['parts'])
    assert.deepEqual(parts[0], { text: 'a caption' })
    const inline = asObject(asObject(parts[1])?.['inlineData'])
    assert.equal(inline?.['mimeType'], 'image/png')
    const back = await stage.ask(gemini('embed-v4.0', 'embedContent'), { content: { parts } })
    assert.deepEqual(back.sent[0]?.['inputs'], [
      {
        content: [
          { type: 'text', text: 'a caption' },
          { type: 'image_url', image_url: { url: image } },
        ],
      },
    ])
  })

  it('are refused for models that read text alone, with the names of models that see', async () => {
    const { status, body, sent } = await stage.ask(cohere, {
      model: 'text-embedding-3-small',
      input_type: 'image',
      images: [image],
    })
    assert.equal(status, 422)
    assert.match(JSON.stringify(body), /image.input.*gemini-embedding-2/)
    assert.deepEqual(sent, [])
  })
})

describe('when a target fails', () => {
  it('the next one that the caller named is asked', async () => {
    const down = { status: 503, body: { error: { message: 'down' } } }
    stage.double.refusals = [down, down]
    const { status, headers, sent } = await stage.ask(
      openai,
      { model: 'text-embedding-3-small', input: 'one' },
      { 'x-signalbox-fallbacks': 'gemini-embedding-001' },
    )
    assert.equal(status, 200)
    assert.equal(sent.length, 3)
    assert.equal(headers.get('x-signalbox-model'), 'gemini-embedding-001')
    assert.equal(headers.get('x-signalbox-attempts'), '3')
  })

  it("the provider's reason is told when it refuses the request itself", async () => {
    stage.double.refusals = [{ status: 400, body: { message: 'invalid request: too many tokens in texts' } }]
    const { status, body, headers } = await stage.ask(cohere, { ...cohereWish, model: 'embed-v4.0' })
    assert.equal(status, 400)
    assert.match(JSON.stringify(body), /too many tokens in texts/)
    const [row] = await stage.rowsOf(headers.get('x-request-id') ?? '')
    assert.equal(row?.cost_nano_usd, 0)
  })
})
