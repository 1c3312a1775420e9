import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatAnswer, ChatEvent, FinishReason } from '#core/domain/answer.ts'
import type { ChatQuestion } from '#core/domain/chat.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import { bytesOf, withOwnBytes } from '#services/response-cache/answer-size.ts'
import type { CacheRequest, KnownAnswer } from '#services/response-cache/known-answer.ts'
import type { Entries } from '#services/response-cache/entries.ts'
import { createResponseCache } from '#services/response-cache/response-cache.ts'
import type { CacheSettings } from '#services/response-cache/response-cache.ts'

const question = (changes: Partial<ChatQuestion> = {}): ChatQuestion => ({
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  isStreamed: false,
  ...changes,
})

const request = (changes: Partial<CacheRequest> = {}): CacheRequest => ({
  tenantId: 'tenant-a',
  userScope: 'user-a',
  modelAsked: 'gpt-4o',
  door: 'generate',
  wish: 'default',
  question: question(),
  ...changes,
})

function house(changes: Partial<CacheSettings> = {}, store?: Partial<Entries>) {
  const kept = new Map<string, KnownAnswer>()
  const failures: string[] = []
  const terms: number[] = []
  const entries: Entries = {
    get: (name) => kept.get(name),
    put(name, answer, { ttlMs }) {
      kept.set(name, answer)
      terms.push(ttlMs)
    },
    delete: (name) => void kept.delete(name),
    size: () => 0,
    ...store,
  }
  const settings = {
    isEnabled: true,
    defaultTtlMs: 60_000,
    entryBytesMax: 10_000,
    sameQuestionWaitMs: 1_000,
    ...changes,
  }
  const cache = createResponseCache({
    entries,
    settings: () => settings,
    report: (_, place) => failures.push(place),
  })
  return { cache, kept, failures, terms }
}

const whole = (unified: FinishReason = 'stop', text = 'Hi'): KnownAnswer => ({
  target: { provider: 'openai', model: 'gpt-4o' },
  isSimulated: false,
  usage: unknownUsage,
  events: undefined,
  answer: {
    id: 'a',
    model: 'gpt-4o',
    usage: unknownUsage,
    choices: [{ index: 0, parts: [{ type: 'text', text }], finish: { unified, raw: unified } }],
  },
})

const streamed = (events: readonly ChatEvent[]): KnownAnswer => ({ ...whole(), answer: undefined, events })
const finished = (unified: FinishReason): ChatEvent => ({
  type: 'finish',
  choice: 0,
  finish: { unified, raw: unified },
})

test('a kept answer is found again under its key, for as long as the settings say', async () => {
  const { cache, terms } = house()
  const found = cache.keyFor(request())
  assert.ok(found !== undefined)
  assert.equal(await cache.lookUp(found), undefined)
  cache.keep(found, whole())
  assert.deepEqual(await cache.lookUp(found), whole())
  assert.deepEqual(terms, [60_000])
})

test('no key where the answer must be new, unless the caller wishes a kept one', () => {
  const { cache } = house()
  const isKeyed = (changes: Partial<ChatQuestion>, wish: CacheRequest['wish'] = 'default') =>
    cache.keyFor(request({ question: question(changes), wish })) !== undefined
  assert.equal(isKeyed({}), true)
  assert.equal(isKeyed({}, 'off'), false)
  assert.equal(isKeyed({ temperature: 0 }), true)
  const fresh: Partial<ChatQuestion>[] = [
    { temperature: 0.1 },
    { toolChoice: { mode: 'required' } },
    { toolChoice: { mode: 'named', name: 'f' } },
    { toolChoice: { mode: 'allowed', names: ['f'], isRequired: true } },
    { tools: [{ kind: 'server', name: 'web_search', origin: 'anthropic-messages', value: {} }] },
  ]
  for (const changes of fresh) {
    assert.equal(isKeyed(changes), false)
    assert.equal(isKeyed(changes, 'on'), true)
  }
  const never: Partial<ChatQuestion>[] = [
    { answerCount: 2 },
    { logprobs: {} },
    { outputModalities: ['text', 'audio'] },
  ]
  for (const changes of never) assert.equal(isKeyed(changes, 'on'), false)
  assert.equal(house({ isEnabled: false }).cache.keyFor(request({ wish: 'on' })), undefined)
})

