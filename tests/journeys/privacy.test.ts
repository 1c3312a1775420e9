/** Nothing that was said, and no credential, stands in a file, a log line, a metric or an error afterwards. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, it } from 'node:test'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askings, openStage, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import { goldenRecording, readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'
import { replyBytes } from '#tests/support/recording.ts'

const canaries = {
  prompt: 'canary-prompt-7f3a',
  system: 'canary-system-91cc',
  answer: 'canary-answer-52de',
  toolArgument: 'canary-argument-d801',
  providerError: 'canary-provider-error-3b7e',
  header: 'canary-header-6ac2',
  wrongKey: 'sbk_canary000000_wrong-key-e4f9',
  field: 'canary-field-a519',
  model: 'canary-model-08bd',
  image: Buffer.from('canary-image-c3').toString('base64'),
} as const

const settings = quietSettings.replace('cache: {enabled: false}', 'access: {require_key: true}')

let stage: ProviderStage
let key: string
before(async () => {
  stage = await openStage(settings, { ADMIN_API_KEY: adminKey })
  key = (await makeKey(stage.house, { tenant_id: 'acme' })).secret
})
after(() => stage.close())

const headers = () => ({ ...bearer(key), 'x-canary': canaries.header, cookie: `session=${canaries.header}` })

function answering(reply: Recording['reply']): Recording {
  const model = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
  return { ...model, reply }
}
const whole = answering({
  status: 200,
  headers: { 'content-type': 'application/json', 'x-provider-note': canaries.header },
  body: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'talking-gpt-2026',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: canaries.answer,
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'look', arguments: `{"q":"${canaries.toolArgument}"}` },
            },
          ],
        },
        finish_reason: 'tool_calls',
      },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  },
})
const chunk = (delta: object) => `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta }] })}\n\n`
const streamed = answering({
  status: 200,
  headers: {},
  stream: `${chunk({ content: canaries.answer })}${chunk({ content: ' and more' })}data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
})
const [anyResponse] = readGoldenRecordings('openai-responses')
assert.ok(anyResponse)
const wholeResponse: Recording = {
  ...anyResponse,
  reply: {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: {
      id: 'resp_of_the_provider',
      object: 'response',
      created_at: 1,
      status: 'completed',
      model: 'talking-gpt-2026',
      output: [
        {
          id: 'msg_1',
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: canaries.answer, annotations: [] }],
        },
      ],
      usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    },
  },
}
const refusing = (status: number) =>
  answering({
    status,
    headers: {},
    body: {
      error: {
        message: `Cannot: ${canaries.providerError} with ${canaries.prompt}`,
        type: 'invalid_request_error',
      },
    },
  })
const garbage = answering({ status: 200, headers: {}, body: `<html>${canaries.providerError}</html>` })

async function everythingThatCanHappen(): Promise<void> {
  const question = { prompt: canaries.prompt, system: canaries.system, model: 'talking-gpt', user_id: 'ann' }
  const generate = async (body: unknown, more = {}) =>
    (await stage.house.post('/v1/generate', body, { ...headers(), ...more })).text()
  const chat = async (more: object) => {
    const messages = [{ role: 'user', content: canaries.prompt }]
    const body = { model: 'talking-gpt', messages, ...more }
    return (await stage.house.post('/v1/chat/completions', body, headers())).text()
  }
  const stream = async () => {
    const response = await stage.house.post('/v1/generate/stream', question, headers())
    return response.text().catch(() => 'broken')
  }
  const respond = async (more: object) => {
    const body = { model: 'talking-gpt', input: canaries.prompt, instructions: canaries.system, ...more }
    return (await stage.house.post('/v1/responses', body, headers())).text()
  }
  stage.play(wholeResponse)
  for (const store of [undefined, true, false]) {
    assert.ok((await respond({ store })).includes(canaries.answer))
  }
  stage.play(whole)
  assert.ok((await generate(question)).includes(canaries.answer))
  assert.ok((await chat({})).includes(canaries.toolArgument))
  stage.play(streamed)
  assert.ok((await stream()).includes(canaries.answer))
  await stream()
  assert.ok((await chat({ stream: true })).includes(canaries.answer))
  stage.play({ recording: streamed, cut: { afterBytes: replyBytes(streamed.reply).length - 60, how: 'rst' } })
  await stream()
  await chat({ stream: true })
  for (const recording of [refusing(400), refusing(500), refusing(429), garbage]) {
    stage.play(recording)
    await generate(question)
    await stream()
    await chat({})
  }
  for (const asking of askings) {
    stage.play(garbage)
    await generate({ ...question, model: asking.model })
  }
  await generate(question, { authorization: `Bearer ${canaries.wrongKey}` })
  await generate(`{"prompt": "${canaries.prompt}", `)
  await generate({ ...question, [canaries.field]: canaries.prompt })
  await generate({ ...question, model: canaries.model })
  await generate({ ...question, images: [`data:image/png;base64,${canaries.image}`] })
  await stage.house.get(`/v1/models/${canaries.model}`, headers())
  await stage.house.get(`/${canaries.field}?q=${canaries.prompt}`, headers())
}

/** The file's bytes as text, so that a canary is found wherever it stands. */
function filesBelow(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const paths = files.map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.map((path) => [path, readFileSync(path, 'latin1')]))
}

