import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { HttpCall } from '#services/llm-adapters/adapter.ts'
import { instanceOf } from '#services/llm-adapters/simulated/schema-instance.ts'
import {
  createRoutedTransport,
  createSimulatedTransport,
} from '#services/llm-adapters/simulated/simulated-transport.ts'
import { row, simulatedRow } from '#tests/support/routing-house.ts'

const clock = { nowMs: () => 1_700_000_000_000, monotonicMs: () => performance.now() }
const chance = { fraction: () => 0.5, uniqueId: () => '01890000-0000-7000-8000-000000000001' }
const atOnce = { firstTokenMs: 0, tokensPerSecond: Number.POSITIVE_INFINITY }
const deadlines = { idleMs: 1_000, totalMs: 10_000 }
const stays = new AbortController().signal

interface Completion {
  model: string
  system_fingerprint: string
  choices: {
    index: number
    message: { content: string | null; tool_calls?: { function: { name: string; arguments: string } }[] }
    finish_reason: string
  }[]
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number }
}

interface Chunk {
  choices: {
    index: number
    delta: { content?: string; tool_calls?: { function?: { name?: string; arguments?: string } }[] }
    finish_reason: string | null
  }[]
  usage?: Completion['usage']
}

function callOf(request: object): HttpCall {
  const asked = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Tell me about Alpine railways' }] }
  const body = JSON.stringify({ ...asked, ...request })
  return { path: '/chat/completions', headers: {}, body, isStreamed: false, dropped: [] }
}

function send(request: object, pace = atOnce, signal = stays) {
  const transport = createSimulatedTransport({ clock, chance, settings: () => pace })
  return transport.send(callOf(request), { deadlines, signal })
}

async function whole(request: object = {}): Promise<Completion> {
  const reply = await send(request)
  assert.equal(reply.status, 200)
  return JSON.parse(Buffer.from(await reply.whole()).toString()) as Completion
}

async function frames(request: object = {}): Promise<string[]> {
  const reply = await send({ stream: true, ...request })
  assert.equal(reply.headers['content-type'], 'text/event-stream')
  const text = Buffer.from(await reply.whole()).toString()
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => frame.replace(/^data: /, ''))
}

const textOf = (completion: Completion, index = 0) => completion.choices[index]?.message.content ?? ''

test('the answer says that it is simulated, which model was asked, and what about', async () => {
  const completion = await whole()
  assert.equal(completion.system_fingerprint, 'simulated')
  assert.equal(completion.model, 'gpt-4o')
  assert.match(textOf(completion), /^This is a simulated answer from gpt-4o: no model was asked\./)
  assert.match(textOf(completion), /5 words/)
  assert.match(textOf(completion), /railways, alpine and about/)
  assert.deepEqual(await whole(), completion)
})

test('a longer prompt gets a longer answer, and token counts follow the letters', async () => {
  const long = { messages: [{ role: 'user', content: 'station '.repeat(100) }] }
  const [short, longer] = [await whole(), await whole(long)]
  assert.ok(textOf(longer).length > textOf(short).length)
  assert.ok(longer.usage.prompt_tokens > short.usage.prompt_tokens)
  assert.equal(short.usage.completion_tokens, Math.ceil(textOf(short).length / 4))
  assert.equal(short.usage.total_tokens, short.usage.prompt_tokens + short.usage.completion_tokens)
})

test('a stream says the same as the whole answer, ends with its reason and with [DONE]', async () => {
  const all = await frames({ stream_options: { include_usage: true } })
  assert.equal(all.at(-1), '[DONE]')
  const chunks = all.slice(0, -1).map((frame) => JSON.parse(frame) as Chunk)
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
  const completion = await whole()
  assert.equal(text, textOf(completion))
  assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, 'stop')
  assert.deepEqual(chunks.at(-1)?.usage, completion.usage)
  assert.ok((await frames()).every((frame) => !frame.includes('"usage"')))
})