test('only an answer that ended by itself in words is kept', () => {
  const { cache, kept } = house()
  const call: ChatEvent = {
    type: 'tool-call-start',
    choice: 0,
    call: 0,
    id: 'i',
    name: 'f',
    kind: 'function',
  }
  const text: ChatEvent = { type: 'text-delta', choice: 0, text: 'Hi' }
  const refused: KnownAnswer[] = [
    ...(['length', 'tool_calls', 'content_filter', 'pause', 'error', 'other'] as const).map((end) =>
      whole(end),
    ),
    streamed([]),
    streamed([text]),
    streamed([text, finished('length')]),
    streamed([call, finished('stop')]),
    streamed([finished('stop'), finished('length')]),
    { ...whole(), answer: undefined },
    whole('stop', 'x'.repeat(10_000)),
  ]
  for (const [position, answer] of refused.entries()) cache.keep(`refused ${position}`, answer)
  assert.equal(kept.size, 0)
  cache.keep('whole', whole())
  cache.keep('streamed', streamed([text, finished('stop')]))
  assert.deepEqual([...kept.keys()], ['whole', 'streamed'])
})

test('a cache that fails is a cache that misses', async () => {
  const broken = () => {
    throw new Error('gone')
  }
  const rejecting = () => Promise.reject(new Error('gone'))
  for (const failing of [broken, rejecting]) {
    const { cache, failures } = house({}, { get: failing, put: failing })
    assert.equal(await cache.lookUp('key'), undefined)
    cache.keep('key', whole())
    await Promise.resolve()
    await Promise.resolve()
    assert.deepEqual(failures, ['looking an answer up', 'keeping an answer'])
  }
})

test("kept bytes are the answer's own and not a window into a socket's buffer", () => {
  const window = Buffer.alloc(65_536).subarray(10, 20)
  const native = { type: 'native', dialect: 'openai-chat', bytes: window, deltas: 1 } as const
  const own = withOwnBytes(streamed([native]))
  const [event] = own.events ?? []
  assert.ok(event?.type === 'native')
  assert.equal(event.bytes.buffer.byteLength, 10)
  assert.deepEqual(Buffer.from(event.bytes), window)
})

test('an answer whose words stand behind a getter of its class is kept with them', () => {
  const { answer } = whole()
  assert.ok(answer)
  class Late implements ChatAnswer {
    id = ''
    model = ''
    usage = unknownUsage
    native = { dialect: 'openai-chat', bytes: Buffer.from('{}') } as const
    get choices(): ChatAnswer['choices'] {
      return answer?.choices ?? []
    }
  }
  const own = withOwnBytes({ ...whole(), answer: new Late() })
  assert.deepEqual(own.answer?.choices, answer.choices)
})

test('the size of an answer grows with every kind of content', () => {
  const plain = bytesOf(streamed([]))
  const contents: ChatEvent[] = [
    { type: 'native', dialect: 'openai-chat', bytes: Buffer.alloc(5_000), deltas: 1 },
    { type: 'text-delta', choice: 0, text: 'x'.repeat(5_000) },
    { type: 'reasoning-delta', choice: 0, text: 'x'.repeat(5_000) },
    { type: 'extras', extras: { long: 'x'.repeat(5_000) } },
    {
      type: 'carry',
      choice: 0,
      carry: { origin: 'openai-chat', kind: 'signature', value: 'x'.repeat(5_000) },
    },
    { type: 'part', choice: 0, part: { type: 'text', text: 'x'.repeat(5_000) } },
  ]
  for (const event of contents) assert.ok(bytesOf(streamed([event])) >= plain + 5_000, event.type)
})
