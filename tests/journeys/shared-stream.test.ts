/**
 * Two processes that share a book of idempotency keys: the same stream is asked of both at once, costs once, and is given
 * whole to both, whether answers are kept or only handed to those who wait. In PostgreSQL without Redis, and in Redis.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import type { TestContext } from 'node:test'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { openWorkplace } from '#tests/journeys/child-service.ts'
import type { Workplace } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'

const words = ['One ', 'stream ', 'for ', 'both', '.']

const chunk = (delta: object, more: object = {}) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'talking-gpt-2026',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  })}\n\n`
const usage = `data: ${JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'talking-gpt-2026',
  choices: [],
  usage: { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 },
})}\n\n`

/** Says the first word at once and the rest when it may. */
async function startSlowProvider(context: TestContext) {
  const rest = Promise.withResolvers<void>()
  let calls = 0
  const server = createServer((request, response) => {
    calls++
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chunk({ role: 'assistant', content: words[0] }))
    void rest.promise.then(() => {
      for (const word of words.slice(1)) response.write(chunk({ content: word }))
      response.end(`${chunk({}, { finish_reason: 'stop' })}${usage}data: [DONE]\n\n`)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { baseUrl: `http://127.0.0.1:${port}/v1`, goOn: () => rest.resolve(), calls: () => calls }
}

const adminKey = 'operator-key-of-this-test-0123456789abcdef'

const kept = '{answers_kept_ms: 60000, wait_ms: 60000}'
/** No answer is kept, but for those who wait for it when it ends. */
const handed = '{answers_kept_ms: 0, answers_handed_ms: 60000, wait_ms: 60000}'

const settings = (baseUrl: string, idempotency: string) => `
${soonWritten}log: {level: fatal}
cache: {enabled: false}
access: {require_key: false}
providers: {openai: {base_url: "${baseUrl}"}}
catalog: {file: ${catalogueFile}}
idempotency: ${idempotency}
`

const wordsIn = (stream: string): string =>
  stream
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: {'))
    .map((frame) => {
      const { choices } = JSON.parse(frame.slice(6)) as {
        readonly choices: readonly { readonly delta: { readonly content?: string } }[]
      }
      return choices[0]?.delta.content ?? ''
    })
    .join('')

interface Sharing {
  readonly stores: Readonly<Record<string, string>>
  readonly idempotency: string
  /** Whether the book says that somebody waits for the end of a call. */
  readonly isAwaited: () => Promise<boolean>
}

async function tellBoth(context: TestContext, { stores, idempotency, isAwaited }: Sharing): Promise<void> {
  const provider = await startSlowProvider(context)
  const environment = {
    ...stores,
    ADMIN_API_KEY: adminKey,
    OPENAI_API_KEY: 'key-of-this-test',
    KEY_PEPPER: randomBytes(32).toString('base64'),
  }
  const start = async (place: Workplace) => {
    place.writeSettings(settings(provider.baseUrl, idempotency))
    return place.start({ environment: { ...environment, CONFIG_FILE: place.settingsFile } }).address()
  }
  const places = [openWorkplace(context), openWorkplace(context)]
  const [first = '', second = ''] = await Promise.all(places.map(start))

  const ask = (address: string) =>
    fetch(`${address}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'task-1' },
      body: JSON.stringify({
        model: 'talking-gpt',
        stream: true,
        messages: [{ role: 'user', content: 'Go on.' }],
        max_tokens: 50,
      }),
    })
  const begun = await ask(first)
  assert.equal(begun.status, 200)
  const waiting = ask(second)
  await eventually(async () => assert.ok(await isAwaited()))
  provider.goOn()
  const [one, other] = [await begun.text(), await (await waiting).text()]
  const repeated = await waiting
  assert.equal(repeated.status, 200, other)
  for (const told of [one, other]) {
    assert.equal(wordsIn(told), words.join(''))
    assert.ok(told.trimEnd().endsWith('data: [DONE]'))
  }
  const again = await ask(first)
  assert.equal(wordsIn(await again.text()), words.join(''))
  assert.equal(provider.calls(), 1)
  const original = begun.headers.get('x-request-id')
  for (const repetition of [repeated, again]) {
    assert.equal(repetition.headers.get('x-signalbox-repeat-of'), original)
  }
}

for (const [how, idempotency] of [
  ['with answers kept', kept],
  ['with none kept', handed],
] as const) {
  it(
    `the same stream at two processes costs once and is whole at both, by a book in PostgreSQL ${how}`,
    { skip: whyNoPostgres() ?? false },
    async (context) => {
      const postgres = await startPostgres()
      context.after(() => postgres.stop())
      const isAwaited = async () => {
        const client = new Client({ connectionString: postgres.url })
        await client.connect()
        try {
          const found = await client.query('SELECT 1 FROM idempotency_keys WHERE awaited_until_ms > 0')
          return found.rows.length > 0
        } finally {
          await client.end()
        }
      }
      await tellBoth(context, { stores: { DATABASE_URL: postgres.url }, idempotency, isAwaited })
    },
  )

  it(
    `the same stream at two processes costs once and is whole at both, by a book in Redis ${how}`,
    { skip: whyNoRedis() ?? false },
    async (context) => {
      const redis = await startRedis()
      const client = new Redis(redis.url)
      context.after(async () => {
        client.disconnect()
        await redis.stop()
      })
      const isAwaited = async () => {
        const [entry] = await client.keys('{signalbox:idempotency:*}')
        return entry !== undefined && (await client.hexists(entry, 'w')) === 1
      }
      await tellBoth(context, { stores: { REDIS_URL: redis.url }, idempotency, isAwaited })
    },
  )
}