test('the output limit cuts the answer and says so, never through a character', async () => {
  const request = {
    max_completion_tokens: 40,
    messages: [{ role: 'user', content: `trains ${'🚂🚃'.repeat(60)}` }],
  }
  const completion = await whole(request)
  assert.equal(completion.choices[0]?.finish_reason, 'length')
  assert.equal(completion.usage.completion_tokens, 40)
  const chunks = (await frames(request)).slice(0, -1).map((frame) => JSON.parse(frame) as Chunk)
  for (const { choices } of chunks) assert.ok((choices[0]?.delta.content ?? '').isWellFormed())
  assert.equal((await whole({ max_tokens: 1 })).usage.completion_tokens, 1)
})

test('a stop sequence ends the answer before itself', async () => {
  const completion = await whole({ stop: ['no model', ' answer'] })
  assert.equal(textOf(completion), 'This is a simulated')
  assert.equal(completion.choices[0]?.finish_reason, 'stop')
})

test('several answers are numbered, whole and side by side in a stream', async () => {
  const completion = await whole({ n: 3 })
  assert.deepEqual(
    completion.choices.map(({ index }) => index),
    [0, 1, 2],
  )
  assert.match(textOf(completion, 1), /\(2 of 3\)/)
  const chunks = (await frames({ n: 2 })).slice(0, -1).map((frame) => JSON.parse(frame) as Chunk)
  assert.equal(chunks.filter(({ choices }) => choices[0]?.finish_reason === 'stop').length, 2)
})

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}
const clockTool = { type: 'function', function: { name: 'get_time' } }

test('a tool is called when it is forced or named in the prompt, and only then', async () => {
  const tools = [clockTool, weather]
  const plain = await whole({ tools })
  assert.equal(plain.choices[0]?.finish_reason, 'stop')
  const named = await whole({ tools, tool_choice: { type: 'function', function: { name: 'get_weather' } } })
  const [call] = named.choices[0]?.message.tool_calls ?? []
  assert.equal(named.choices[0]?.finish_reason, 'tool_calls')
  assert.equal(call?.function.name, 'get_weather')
  assert.deepEqual(JSON.parse(call?.function.arguments ?? ''), { city: 'simulated' })
  const forced = await whole({ tools, tool_choice: 'required' })
  assert.equal(forced.choices[0]?.message.tool_calls?.[0]?.function.arguments, '{}')
  const messages = [{ role: 'user', content: 'Please call get_weather for me' }]
  assert.equal((await whole({ tools, messages })).choices[0]?.finish_reason, 'tool_calls')
  assert.equal((await whole({ tools, messages, tool_choice: 'none' })).choices[0]?.finish_reason, 'stop')
  const answered = [...messages, { role: 'tool', tool_call_id: 'call_1', content: 'sunny' }]
  assert.equal((await whole({ tools, messages: answered })).choices[0]?.finish_reason, 'stop')

  const chunks = (await frames({ tools, messages })).slice(0, -1).map((frame) => JSON.parse(frame) as Chunk)
  const written = chunks.map(({ choices }) => choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '')
  assert.deepEqual(JSON.parse(written.join('')), { city: 'simulated' })
})

test('a JSON answer is an object, and fits the schema that was given', async () => {
  const object = await whole({ response_format: { type: 'json_object' } })
  assert.equal((JSON.parse(textOf(object)) as JsonObject)['simulated'], true)
  const response_format = { type: 'json_schema', json_schema: { name: 'x', schema: trickySchema } }
  const answer: unknown = JSON.parse(textOf(await whole({ response_format })))
  assert.ok(new Ajv({ strict: false, validateFormats: false }).validate(trickySchema, answer))
})

const trickySchema = {
  type: 'object',
  $defs: {
    node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, name: { type: 'string' } } },
  },
  properties: {
    age: { type: 'integer', minimum: 18, maximum: 20, multipleOf: 5 },
    kind: { enum: ['b', 'a'] },
    fixed: { const: 7 },
    maybe: { anyOf: [{ type: 'null' }, { type: 'array', items: { type: 'number' }, minItems: 3 }] },
    both: { allOf: [{ $ref: '#/$defs/node' }, { required: ['extra'] }] },
    list: { $ref: '#/$defs/node' },
    code: { type: ['null', 'string'], minLength: 12, maxLength: 14 },
  },
  required: ['age', 'kind', 'fixed', 'maybe', 'both', 'list', 'code'],
  additionalProperties: false,
} satisfies JsonObject

