/** The `Idempotency-Key` header at every door: what reaches the gateway, and how each API says what is wrong with it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import { goodKey, openFakeDoor, receiptOf, textAnswer, wholeReply } from '#tests/support/fake-door.ts'
import type { FakeDoor } from '#tests/support/fake-door.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }]

/** Where each API says its own code of an error. */
const doors = [
  { path: '/v1/generate', body: { prompt: 'Hello' }, code: ['error', 'code'] },
  { path: '/v1/chat/completions', body: { model: 'acme-1', messages }, code: ['error', 'code'] },
  { path: '/v1/responses', body: { model: 'acme-1', input: 'Hello' }, code: ['error', 'code'] },
  {
    path: '/v1/messages',
    body: { model: 'acme-1', max_tokens: 10, messages },
    code: ['error', 'details', 'error_code'],
  },
  {
    path: '/v1beta/models/acme-1:generateContent',
    body: { contents },
    code: ['error', 'details', '0', 'metadata', 'code'],
  },
  { path: '/v2/chat', body: { model: 'acme-1', messages }, code: ['code'] },
] as const

let door: FakeDoor
let problem: Problem | undefined
before(async () => {
  door = await openFakeDoor((asked) => {
    if (problem) throw problem
    return wholeReply(asked)
  })
})
after(() => door.close())

async function codeOf(response: Response, path: readonly string[]): Promise<unknown> {
  let value: unknown = await response.json()
  for (const name of path) value = (value as Record<string, unknown>)[name]
  return value
}

for (const { path, body, code } of doors) {
  const headers = { 'x-goog-api-key': goodKey }

  test(`${path}: equal requests have one mark, others another`, async () => {
    problem = undefined
    const markOf = async (key: string, sent: unknown, query = '') => {
      const response = await door.post(`${path}${query}`, sent, { ...headers, 'idempotency-key': key })
      assert.equal(response.status, 200, await response.text())
      return door.asked.at(-1)?.mark
    }
    const first = await markOf('key one', body)
    assert.equal(first?.key, 'key one')
    assert.deepEqual(await markOf('key one', body), first)
    const other = await markOf('key one', { ...body, unheard_of: 1 }).catch(() => undefined)
    assert.notEqual(other?.fingerprint, first.fingerprint)
    assert.notEqual((await markOf('key two', body))?.fingerprint, first.fingerprint)
    await door.post(path, body, headers)
    assert.equal(door.asked.at(-1)?.mark, undefined)
  })

  test(`${path}: a key that is no key is refused in the API's own words`, async () => {
    problem = undefined
    const asked = door.asked.length
    for (const key of ['x'.repeat(256), 'caf\u00e9', 'tab\there']) {
      const response = await door.post(path, body, { ...headers, 'idempotency-key': key })
      assert.equal(response.status, 400)
      assert.equal(await codeOf(response, code), 'invalid_value')
    }
    assert.equal(door.asked.length, asked)
    const longest = await door.post(path, body, { ...headers, 'idempotency-key': 'x'.repeat(255) })
    assert.equal(longest.status, 200)
  })

  test(`${path}: each refusal of a repetition says whether to send it again`, async () => {
    const refusals = [
      [new Problem('idempotency_key_reused'), 422, 'false'],
      [new Problem('already_completed'), 409, 'false'],
      [new Problem('idempotency_in_progress', { retryAfterMs: 1_000 }), 409, 'true'],
    ] as const
    for (const [refusal, status, again] of refusals) {
      problem = refusal
      const response = await door.post(path, body, { ...headers, 'idempotency-key': 'key' })
      assert.equal(response.status, status)
      assert.equal(response.headers.get('x-should-retry'), again)
      assert.equal(response.headers.get('retry-after'), again === 'true' ? '1' : null)
      assert.equal(await codeOf(response, code), refusal.code)
    }
  })
}

test('an answer that was given to another request says to which', async () => {
  const repeating = await openFakeDoor((asked) => ({
    kind: 'whole',
    answer: textAnswer('Hello.'),
    receipt: receiptOf(asked, { repeatOf: 'request-of-before' }),
  }))
  try {
    const response = await repeating.post('/v1/generate', { prompt: 'Hello' }, { 'idempotency-key': 'key' })
    assert.equal(response.headers.get('x-signalbox-repeat-of'), 'request-of-before')
    await response.arrayBuffer()
  } finally {
    await repeating.close()
  }
})
