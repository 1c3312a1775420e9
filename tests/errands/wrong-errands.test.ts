/** Requests for errands that are wrong in themselves: each API's own error, what to mend, nothing asked, nothing held. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonValue } from '#core/domain/json.ts'
import { openErrandStage } from '#tests/errands/errand-stage.ts'
import type { ErrandStage } from '#tests/errands/errand-stage.ts'

let stage: ErrandStage

before(async () => {
  stage = await openErrandStage()
})

after(async () => {
  try {
    assert.deepEqual(
      stage.double.received.map(({ path }) => path),
      [],
    )
    await stage.assertSettled()
  } finally {
    await stage.close()
  }
})

type Wrong = readonly [what: string, body: JsonValue, said: RegExp]

const embed = { model: 'text-embedding-3-small', input: 'x' }
const openaiWrong: readonly Wrong[] = [
  ['no model', { input: 'x' }, /model is required/],
  ['a model that is no text', { ...embed, model: 7 }, /model/],
  ['no input', { model: embed.model }, /input is required/],
  ['an empty text', { ...embed, input: '' }, /input is empty/],
  ['an empty list', { ...embed, input: [] }, /input is empty/],
  ['an empty text among others', { ...embed, input: ['a', ''] }, /input\[1\] is empty/],
  ['texts and tokens mixed', { ...embed, input: ['a', 7] }, /input\[1\] must be a text/],
  ['tokens and texts mixed', { ...embed, input: [7, 'a'] }, /input\[1\] must be a token/],
  ['tokens that are no whole numbers', { ...embed, input: [1.5] }, /input\[0\]/],
  ['an empty list of tokens', { ...embed, input: [[1], []] }, /input\[1\] is empty/],
  ['a list inside a list inside a list', { ...embed, input: [[[1]]] }, /input\[0\]\[0\]/],
  ['an input that is an object', { ...embed, input: { text: 'x' } }, /input must be/],
  [
    'too many inputs',
    { ...embed, input: Array.from({ length: 2_049 }, () => 'x') },
    /2049 entries; at most 2048/,
  ],
  ['dimensions below 1', { ...embed, dimensions: 0 }, /dimensions/],
  ['dimensions beyond what the model has', { ...embed, dimensions: 1_537 }, /1 to 1536/],
  ['dimensions as a text', { ...embed, dimensions: '256' }, /dimensions/],
  ['a form that is no text', { ...embed, encoding_format: 3 }, /encoding_format/],
  ['a purpose that nobody knows', { ...embed, input_type: 'poetry' }, /input_type/],
  ['a user that is no text', { ...embed, user: {} }, /user/],
  ['a model that chats', { ...embed, model: 'gpt-6-luna' }, /no embedding model.*text-embedding-3/],
  ['a model that ranks', { ...embed, model: 'rerank-v3.5' }, /no embedding model/],
  ['a route that chooses freely', { ...embed, model: 'auto' }, /cannot be compared.*text-embedding-3/],
  ['a name that is nearly right', { ...embed, model: 'text-embedding-3-smal' }, /text-embedding-3-small/],
  [
    'a provider without such an interface',
    { ...embed, model: 'anthropic/claude-embed' },
    /Anthropic offers no embeddings/,
  ],
  ['a text longer than the model reads', { ...embed, input: 'word '.repeat(20_000) }, /8192/],
]

const cohereEmbed = { model: 'embed-v4.0', texts: ['x'], input_type: 'search_query' }
const cohereWrong: readonly Wrong[] = [
  ['no texts', { model: 'embed-v4.0', input_type: 'search_query' }, /One of texts, images and inputs/],
  [
    'texts and images',
    { ...cohereEmbed, images: ['data:image/png;base64,AAAA'] },
    /images stands beside texts/,
  ],
  ['an empty list', { ...cohereEmbed, texts: [] }, /texts is empty/],
  ['a text that is none', { ...cohereEmbed, texts: ['a', 7] }, /texts\[1\]/],
  ['no input_type', { model: 'embed-v4.0', texts: ['x'] }, /input_type/],
  ['an unknown input_type', { ...cohereEmbed, input_type: 'poetry' }, /search_document/],
  ['an unknown number form', { ...cohereEmbed, embedding_types: ['float16'] }, /embedding_types/],
  ['an unknown truncate', { ...cohereEmbed, truncate: 'MIDDLE' }, /NONE/],
  [
    'a length that the model does not make',
    { ...cohereEmbed, output_dimension: 300 },
    /output_dimension is 300/,
  ],
  [
    'an image that is none',
    { model: 'embed-v4.0', images: ['nonsense'], input_type: 'image' },
    /images\[0\]/,
  ],
  ['a model that chats', { ...cohereEmbed, model: 'command-a-03-2025' }, /no embedding model.*embed-v4/],
]

const cohereRank = { model: 'rerank-v3.5', query: 'q', documents: ['x'] }
const rankWrong: readonly Wrong[] = [
  ['no query', { model: 'rerank-v3.5', documents: ['x'] }, /query is required/],
  ['an empty query', { ...cohereRank, query: '' }, /query/],
  ['no documents', { ...cohereRank, documents: [] }, /documents/],
  ['a document that is no text', { ...cohereRank, documents: ['x', { text: 'y' }] }, /documents\[1\]/],
  ['top_n of 0', { ...cohereRank, top_n: 0 }, /top_n/],
  ['a route that chooses freely', { ...cohereRank, model: 'auto' }, /answer questions.*rerank/],
  ['an embedding model', { ...cohereRank, model: 'embed-v4.0' }, /does not rank.*rerank/],
  [
    'a provider without such an interface',
    { ...cohereRank, model: 'openai/ranker' },
    /OpenAI offers no ranking/,
  ],
]

const one = { content: { parts: [{ text: 'x' }] } }
const geminiWrong: readonly Wrong[] = [
  ['no requests', {}, /requests/],
  ['an empty list', { requests: [] }, /requests/],
  ['a request that is none', { requests: ['x'] }, /requests\[0\]/],
  ['no content', { requests: [one, {}] }, /requests\[1\]\.content/],
  ['a content without parts', { requests: [{ content: { parts: [] } }] }, /requests\[0\]\.content/],
  ['a part that says nothing', { requests: [{ content: { parts: [{}] } }] }, /parts\[0\]/],
  ['a task type that nobody knows', { requests: [{ ...one, taskType: 'POETRY' }] }, /taskType/],
  ['another model inside', { requests: [{ ...one, model: 'models/other' }] }, /requests\[0\]\.model/],
  ['a length beyond the model', { requests: [{ ...one, outputDimensionality: 4_000 }] }, /1 to 3072/],
  [
    'a member in both spellings',
    { requests: [{ ...one, taskType: 'CLUSTERING', task_type: 'CLUSTERING' }] },
    /both spellings/,
  ],
]

const moderationWrong: readonly Wrong[] = [
  ['no input', {}, /input is required/],
  ['an empty list', { input: [] }, /input/],
  ['a part of no known type', { input: [{ type: 'sound' }] }, /input\[0\]/],
  [
    'an image for a model that reads text',
    {
      model: 'mistral-moderation-2603',
      input: [{ type: 'image_url', image_url: { url: 'https://example.org/x.png' } }],
    },
    /image.input/,
  ],
]

const countWrong: readonly Wrong[] = [
  ['no messages', { model: 'claude-opus-5-5', messages: [] }, /messages/],
  [
    'an embedding model',
    { model: 'text-embedding-3-small', messages: [{ role: 'user', content: 'x' }] },
    /does not answer questions/,
  ],
  ['a body that is a list', [], /object/],
]

const doors: ReadonlyArray<readonly [path: string, shape: RegExp, wrongs: readonly Wrong[]]> = [
  ['/v1/embeddings', /^\{"error":\{"message":/, openaiWrong],
  ['/v1/moderations', /^\{"error":\{"message":/, moderationWrong],
  ['/v2/embed', /^\{"id":"[^"]+","message":/, cohereWrong],
  ['/v2/rerank', /^\{"id":"[^"]+","message":/, rankWrong],
  [
    '/v1beta/models/gemini-embedding-001:batchEmbedContents',
    /^\{"error":\{"code":\d+,"message":/,
    geminiWrong,
  ],
  ['/v1/messages/count_tokens', /^\{"type":"error","error":/, countWrong],
]

for (const [path, shape, wrongs] of doors) {
  describe(path, () => {
    for (const [what, body, said] of wrongs) {
      it(`refuses ${what}`, async () => {
        const response = await stage.house.post(path, body)
        const text = await response.text()
        assert.ok(response.status >= 400 && response.status < 500, `${response.status} ${text}`)
        assert.match(text, shape)
        assert.match(text, said)
        assert.doesNotMatch(text, /internal/i)
      })
    }
  })
}

describe('an embedding model', () => {
  for (const [path, body] of [
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }],
    ['/v1/responses', { input: 'x' }],
    ['/v1/messages', { max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }],
    ['/v2/chat', { messages: [{ role: 'user', content: 'x' }] }],
  ] as const) {
    it(`is refused at ${path}, with the names of models that chat`, async () => {
      const response = await stage.house.post(path, { ...body, model: 'text-embedding-3-small' })
      const text = await response.text()
      assert.ok(response.status === 400 || response.status === 422, text)
      assert.match(text, /does not answer questions in text.*gpt-/)
    })
  }

  it('is no candidate of the routes that choose by themselves', async () => {
    const models = (await (await stage.house.get('/v1/models')).json()) as {
      data: readonly { readonly id: string; readonly abilities?: readonly string[] }[]
    }
    const embedding = models.data.find(({ id }) => id === 'text-embedding-3-small')
    assert.deepEqual(embedding?.abilities, ['embeddings'])
  })
})
