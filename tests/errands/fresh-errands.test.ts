/** A fresh start without any key runs every errand too, and says that nobody thought about it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { readRecords } from '#tests/journeys/records.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

let house: RunningHouse
const limit = 12

before(async () => {
  house = await startHouse({
    yaml: `analytics: {flush_ms: 10}\nlimits: {per_tenant: {requests_per_minute: ${limit}, tokens_per_minute: 100000}}`,
  })
})

after(async () => {
  try {
    await eventually(() => assert.equal(readRecords(house.dataDir).heldNanoUsd.size, 0))
  } finally {
    await house.close()
  }
})

const question = [{ role: 'user', content: 'Hello there, signalman.' }]
const vectorIn = (value: unknown) => asArray(value).length

const errands: ReadonlyArray<
  readonly [path: string, body: JsonObject, check: (answer: JsonObject) => void, isEstimate?: true]
> = [
  [
    '/v1/embeddings',
    { model: 'text-embedding-3-large', input: ['one', 'two'] },
    ({ data }) =>
      assert.deepEqual(
        asArray(data).map((one) => vectorIn(asObject(one)?.['embedding'])),
        [3_072, 3_072],
      ),
  ],
  [
    '/v1/embeddings',
    { model: 'embed-v4.0', input: 'one', dimensions: 256 },
    ({ data }) => assert.equal(vectorIn(asObject(asArray(data)[0])?.['embedding']), 256),
  ],
  [
    '/v1beta/models/gemini-embedding-001:embedContent',
    { content: { parts: [{ text: 'one' }] } },
    ({ embedding }) => assert.equal(vectorIn(asObject(embedding)?.['values']), 3_072),
  ],
  [
    '/v2/embed',
    { model: 'embed-english-light-v3.0', texts: ['one'], input_type: 'search_query' },
    ({ embeddings }) => assert.equal(vectorIn(asArray(asObject(embeddings)?.['float'])[0]), 384),
  ],
  [
    '/v2/rerank',
    { model: 'rerank-v3.5', query: 'red signal', documents: ['green field', 'a red signal'] },
    ({ results }) => assert.equal(asObject(asArray(results)[0])?.['index'], 1),
  ],
  [
    '/v1/moderations',
    { input: 'Hello' },
    ({ results }) => assert.equal(asObject(asArray(results)[0])?.['flagged'], false),
  ],
  [
    '/v1/messages/count_tokens',
    { model: 'claude-opus-5-5', messages: question },
    ({ input_tokens: tokens }) => assert.ok(Number(tokens) > 3 && Number(tokens) < 40),
    true,
  ],
  [
    '/v1/responses/input_tokens',
    { model: 'gpt-6-luna', input: question },
    ({ input_tokens: tokens }) => assert.ok(Number(tokens) > 3 && Number(tokens) < 40),
    true,
  ],
  [
    '/v1beta/models/gemini-2.5-flash:countTokens',
    { contents: [{ parts: [{ text: 'Hello there, signalman.' }] }] },
    ({ totalTokens }) => assert.ok(Number(totalTokens) > 3 && Number(totalTokens) < 40),
    true,
  ],
]

describe('a fresh start', () => {
  for (const [path, body, check, isEstimate] of errands) {
    it(`answers ${path} for ${asString(body['model']) ?? 'the usual model'}`, async () => {
      const response = await house.post(path, body)
      const text = await response.text()
      assert.equal(response.status, 200, text)
      assert.equal(response.headers.get('x-signalbox-simulated'), 'true')
      assert.equal(response.headers.get('x-signalbox-estimated'), isEstimate ? 'true' : null)
      check(asObject(JSON.parse(text)) ?? {})
    })
  }
})

it('a count uses up a request of the limit, and no tokens', async () => {
  const body = { model: 'claude-opus-5-5', messages: question }
  const count = () => house.post('/v1/messages/count_tokens', body)
  const tokensLeft = ({ headers }: Response) => Number(headers.get('anthropic-ratelimit-tokens-remaining'))
  let answer = await count()
  assert.ok(Number(answer.headers.get('anthropic-ratelimit-requests-remaining')) < limit)
  for (let tries = 0; answer.status === 200 && tries < 10 * limit; tries++) {
    const next = await count()
    if (next.status === 200) assert.ok(tokensLeft(next) >= tokensLeft(answer))
    answer = next
  }
  assert.equal(answer.status, 429)
  assert.match(await answer.text(), /rate_limit_error/)
})
