import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TextSpan } from '#core/domain/chat.ts'
import type { EmbedErrand } from '#core/domain/errand.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { vectorToBase64 } from '#core/domain/vector-text.ts'
import { openAiEmbeddings } from '#services/llm-adapters/openai-chat/embeddings.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const terms = { maxOutputTokens: 0, requestId: 'request-1' }
const target = recordedTarget({ dialect: 'openai-chat', model: 'some-embedder' })

/** As it comes in at the OpenAI door. */
function nativeErrand(request: JsonObject): EmbedErrand {
  const text = JSON.stringify(request)
  const input = request['input']
  const texts = typeof input === 'string' ? [input] : asArray(input)
  return {
    kind: 'embed',
    inputs: texts.map((entry) => ({ kind: 'text', text: asString(entry) ?? '' })),
    forms: [request['encoding_format'] === 'base64' ? 'base64' : 'float'],
    native: { dialect: 'openai-chat', body: request, text, members: spansOf(request) },
  }
}

/** Where each member's value stands in the request as `JSON.stringify` writes it. */
function spansOf(request: JsonObject): ReadonlyMap<string, TextSpan> {
  const spans = new Map<string, TextSpan>()
  let at = 1
  for (const [name, value] of Object.entries(request)) {
    const start = at + JSON.stringify(name).length + 1
    const end = start + JSON.stringify(value).length
    spans.set(name, { start, end })
    at = end + 1
  }
  return spans
}

const decode = (body: string, errand: EmbedErrand) =>
  openAiEmbeddings.decode([{ status: 200, headers: {}, body: Buffer.from(body) }], errand, target)

test('vectors of many inputs as numbers come in several replies, each small enough to be read', () => {
  const long = { ...target, card: { ...target.card, embedding: { dimensions: 3_072, dimensionsLeast: 1 } } }
  const input = Array.from({ length: 2_048 }, (_, at) => `text ${at}`)
  const asked = (more: JsonObject) =>
    openAiEmbeddings.encode(nativeErrand({ model: 'm', input, newer: 1, ...more }), long, terms)
  const calls = asked({})
  assert.equal(calls.length, 2)
  const bodies = calls.map(({ body }) => asObject(JSON.parse(String(body))))
  assert.deepEqual(
    bodies.flatMap((body) => asArray(body?.['input'])),
    input,
  )
  for (const body of bodies) assert.equal(body?.['newer'], 1)
  assert.equal(asked({ encoding_format: 'base64' }).length, 1)
})

test("Azure's classic addresses hold the deployment", () => {
  const azure = {
    ...target,
    provider: { ...target.provider, addressForm: { kind: 'azure-deployment', apiVersion: '2024-10-21' } },
  } as const
  const [call] = openAiEmbeddings.encode(nativeErrand({ model: 'm', input: 'x' }), azure, terms)
  assert.equal(call?.path, '/openai/deployments/some-embedder/embeddings?api-version=2024-10-21')
})

test('a reply passes on as it came only when every vector is in the form that was asked for', () => {
  // JSON has no negative zero.
  const number = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0)
  const vector = fc.array(number, { minLength: 1, maxLength: 4 })
  const list = fc.array(vector, { minLength: 1, maxLength: 4 })
  const usage = fc.constantFrom(
    {},
    { usage: { prompt_tokens: 5, total_tokens: 5, details: [1, { a: [2] }] } },
  )
  const forms = fc.record({
    indent: fc.constantFrom(undefined, 1),
    isAsked: fc.boolean(),
    isGiven: fc.boolean(),
  })
  fc.assert(
    fc.property(list, usage, forms, (vectors, more, { indent, isAsked, isGiven }) => {
      const data = vectors.map((one, index) => ({
        object: 'embedding',
        index,
        embedding: isGiven ? vectorToBase64(one) : one,
      }))
      const body = JSON.stringify({ object: 'list', data, model: 'm', ...more }, undefined, indent)
      const errand = nativeErrand({
        model: 'm',
        input: vectors.map(() => 'x'),
        encoding_format: isAsked ? 'base64' : 'float',
      })
      if (isGiven && !isAsked) {
        assert.throws(() => decode(body, errand), { code: 'provider_malformed' })
        return
      }
      const answer = decode(body, errand)
      assert.equal(answer.usage.inputTokens, 'usage' in more ? 5 : null)
      assert.equal(answer.model, 'm')
      if (isGiven === isAsked) assert.equal(Buffer.from(answer.native?.bytes ?? []).toString(), body)
      else assert.deepEqual(answer.vectors, vectors)
    }),
  )
})

test('vectors are put in the order of their own numbers', () => {
  const data = [
    { index: 1, embedding: [2] },
    { index: 0, embedding: [1] },
  ]
  const errand: EmbedErrand = { ...nativeErrand({ model: 'm', input: ['a', 'b'] }), native: undefined }
  assert.deepEqual(decode(JSON.stringify({ data }), errand).vectors, [[1], [2]])
})

test('too few vectors, or numbers in the list that do not fit, are no answer', () => {
  const errand: EmbedErrand = { ...nativeErrand({ model: 'm', input: ['a', 'b'] }), native: undefined }
  for (const data of [
    [],
    [{ index: 0, embedding: [1] }],
    [
      { index: 0, embedding: [1] },
      { index: 4_000_000_000, embedding: [1] },
    ],
    [
      { index: 0, embedding: [1] },
      { index: 1, embedding: ['x'] },
    ],
  ]) {
    assert.throws(() => decode(JSON.stringify({ data }), errand), { code: 'provider_malformed' })
  }
})

test('an error with a success status is what it says', () => {
  const errand: EmbedErrand = { ...nativeErrand({ model: 'm', input: 'a' }), native: undefined }
  const error = { error: { message: 'no such model', code: 'model_not_found' } }
  assert.throws(() => decode(JSON.stringify(error), errand), { code: 'provider_model_missing' })
})