test('an instance fits every schema made of the usual words', () => {
  const { schema } = fc.letrec<{ schema: JsonObject; leaf: JsonObject }>((tie) => ({
    leaf: fc.oneof(
      fc.record({ type: fc.constant('string'), minLength: fc.nat(20) }),
      fc.record({ type: fc.constant('integer'), minimum: fc.integer({ min: -50, max: 50 }) }),
      fc.record({ type: fc.constant('number'), exclusiveMaximum: fc.integer({ min: -50, max: 50 }) }),
      fc.constant<JsonObject>({ type: 'boolean' }),
      fc.record({ enum: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }) }),
    ),
    schema: fc.oneof(
      { maxDepth: 3 },
      tie('leaf'),
      fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat(3) }),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('schema'), { maxKeys: 3 }).map((properties) => ({
        type: 'object',
        properties,
        required: Object.keys(properties),
        additionalProperties: false,
      })),
    ),
  }))
  const ajv = new Ajv({ strict: false })
  fc.assert(
    fc.property(schema, (given) => {
      assert.ok(ajv.validate(given, instanceOf(given)), ajv.errorsText())
    }),
  )
})

test('a body that is no chat-completion request is refused like a provider would', async () => {
  const transport = createSimulatedTransport({ clock, chance, settings: () => atOnce })
  for (const body of ['', '{', '[]', '{"messages": []}']) {
    const reply = await transport.send({ ...callOf({}), body }, { deadlines, signal: stays })
    assert.equal(reply.status, 400)
    await reply.whole()
  }
})

test('the first words wait as long as the settings say, but not past the time allowed', async () => {
  const reply = await send({ stream: true }, { firstTokenMs: 5_000, tokensPerSecond: 100 })
  await assert.rejects(
    reply.next(5),
    (thrown) => thrown instanceof Problem && thrown.code === 'provider_timeout',
  )
  assert.equal(await reply.next(), undefined)
})

test('a paced stream comes in several pieces and says the same', async () => {
  // A clock of its own: on a busy machine every step could be due at the first look.
  let nowMs = 0
  const steady = { ...clock, monotonicMs: () => (nowMs += 0.1) }
  const pace = { firstTokenMs: 1, tokensPerSecond: 5_000 }
  const transport = createSimulatedTransport({ clock: steady, chance, settings: () => pace })
  const reply = await transport.send(callOf({ stream: true }), { deadlines, signal: stays })
  const pieces: Uint8Array[] = []
  for (let piece = await reply.next(); piece; piece = await reply.next()) pieces.push(piece)
  assert.ok(pieces.length > 1)
  const unpaced = await (await send({ stream: true })).whole()
  assert.equal(Buffer.concat(pieces).toString(), Buffer.from(unpaced).toString())
})

test('a caller who leaves, and a reader who gives up, end the wait at once', async () => {
  const isCallerLeft = (thrown: unknown) => thrown instanceof Problem && thrown.code === 'caller_left'
  const slow = { firstTokenMs: 60_000, tokensPerSecond: 1 }
  const leaving = new AbortController()
  const left = assert.rejects((await send({}, slow, leaving.signal)).whole(), isCallerLeft)
  leaving.abort()
  await left
  const reply = await send({}, slow)
  const given = assert.rejects(reply.next(), isCallerLeft)
  reply.cancel()
  await given
  await assert.rejects(send({}, atOnce, AbortSignal.abort()), isCallerLeft)
})

test('only calls to simulated providers are simulated', async () => {
  const simulated = createSimulatedTransport({ clock, chance, settings: () => atOnce })
  const real = { send: () => Promise.resolve('real' as const) }
  const routed = createRoutedTransport(real, simulated)
  const terms = { deadlines, signal: stays }
  assert.equal(await routed.send(callOf({}), { ...terms, provider: row('openai') }), 'real')
  const reply = await routed.send(callOf({}), { ...terms, provider: simulatedRow })
  assert.ok(reply !== 'real' && reply.status === 200)
})
