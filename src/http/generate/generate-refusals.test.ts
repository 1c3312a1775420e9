/** POST /v1/generate: every way to be wrong, and how the answer says so. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import { goodKey, openFakeDoor, wholeReply } from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor } from '#tests/support/fake-door.ts'

interface Failure {
  readonly code: string
  readonly param?: string
  readonly mend: string
  readonly message: string
  readonly nearest?: readonly string[]
  readonly retryable: boolean
}

let fake: FakeDoor
let answer: Answerer
before(async () => {
  fake = await openFakeDoor((asked, caller) => answer(asked, caller))
})
after(() => fake.close())
beforeEach(() => {
  answer = (asked) => wholeReply(asked)
  fake.asked.length = 0
})

const ask = async (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fake.post('/v1/generate', body, headers)
  return { response, body: (await response.json()) as Record<string, unknown> & { error?: Failure } }
}
const refusal = async (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const { response, body: answered } = await ask(body, headers)
  assert.ok(answered.error, JSON.stringify(answered))
  return { status: response.status, ...answered.error }
}

describe('what is refused', () => {
  const cases: ReadonlyArray<readonly [string, unknown, string, string | undefined]> = [
    ['text that is not JSON', '{"prompt": "Hi",}', 'invalid_json', undefined],
    ['an empty body', '', 'invalid_json', undefined],
    ['an array', '[1]', 'invalid_json', undefined],
    ['no prompt', {}, 'missing_field', 'prompt'],
    ['an empty prompt', { prompt: '' }, 'empty_prompt', 'prompt'],
    ['a blank prompt', { prompt: ' \n' }, 'empty_prompt', 'prompt'],
    [
      'prompt and messages',
      { prompt: 'a', messages: [{ role: 'user', content: 'b' }] },
      'invalid_value',
      'messages',
    ],
    ['no messages', { messages: [] }, 'invalid_value', 'messages'],
    ['a prompt that is a number', { prompt: 7 }, 'invalid_value', 'prompt'],
    ['an unknown field', { prompt: 'a', max_token: 5 }, 'unknown_field', 'max_token'],
    [
      'a field written twice',
      '{"prompt":"a","max_tokens":1,"max_tokens":100000}',
      'duplicate_field',
      'max_tokens',
    ],
    ['a negative limit', { prompt: 'a', max_tokens: -1 }, 'invalid_value', 'max_tokens'],
    ['a limit of zero', { prompt: 'a', max_tokens: 0 }, 'invalid_value', 'max_tokens'],
    ['half a token', { prompt: 'a', max_tokens: 1.5 }, 'invalid_value', 'max_tokens'],
    ['a limit in words', { prompt: 'a', max_tokens: 'many' }, 'invalid_value', 'max_tokens'],
    ['a limit past all numbers', '{"prompt":"a","max_tokens":1e999}', 'invalid_value', 'max_tokens'],
    ['a temperature of 3', { prompt: 'a', temperature: 3 }, 'invalid_value', 'temperature'],
    [
      'a task type nobody knows',
      { prompt: 'a', task_type: 'sumarization' },
      'unknown_task_type',
      'task_type',
    ],
    ['a user that is a list', { prompt: 'a', user_id: ['x'] }, 'invalid_value', 'user_id'],
    ['an empty user', { prompt: 'a', user_id: '' }, 'invalid_value', 'user_id'],
    ['a price below zero', { prompt: 'a', max_cost_usd: -1 }, 'invalid_value', 'max_cost_usd'],
    ['a price in words', { prompt: 'a', max_cost_usd: 'cheap' }, 'invalid_value', 'max_cost_usd'],
    ['a quality above 1', { prompt: 'a', quality: 2 }, 'invalid_value', 'quality'],
    ['images that are no list', { prompt: 'a', images: 'x' }, 'invalid_value', 'images'],
    ['an image that is no address', { prompt: 'a', images: ['x'] }, 'invalid_media', 'images[0]'],
    ['a file address', { prompt: 'a', images: ['file:///etc/passwd'] }, 'invalid_media', 'images[0]'],
    [
      'an address with a password',
      { prompt: 'a', images: ['https://u:p@x.example/'] },
      'invalid_media',
      'images[0]',
    ],
    [
      'a data URL without base64',
      { prompt: 'a', images: ['data:image/png,abc'] },
      'invalid_media',
      'images[0]',
    ],
    ['broken base64', { prompt: 'a', images: ['data:image/png;base64,@@@'] }, 'invalid_media', 'images[0]'],
    ['an empty image', { prompt: 'a', images: ['data:image/png;base64,'] }, 'invalid_media', 'images[0]'],
    [
      'a PNG that is none',
      { prompt: 'a', images: ['data:image/png;base64,aGVsbG8gd29ybGQ='] },
      'invalid_media',
      'images[0]',
    ],
    [
      'an SVG',
      { prompt: 'a', images: ['data:image/svg+xml;base64,PHN2Zy8+'] },
      'unsupported_media_type',
      'images[0]',
    ],
    ['a tool choice without tools', { prompt: 'a', tool_choice: 'required' }, 'invalid_value', 'tool_choice'],
    [
      'a role nobody has',
      { messages: [{ role: 'robot', content: 'a' }] },
      'invalid_value',
      'messages[0].role',
    ],
    ['a message without content', { messages: [{ role: 'user' }] }, 'missing_field', 'messages[0].content'],
    [
      'a text part without text',
      { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'missing_field',
      'messages[0].content[0].text',
    ],
    [
      'too deep a body',
      `{"prompt":"a","metadata":${'['.repeat(100)}${']'.repeat(100)}}`,
      'body_too_deep',
      undefined,
    ],
    ['a prototype', '{"prompt":"a","__proto__":{"model":"x"}}', 'invalid_value', '__proto__'],
    ['a tag with a comma', { prompt: 'a', metadata: { a: 'b,c' } }, 'invalid_value', 'metadata'],
  ]
  for (const [name, body, code, param] of cases) {
    test(`${name}: ${code}`, async () => {
      const failure = await refusal(body)
      assert.equal(failure.code, code, failure.message)
      assert.equal(failure.param, param)
      assert.ok(failure.message.length > 10)
      assert.ok(failure.mend.length > 10)
      assert.equal(failure.retryable, false)
      assert.equal(failure.status, 400)
      assert.equal(fake.asked.length, 0)
    })
  }

  test('a mistyped field or task type is answered with the nearest ones', async () => {
    assert.deepEqual((await refusal({ prompt: 'a', promt: 'b' })).nearest, ['prompt'])
    assert.equal((await refusal({ prompt: 'a', max_token: 1 })).nearest?.[0], 'max_tokens')
    assert.equal((await refusal({ prompt: 'a', task_type: 'sumarisation' })).nearest?.[0], 'summarization')
  })

  test('the position of a fault in JSON is named', async () => {
    const failure = await refusal('{\n  "prompt": "Hi",\n  oops\n}')
    assert.match(failure.message, /line 3, column 3/)
  })

  test('anything but JSON is refused by its content type', async () => {
    for (const contentType of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const failure = await refusal({ prompt: 'Hi' }, { 'content-type': contentType })
      assert.equal(failure.code, 'unsupported_content_type')
      assert.equal(failure.status, 415)
    }
    const compressed = await refusal({ prompt: 'Hi' }, { 'content-encoding': 'gzip' })
    assert.equal(compressed.code, 'unsupported_content_type')
    const withCharset = await ask({ prompt: 'Hi' }, { 'content-type': 'application/json; charset=utf-8' })
    assert.equal(withCharset.response.status, 200)
  })

  test('a body over the limit is refused, stated or not, and the answer arrives', async () => {
    const large = JSON.stringify({ prompt: 'a'.repeat(5_000_000) })
    const stated = await refusal(large)
    assert.equal(stated.code, 'body_too_large')
    assert.equal(stated.status, 413)
    const chunks = new Blob([large]).stream()
    const response = await fetch(`${fake.url}/v1/generate`, {
      method: 'POST',
      body: chunks,
      duplex: 'half',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${goodKey}` },
    })
    assert.equal(response.status, 413)
    assert.equal(((await response.json()) as { error: Failure }).error.code, 'body_too_large')
  })

  test('headers with wrong wishes are named', async () => {
    for (const [name, value] of [
      ['x-signalbox-cache', 'maybe'],
      ['x-signalbox-timeout-ms', '-5'],
      ['x-signalbox-max-cost-usd', 'x'],
      ['x-signalbox-quality', '7'],
      ['x-signalbox-fallbacks', 'a,b,c,d,e,f,g,h,i'],
    ] as const) {
      const failure = await refusal({ prompt: 'Hi' }, { [name]: value })
      assert.equal(failure.code, 'invalid_value')
      assert.equal(failure.param, name)
    }
  })

  test('what the corridor refuses is passed on with its advice and its time to wait', async () => {
    answer = () => {
      throw new Problem('rate_limited', { retryAfterMs: 1_234, facts: { limit: 5 } })
    }
    const { response, body } = await ask({ prompt: 'Hi' })
    assert.equal(response.status, 429)
    assert.equal(response.headers.get('retry-after'), '2')
    assert.equal(response.headers.get('retry-after-ms'), '1234')
    assert.equal(response.headers.get('x-should-retry'), 'true')
    assert.equal(body.error?.retryable, true)
    answer = () => {
      throw new Problem('model_not_found', { param: 'model', nearest: ['acme-1'] })
    }
    const missing = await refusal({ prompt: 'Hi', model: 'acme-l' })
    assert.equal(missing.status, 404)
    assert.deepEqual(missing.nearest, ['acme-1'])
  })
})
