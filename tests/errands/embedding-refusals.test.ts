/** What a target of embeddings cannot do is refused by name, before anybody is asked. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonValue } from '#core/domain/json.ts'
import { cohere, cohereWish, gemini, openai } from '#tests/errands/embedding-requests.ts'
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

/** Each with the word that the refusal must hold. */
const refusals: ReadonlyArray<readonly [what: string, path: string, body: JsonValue, word: RegExp]> = [
  ['tokens for Gemini', openai, { model: 'gemini-embedding-001', input: [1, 2] }, /input\[0\]|tokens/],
  ['tokens for Cohere', openai, { model: 'embed-v4.0', input: [[1], [2]] }, /tokens/],
  [
    'int8 for OpenAI',
    cohere,
    { ...cohereWish, model: 'text-embedding-3-small', embedding_types: ['float', 'int8'] },
    /int8/,
  ],
  [
    'ubinary for Gemini',
    cohere,
    { ...cohereWish, model: 'gemini-embedding-001', embedding_types: ['ubinary'] },
    /ubinary/,
  ],
  [
    'a cut at the start for Gemini',
    cohere,
    { ...cohereWish, model: 'gemini-embedding-001', truncate: 'START' },
    /truncate|cut/,
  ],
  [
    'a cap of tokens for OpenAI',
    cohere,
    { ...cohereWish, model: 'text-embedding-3-small', max_tokens: 9 },
    /max_tokens/,
  ],
  [
    'a form of a cousin for Gemini',
    openai,
    { model: 'gemini-embedding-001', input: 'x', encoding_format: 'base64_int8' },
    /encoding_format/,
  ],
  [
    'a title for OpenAI',
    gemini('text-embedding-3-small', 'embedContent'),
    { content: { parts: [{ text: 'x' }] }, taskType: 'RETRIEVAL_DOCUMENT', title: 'T' },
    /title/,
  ],
  [
    'purposes that differ, for Cohere',
    gemini('embed-v4.0', 'batchEmbedContents'),
    {
      requests: [
        { content: { parts: [{ text: 'x' }] }, taskType: 'CLUSTERING' },
        { content: { parts: [{ text: 'y' }] }, taskType: 'CLASSIFICATION' },
      ],
    },
    /requests\[1\]\.taskType/,
  ],
  [
    'several texts as one input, for OpenAI',
    gemini('text-embedding-3-small', 'embedContent'),
    { content: { parts: [{ text: 'x' }, { text: 'y' }] } },
    /Input 0|one text/,
  ],
  [
    'a length that Cohere does not make',
    openai,
    { model: 'embed-v4.0', input: 'x', dimensions: 700 },
    /dimensions is 700.*256, 512/,
  ],
  [
    'a length of a model that has one',
    openai,
    { model: 'mistral-embed', input: 'x', dimensions: 256 },
    /1024 alone/,
  ],
]

describe('refused by name, with nothing asked and nothing held', () => {
  for (const [what, path, body, word] of refusals) {
    it(what, async () => {
      const told = await stage.ask(path, body)
      assert.ok(told.status === 400 || told.status === 422, String(told.status))
      assert.match(JSON.stringify(told.body), word)
      assert.deepEqual(told.sent, [])
    })
  }
})
