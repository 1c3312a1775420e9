/** Ways in which gateways are known to let calls past a limit, to keep its places, or to answer for nothing. Each names its public report. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const settings = (rules: string) => `access: {require_key: false}
simulation: {enabled: true, first_token_ms: 0, tokens_per_second: 1000}
cache: {enabled: false}
limits: {rules: [${rules}]}
`
const question = (user: string) => ({ prompt: 'Hello', user_id: user, max_tokens: 40 })

async function statusesOf(houses: readonly RunningHouse[], calls: number, user: string) {
  const ask = async (house: RunningHouse) => {
    const response = await house.post('/v1/generate', question(user))
    await response.arrayBuffer()
    return response.status
  }
  const asked = Array.from({ length: calls }, (_, call) => houses[call % houses.length] ?? assert.fail())
  return Promise.all(asked.map(ask))
}
const answered = (statuses: readonly number[]) => statuses.filter((status) => status === 200).length

describe('one instance', () => {
  let house: RunningHouse
  before(async () => {
    house = await startHouse({
      yaml: settings(
        '{level: user, id: tokens, window: day, tokens: 130}, {level: user, id: places, concurrent_requests: 2}',
      ),
    })
  })
  after(() => house.close())

  // BerriAI/litellm#18730
  test('a limit of tokens that many calls at once pass: here each takes its tokens in the step that checks', async () => {
    // A call takes its answer's limit and its input: three of them are more than there is.
    const count = answered(await statusesOf([house], 40, 'tokens'))
    assert.ok(count >= 1 && count <= 3, `${count} were answered`)
  })

  // BerriAI/litellm#27955, BerriAI/litellm#20256
  test('places that cancelled streams keep: here they are free again when the reader has left', async () => {
    for (let round = 0; round < 10; round += 1) {
      const leaving = new AbortController()
      const response = await eventually(async () => {
        const streamed = await fetch(`${house.address}/v1/generate/stream`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...question('places'), max_tokens: 4_000 }),
          signal: leaving.signal,
        })
        assert.equal(streamed.status, 200)
        return streamed
      })
      await response.body?.getReader().read()
      leaving.abort()
    }
    await eventually(async () => assert.deepEqual(await statusesOf([house], 2, 'places'), [200, 200]))
  })

  // BerriAI/litellm#35913, BerriAI/litellm#35524
  test('a model without a price that answers for nothing: here it is refused before anybody is asked', async (context) => {
    const model = 'openai/a-model-that-nobody-has-priced'
    const environment = { OPENAI_API_KEY: 'never-asked' }
    const live = await startHouse({ yaml: settings(''), environment })
    context.after(() => live.close())
    const response = await live.post('/v1/generate', { ...question('price'), model })
    const { error } = (await response.json()) as { readonly error: Readonly<Record<string, unknown>> }
    assert.deepEqual([response.status, error['code']], [503, 'price_unknown'])
  })
})

describe('two instances', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let houses: readonly RunningHouse[] = []
  before(async () => {
    redis = await startRedis()
    const yaml = settings('{level: user, window: day, requests: 10}')
    houses = await Promise.all([0, 1].map(() => startHouse({ yaml, environment: { REDIS_URL: redis.url } })))
  })
  after(async () => {
    for (const house of houses) await house.close()
    await redis.stop()
  })

  // BerriAI/litellm#16011
  test('a limit that is not exact over several instances: here it is, however many ask at once', async () => {
    assert.equal(answered(await statusesOf(houses, 60, 'exact')), 10)
  })

  // BerriAI/litellm#39309
  test('refused calls that use up the limit: here they take nothing from it', async () => {
    assert.equal(answered(await statusesOf(houses, 4, 'spared')), 4)
    // Sixty ask for the six that are left, and then the limit is what it was: used up by ten answers.
    assert.equal(answered(await statusesOf(houses, 60, 'spared')), 6)
    assert.equal(answered(await statusesOf(houses, 4, 'spared')), 0)
  })
})
