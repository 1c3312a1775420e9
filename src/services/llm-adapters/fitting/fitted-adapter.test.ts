/** Facts about what stands around every adapter: refusals, names of what is passed over, tools in other words. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChatQuestion, Tool } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { encodeWith, isUnsupported, nativeOf, sentBody, targetFor } from '#tests/support/adapter-writing.ts'
import { adapters } from '#tests/support/adapters.ts'

const claude = adapters.for('anthropic-messages')
const custom: Tool = { kind: 'custom', name: 'run.sql', description: 'Runs SQL.' }
const history: ChatQuestion['messages'] = [
  { role: 'user', parts: [{ type: 'text', text: 'Count' }] },
  {
    role: 'assistant',
    parts: [{ type: 'tool_call', id: 'c1', name: 'run.sql', kind: 'custom', argumentsText: 'select "1"' }],
  },
  {
    role: 'tool',
    parts: [{ type: 'tool_result', callId: 'c1', parts: [{ type: 'text', text: '1' }], isError: false }],
  },
]

test('what is passed over is named by the table, what is refused is refused', () => {
  const wish = { seed: 1, presencePenalty: 0.5, temperature: 1.4, stopSequences: ['END', '\n'] }
  assert.deepEqual(encodeWith(claude, wish).dropped, ['stop', 'seed', 'temperature', 'presence_penalty'])
  assert.throws(() => encodeWith(claude, { temperature: 0.5, topP: 0.5 }), isUnsupported)
  assert.deepEqual(encodeWith(adapters.for('cohere-chat'), { endUser: 'u' }).dropped, ['user'])
})

test('members that only the own API has a meaning for are told when another target is asked', () => {
  const body = { model: 'm', messages: [], metadata: { a: 'b' }, store: false, user: null, verbosity: 'low' }
  const native = nativeOf('openai-chat', body)
  assert.deepEqual(encodeWith(claude, { native }).dropped, ['metadata', 'verbosity'])
  const response = nativeOf('openai-responses', { model: 'm', input: 'x', text: { verbosity: 'low' } })
  assert.deepEqual(encodeWith(claude, { native: response }).dropped, ['text.verbosity'])
  assert.deepEqual(encodeWith(claude, { unsaid: ['cachedContent'] }).dropped, ['cachedContent'])
  const biased = nativeOf('openai-chat', { model: 'm', messages: [], logit_bias: { '50256': -100 } })
  assert.throws(() => encodeWith(claude, { native: biased }), isUnsupported)
  assert.deepEqual(encodeWith(adapters.for('openai-chat'), { native: biased }).dropped, [])
})

test('a tool of free text travels as a function of one argument, in the history too', () => {
  const sent = encodeWith(claude, {
    messages: history,
    tools: [custom],
    toolChoice: { mode: 'named', name: 'run.sql' },
  })
  const [name] = [...(sent.toolWords?.ownNames.keys() ?? [])]
  assert.match(name ?? '', /^run_sql_[A-Za-z0-9]{8}$/)
  assert.equal(sent.toolWords?.ownNames.get(name ?? ''), 'run.sql')
  const body = sentBody(sent) as JsonObject
  assert.deepEqual(body['tool_choice'], { type: 'tool', name })
  const text = JSON.stringify(body)
  assert.ok(text.includes(String.raw`"input":{"input":"select \"1\""}`), text)
  assert.deepEqual(asObject((body['tools'] as JsonObject[])[0]?.['input_schema'])?.['required'], ['input'])
})

test('a question in the own dialect is sent as it is, unless the provider knows functions only', () => {
  const chat = adapters.for('openai-chat')
  const native = nativeOf('openai-chat', { model: 'm', messages: [], tools: [] })
  const asked = { native, messages: history, tools: [custom] }
  assert.equal(encodeWith(chat, asked).toolWords, undefined)
  const fitted = encodeWith(chat, asked, { quirks: ['functions_only'] })
  assert.deepEqual([...(fitted.toolWords?.textTools ?? [])], ['run.sql'])
  assert.ok(JSON.stringify(sentBody(fitted)).includes('"type":"function"'))
})

const context = {
  target: targetFor('anthropic-messages'),
  isNative: false,
  isUsageWanted: false,
  mintId: () => 'id',
  toolWords: { ownNames: new Map([['run_sql_x', 'run.sql']]), textTools: new Set(['run.sql']) },
} as const

const block = (index: number, rest: object) => ({ type: 'content_block_delta', index, ...rest })
const streamOf = (fragments: readonly string[]) =>
  [
    { type: 'message_start', message: { id: 'm', model: 'c', usage: { input_tokens: 1, output_tokens: 1 } } },
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'c1', name: 'run_sql_x', input: {} },
    },
    ...fragments.map((partial_json) => block(0, { delta: { type: 'input_json_delta', partial_json } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ]
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('')

test('the call comes back under its own name with its own text, whole and streamed at any cut', () => {
  const text = 'select "ä\n€\u{1f600}\\" -- \u2028 done'
  const args = JSON.stringify({ input: text })
    .replace('€', String.raw`\u20ac`)
    .replace('\u{1f600}', String.raw`\ud83d\ude00`)
  const reply = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'c',
    content: [{ type: 'tool_use', id: 'c1', name: 'run_sql_x', input: { input: text } }],
    stop_reason: 'tool_use',
    usage: { input_tokens: 1, output_tokens: 1 },
  }
  const whole = claude.decode({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(reply)) }, context)
  assert.deepEqual(whole.choices[0]?.parts, [
    { type: 'tool_call', id: 'c1', name: 'run.sql', kind: 'custom', argumentsText: text },
  ])
  for (let size = 1; size < args.length; size++) {
    const fragments = args.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
    const decoder = claude.openStream(context)
    const events = [...decoder.push(Buffer.from(streamOf(fragments))), ...decoder.end()]
    const start = events.find((event) => event.type === 'tool-call-start')
    assert.deepEqual([start?.name, start?.kind], ['run.sql', 'custom'])
    const said = events.flatMap((event) => (event.type === 'tool-call-delta' ? event.argumentsText : []))
    assert.equal(said.join(''), text, `in pieces of ${size}`)
    // Each piece must survive as UTF-8 of its own.
    for (const piece of said) assert.equal(Buffer.from(piece).toString(), piece)
  }
})

test('arguments of another form than the one wrapped are not lost', () => {
  for (const [args, text] of [
    ['{}', ''],
    ['{"input": 5}', '{"input": 5}'],
    ['{"query":"a"}', '{"query":"a"}'],
    ['{"note":1,"input":"a"}', 'a'],
  ] as const) {
    const decoder = claude.openStream(context)
    const events = [...decoder.push(Buffer.from(streamOf([args]))), ...decoder.end()]
    const said = events.flatMap((event) => (event.type === 'tool-call-delta' ? event.argumentsText : []))
    assert.equal(said.join(''), text)
    assert.equal(
      events.findLast(({ type }) => type === 'finish' || type === 'tool-call-delta')?.type,
      'finish',
    )
  }
})
