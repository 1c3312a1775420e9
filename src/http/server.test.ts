/** The door over real sockets: who gets in, and what is refused before any route is reached. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createCrowd } from '#core/domain/crowd.ts'
import { adminKey, goodKey, openFakeDoor } from '#tests/support/fake-door.ts'
import type { FakeDoor } from '#tests/support/fake-door.ts'
import { rawHttp } from '#tests/support/raw-http.ts'
import { createDocs } from '#http/docs/docs-pages.ts'
import { createRoutes } from '#http/routes.ts'
import type { RouteRow } from '#http/routes.ts'

interface Failure {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly param?: string
    readonly mend?: string
    readonly nearest?: readonly string[]
    readonly request_id?: string
    readonly type?: string
  }
}
const failureOf = async (response: Response) => ((await response.json()) as Failure).error

const tableOf = (mode: 'development' | 'production'): readonly RouteRow[] =>
  createRoutes({ settings: { mode, version: '' } } as never, {
    docs: createDocs(() => ({})),
    serveInference: () => Promise.resolve(),
    serveErrand: () => Promise.resolve(),
    state: { attended: createCrowd(), isLeaving: false, isClosed: false },
  })

describe('the door', () => {
  let fake: FakeDoor
  before(async () => {
    fake = await openFakeDoor()
  })
  after(() => fake.close())

  test('every route of the table refuses a caller without a key, unless it is public', async () => {
    const rows = tableOf('production')
    assert.ok(rows.length > 15)
    const open: string[] = []
    for (const { method, path, permission, shape } of rows) {
      const response = await fetch(fake.url + path.replace(/:\w+|\*/g, 'x'), { method })
      await response.arrayBuffer()
      // The Gemini API calls a caller without a key one without permission.
      if (shape === 'gemini') assert.equal(response.status, 403, `${method} ${path}`)
      else if (permission === 'public') {
        open.push(`${method} ${path}`)
        assert.equal(response.status, 200, path)
      } else {
        assert.equal(response.status, 401, `${method} ${path}`)
        assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
      }
    }
    assert.deepEqual(open.sort(), [
      'GET /',
      'GET /docs',
      'GET /docs/js/scalar.js',
      'GET /docs/openapi.json',
      'GET /health',
      'GET /livez',
      'GET /readyz',
      'HEAD /health',
      'HEAD /livez',
      'HEAD /readyz',
    ])
  })

  test('a key without the permission of a route is told so', async () => {
    for (const { method, path, permission } of tableOf('production')) {
      if (permission === 'public' || permission === 'inference') continue
      const response = await fetch(fake.url + path.replace(/:\w+|\*/g, 'x'), {
        method,
        headers: { authorization: `Bearer ${goodKey}` },
      })
      assert.equal(response.status, 403, path)
      assert.equal((await failureOf(response)).code, 'not_permitted')
    }
  })

  test('a wrong key is refused before the body is read', async () => {
    const text = await rawHttp(
      fake.port,
      'POST /v1/generate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\n' +
        'content-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
      'invalid_key',
    )
    assert.match(text, /^HTTP\/1\.1 401 /)
  })

  test('a body is not asked for with 100 Continue when the key is wrong, and is when it is right', async () => {
    const head = (key: string, body: string) =>
      `POST /v1/generate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\nexpect: 100-continue\r\n` +
      `connection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    const body = '{"prompt":"Hi"}'
    assert.match(await rawHttp(fake.port, head('wrong', body), 'invalid_key'), /^HTTP\/1\.1 401 /)
    assert.match(await rawHttp(fake.port, head(goodKey, body), '\r\n\r\n'), /^HTTP\/1\.1 100 Continue/)
  })

  test('keys are read from each of the headers that clients use', async () => {
    for (const headers of [
      { authorization: `bearer ${goodKey}` },
      { authorization: '', 'x-api-key': goodKey },
      { authorization: 'Basic abc', 'x-goog-api-key': goodKey },
    ]) {
      const response = await fake.post('/v1/generate', { prompt: 'Hi' }, headers)
      assert.equal(response.status, 200, JSON.stringify(headers))
      await response.arrayBuffer()
    }
  })

  test('an unknown path and a wrong method are told apart, and the right methods named', async () => {
    const missing = await fake.get('/nothing')
    assert.equal(missing.status, 404)
    assert.equal((await failureOf(missing)).code, 'not_found')
    for (const method of ['PUT', 'OPTIONS', 'HEAD', 'PATCH']) {
      const response = await fetch(`${fake.url}/v1/chat/completions`, { method })
      assert.equal(response.status, 405, method)
      assert.equal(response.headers.get('allow'), 'POST')
      await response.arrayBuffer()
    }
    const keys = await fetch(`${fake.url}/admin/v1/keys`, { method: 'PUT' })
    assert.equal(keys.headers.get('allow'), 'POST, GET')
    await keys.arrayBuffer()
  })

  test('paths that readers could understand differently are refused', async () => {
    const odd = [
      '/v1/%2e%2e/admin/v1/keys',
      '/v1/../admin/v1/keys',
      '/v1//generate',
      '//v1/generate',
      '/v1%2fgenerate',
      '/v1/models/a%5cb',
      '/v1/./generate',
      '/v1/models/..',
      '/v1/models/%00',
      '/v1/models/%zz',
      '/v1\\generate',
      'http://elsewhere/v1/generate',
      '/v1/models/\u00e4',
      '*',
    ]
    for (const path of odd) {
      const text = await rawHttp(
        fake.port,
        `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${goodKey}\r\nconnection: close\r\n\r\n`,
      )
      assert.match(text, /^HTTP\/1\.1 400 /, path)
      assert.match(text, /malformed_request/, path)
    }
    const dotted = await fake.get('/v1/models/gpt-4.1')
    assert.equal(dotted.status, 404)
    assert.equal((await failureOf(dotted)).code, 'model_not_found')
  })

  test('a request id of the caller begins ours when it is harmless, and is left out when not', async () => {
    const given = await fake.post('/v1/generate', { prompt: 'Hi' }, { 'x-request-id': 'abc-1.2_Z' })
    const id = given.headers.get('x-request-id')
    assert.match(id ?? '', /^abc-1\.2_Z\.id-\d+$/)
    assert.equal(((await given.json()) as { id: string }).id, id)
    const again = await fake.post('/v1/generate', { prompt: 'Hi' }, { 'x-request-id': 'abc-1.2_Z' })
    assert.notEqual(again.headers.get('x-request-id'), id, 'a repeated id is no second name for one request')
    await again.arrayBuffer()
    for (const odd of ['a b', 'x'.repeat(65), '"quoted"', 'a/b']) {
      const replaced = await fake.post('/v1/generate', { prompt: 'Hi' }, { 'x-request-id': odd })
      assert.match(replaced.headers.get('x-request-id') ?? '', /^id-\d+$/)
      await replaced.arrayBuffer()
    }
    const failed = await fake.post('/v1/generate', { prompt: '' }, { 'x-request-id': 'mine' })
    assert.match(failed.headers.get('x-request-id') ?? '', /^mine\.id-\d+$/)
    assert.equal((await failureOf(failed)).request_id, failed.headers.get('x-request-id'))
  })

  test('bytes that are not HTTP and heads that are too large are answered and cut off', async () => {
    assert.match(await rawHttp(fake.port, 'NONSENSE\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*malformed_request/)
    const large = `GET /health HTTP/1.1\r\nhost: x\r\nx-large: ${'a'.repeat(20_000)}\r\n\r\n`
    assert.match(await rawHttp(fake.port, large), /^HTTP\/1\.1 400 [\s\S]*head of the request is too large/)
    const smuggled =
      'POST /v1/generate HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
    assert.match(await rawHttp(fake.port, smuggled), /^HTTP\/1\.1 400 /)
    assert.match(await rawHttp(fake.port, 'GET /health HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /)
  })

  test('the reference is served from our own files and describes every route', async () => {
    const page = await fake.get('/docs', {})
    const html = await page.text()
    assert.match(html, /\/docs\/js\/scalar\.js/)
    assert.doesNotMatch(html, /https?:\/\/cdn/)
    const document = (await (await fake.get('/docs/openapi.json', {})).json()) as {
      readonly openapi: string
      readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    }
    assert.match(document.openapi, /^3\.1/)
    for (const { method, path, isHidden } of tableOf('production')) {
      if (method === 'HEAD' || isHidden) continue
      const described = document.paths[path.replace(/:(\w+)/g, '{$1}')]
      assert.ok(described?.[method.toLowerCase()], `${method} ${path}`)
    }
    assert.match(JSON.stringify(document), /Most tokens of the answer/)
  })

  test('the first page names every endpoint, for people and for programs', async () => {
    const html = await (await fake.get('/', { accept: 'text/html' })).text()
    assert.match(html, /POST \/v1\/chat\/completions/)
    const listed = (await (await fake.get('/', {})).json()) as { endpoints: readonly { path: string }[] }
    assert.ok(listed.endpoints.some(({ path }) => path === '/v1/generate'))
  })

  test('metrics and details are for those who may see them', async () => {
    const headers = { authorization: `Bearer ${adminKey}` }
    const metrics = await fake.get('/metrics', headers)
    assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain/)
    assert.match(await metrics.text(), /signalbox_up 1/)
    const details = (await (await fake.get('/health/detailed', headers)).json()) as object
    assert.deepEqual(details, {
      status: 'ok',
      version: '0.0.0-test',
      mode: 'production',
      uptime_s: 5,
      simulated: false,
      in_flight: 0,
      providers: [],
    })
  })
})