it('leaves no word of a prompt, an answer, an error or a key behind', async () => {
  await everythingThatCanHappen()
  await assertNothingHeld(stage.house, bearer(adminKey))
  const { rows } = readRecords(stage.house.dataDir)
  assert.ok(rows.length > 20, `${rows.length} rows`)

  const places = new Map<string, string>([
    ...filesBelow(stage.house.dataDir),
    ['the log', stage.house.logLines.join('\n')],
    ['/metrics', await (await stage.house.get('/metrics', bearer(adminKey))).text()],
    ['/health/detailed', await (await stage.house.get('/health/detailed', bearer(adminKey))).text()],
    ['/admin/v1/usage', await (await stage.house.get('/admin/v1/usage', bearer(adminKey))).text()],
    ['/admin/v1/keys', await (await stage.house.get('/admin/v1/keys', bearer(adminKey))).text()],
  ])
  assert.ok([...places.keys()].some((path) => path.endsWith('signalbox.db')))
  const secrets = {
    ...canaries,
    key: key.slice(-49),
    adminKey,
    ...Object.fromEntries(askings.map((one) => [one.provider, one.key])),
  }
  // The name that a caller asked for is part of the row, as it is needed to tell why a request was refused.
  const { model: _model, ...neverKept } = secrets
  for (const [what, canary] of Object.entries(neverKept)) {
    for (const [place, content] of places) assert.ok(!content.includes(canary), `${what} stands in ${place}`)
  }
  for (const [place, content] of places) {
    if (place.startsWith('/') && !place.startsWith(stage.house.dataDir)) {
      assert.ok(!content.includes(canaries.model), `the name of an unknown model stands in ${place}`)
    }
  }
})

it('keeps nothing but ciphertext of a response, and only where the operator keeps responses', async () => {
  const storeKey = Buffer.alloc(32, 9).toString('base64')
  const keeping = await openStage(`${settings}responses: {store: on}\n`, {
    ADMIN_API_KEY: adminKey,
    RESPONSE_STORE_KEYS: storeKey,
  })
  try {
    const { secret } = await makeKey(keeping.house, { tenant_id: 'acme' })
    const ask = async (more: object) => {
      const body = { model: 'talking-gpt', input: canaries.prompt, instructions: canaries.system, ...more }
      const response = await keeping.house.post('/v1/responses', body, bearer(secret))
      return (await response.json()) as { readonly id: string; readonly store: boolean }
    }
    keeping.play(wholeResponse)
    const { id, store } = await ask({})
    assert.equal(store, true)
    await ask({ previous_response_id: id })
    const kept = await keeping.house.get(`/v1/responses/${id}`, bearer(secret))
    const text = await kept.text()
    assert.ok(text.includes(canaries.answer), 'its owner reads it')
    await assertNothingHeld(keeping.house, bearer(adminKey))
    const places = new Map([
      ...filesBelow(keeping.house.dataDir),
      ['the log', keeping.house.logLines.join('\n')],
      ['/metrics', await (await keeping.house.get('/metrics', bearer(adminKey))).text()],
    ])
    const rows = keptRows(keeping.house.dataDir)
    assert.equal(rows.length, 1, 'the double gives every answer the same id')
    places.set(
      'what is kept, unwrapped',
      rows.map((row) => Buffer.from(row, 'base64').toString('latin1')).join(),
    )
    for (const canary of [canaries.prompt, canaries.system, canaries.answer, id, storeKey]) {
      for (const [place, content] of places)
        assert.ok(!content.includes(canary), `${canary} stands in ${place}`)
    }
  } finally {
    await keeping.close()
  }
  assert.deepEqual(keptRows(stage.house.dataDir), [], 'where none are kept')
})

function keptRows(dataDir: string): readonly string[] {
  const database = new DatabaseSync(join(dataDir, 'signalbox.db'), { readOnly: true })
  try {
    const rows = database.prepare('SELECT sealed FROM stored_responses').all()
    return rows.map(({ sealed }) => String(sealed))
  } finally {
    database.close()
  }
}
