import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { vectorFromBase64 } from '#core/domain/vector-text.ts'
import { errandScript } from '#services/llm-adapters/simulated/simulated-errands.ts'

const marks = { id: 'id-1', createdAtS: 0 }

function reply(path: string, request: JsonObject): JsonObject {
  const script = errandScript(path, JSON.stringify(request), marks)
  return asObject(JSON.parse(script?.steps[0]?.text ?? 'null')) ?? {}
}

function vectorsOf(request: JsonObject): ReadonlyArray<readonly number[]> {
  return asArray(reply('/embeddings', request)['data']).map((entry) => {
    const embedding = asObject(entry)?.['embedding']
    return typeof embedding === 'string'
      ? (vectorFromBase64(embedding) ?? [])
      : asArray(embedding).map(Number)
  })
}

const product = (one: readonly number[] = [], other: readonly number[] = []) =>
  one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0)

test('vectors have length 1, the wished count of numbers, and are the same for the same text', () => {
  for (const dimensions of [1, 256, 1_536, 3_072]) {
    const [one, again] = vectorsOf({ input: ['a train', 'a train'], dimensions })
    assert.equal(one?.length, dimensions)
    assert.ok(Math.abs(product(one, one) - 1) < 1e-6)
    assert.deepEqual(one, again)
  }
})

test('texts that share words are nearer to each other than texts that share none', () => {
  const [signal, alike, other] = vectorsOf({
    input: ['the signal is red', 'is the signal red?', 'bananas grow slowly'],
  })
  assert.ok(product(signal, alike) > 0.9)
  assert.ok(Math.abs(product(signal, other)) < 0.2)
})

test('base64 holds the same numbers, rounded to 32 bits', () => {
  const [plain] = vectorsOf({ input: 'x y z' })
  const [packed] = vectorsOf({ input: 'x y z', encoding_format: 'base64' })
  assert.deepEqual(packed, plain?.map(Math.fround))
})

test('tokens have vectors too, one for each list', () => {
  assert.equal(vectorsOf({ input: [1, 2, 3] }).length, 1)
  assert.equal(
    vectorsOf({
      input: [
        [1, 2],
        [3, 4],
      ],
    }).length,
    2,
  )
})

test('the document with the most words of the query is the best', () => {
  const { results } = reply('/rerank', {
    query: 'capital of France',
    documents: ['Bananas', 'Paris is the capital of France', 'The capital'],
    top_n: 2,
  })
  assert.deepEqual(
    asArray(results).map((result) => asObject(result)?.['index']),
    [1, 2],
  )
})

test('nothing is ever flagged, and each text has its verdict', () => {
  const { results } = reply('/moderations', { input: ['one', 'two'] })
  assert.deepEqual(
    asArray(results).map((result) => asObject(result)?.['flagged']),
    [false, false],
  )
})

test('other addresses and bodies that are no request are no errand', () => {
  assert.equal(errandScript('/chat/completions', '{}', marks), undefined)
  assert.equal(errandScript('/embeddings', 'nonsense', marks), undefined)
})
