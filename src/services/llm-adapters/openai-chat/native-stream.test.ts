/** Facts about streams that pass on as they came. */
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { framesOf, readStream } from '#tests/support/adapter-reading.ts'
import type { ReadingWish } from '#tests/support/adapter-reading.ts'

const wish: ReadingWish = { adapter: openAiChat, isNative: true }
const chunk = (content: string, finish: string | null = null) => ({
  id: 'c1',
  model: 'm',
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  usage: null,
})
const usageChunk = { id: 'c1', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } }
const body = [
  framesOf(chunk('a')),
  framesOf(chunk('say \\"usage\\":{ and [DONE] and "error"'), chunk('c')),
  framesOf(chunk('', 'stop')),
  framesOf(usageChunk),
  framesOf('[DONE]'),
]

test('the bytes are the same, and the numbers are known', () => {
  const outcome = readStream(wish, ...body)
  assert.equal(outcome.passed, body.join(''))
  assert.equal(outcome.answer.id, 'c1')
  assert.equal(outcome.answer.usage.outputTokens, 2)
  assert.equal(outcome.isComplete, true)
  const finishes = outcome.events.filter((event) => event.type === 'finish')
  assert.deepEqual(
    finishes.map(({ finish }) => finish.raw),
    ['stop'],
  )
  const deltas = outcome.events.map((event) => (event.type === 'native' ? event.deltas : 0))
  assert.equal(
    deltas.reduce((sum, count) => sum + count, 0),
    3,
  )
})

test('the start comes before the first bytes', () => {
  assert.deepEqual(
    readStream(wish, ...body)
      .events.slice(0, 2)
      .map(({ type }) => type),
    ['start', 'native'],
  )
})

test('usage that the caller did not ask for stays here, and is counted all the same', () => {
  const outcome = readStream({ ...wish, isUsageWanted: false }, ...body)
  assert.equal(outcome.passed, body.join('').replace(framesOf(usageChunk), ''))
  assert.equal(outcome.answer.usage.inputTokens, 3)
})

test('an error never passes, and nothing after it does', () => {
  const failure = framesOf({ error: { message: 'no', code: 'server_error' } })
  const outcome = readStream(
    wish,
    framesOf(chunk('a')),
    framesOf(chunk('b')) + failure + framesOf(chunk('c')),
  )
  assert.equal(outcome.passed, framesOf(chunk('a'), chunk('b')))
  assert.equal(outcome.problem?.code, 'provider_error')
})

test('an unknown member, a comment and odd spacing pass untouched', () => {
  const odd = `: keep alive\n\ndata:  {"id":"c1", "future" : 1.50,"choices":[{"delta":{"content":"x"}}]}\n\n`
  const text = odd + framesOf(chunk('y'), chunk('', 'stop'), '[DONE]')
  assert.equal(readStream(wish, text).passed, text)
})

test('a stream that breaks off is cut, not complete', () => {
  const outcome = readStream(wish, framesOf(chunk('a')), framesOf(chunk('b')), 'data: {"id":"c1","cho')
  assert.equal(outcome.passed, framesOf(chunk('a'), chunk('b')))
  assert.equal(outcome.isComplete, false)
  assert.notEqual(outcome.problem, undefined)
})

test('at any cut the same bytes pass and the same numbers are known', () => {
  const text = body.join('')
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), fc.boolean(), (cuts, isUsageWanted) => {
      const places = [0, ...cuts, text.length].toSorted((a, b) => a - b)
      const chunks = places.slice(1).map((end, at) => text.slice(places[at], end))
      const cut = readStream({ ...wish, isUsageWanted }, ...chunks)
      const whole = readStream({ ...wish, isUsageWanted }, text)
      assert.equal(cut.passed, whole.passed)
      assert.deepEqual(cut.answer.usage, whole.answer.usage)
      assert.equal(cut.isComplete, true)
    }),
  )
})

const deltasOf = (outcome: ReturnType<typeof readStream>) =>
  outcome.events.reduce((sum, event) => sum + (event.type === 'native' ? event.deltas : 0), 0)

test('frames without content are passed on and not counted as content', () => {
  const empty = framesOf({ id: 'c1', choices: [] }, chunk(''), chunk('b'))
  const outcome = readStream(wish, framesOf(chunk('a')), empty, framesOf(chunk('', 'stop'), '[DONE]'))
  assert.equal(outcome.passed, framesOf(chunk('a')) + empty + framesOf(chunk('', 'stop'), '[DONE]'))
  assert.equal(deltasOf(outcome), 2)
})

test('tool calls are known however their frames arrive', () => {
  const call = (text: string) => ({
    id: 'c1',
    choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: text } }] } }],
  })
  const calls = framesOf(call('{'), call('"a":1'), call('}'))
  const outcome = readStream(wish, framesOf(chunk('')), calls, framesOf(chunk('', 'stop'), '[DONE]'))
  assert.equal(outcome.answer.choices[0]?.finish.unified, 'tool_calls')
  assert.equal(deltasOf(outcome), 3)
})

test('a second answer that never finished is seen, though its frames are mere content', () => {
  const second = { id: 'c1', choices: [{ index: 1, delta: { content: 'b' } }] }
  const outcome = readStream(
    wish,
    framesOf(chunk('a')),
    framesOf(second, second),
    framesOf(chunk('', 'stop')),
  )
  assert.equal(outcome.isComplete, false)
  assert.equal(outcome.problem?.code, 'stream_cut')
})

test('an answer whose first words come after a chunk without choices finishes like any other', () => {
  const outcome = readStream(
    wish,
    framesOf({ id: 'c1', choices: [] }),
    framesOf(chunk('a')),
    framesOf('[DONE]'),
  )
  const finishes = outcome.events.filter((event) => event.type === 'finish')
  assert.equal(finishes.length, 1)
  assert.equal(deltasOf(outcome), 1)
})
