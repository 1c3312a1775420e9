/** Streams and answers in Gemini's grammar. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { writeResponse } from '#http/gemini/gemini-answer.ts'
import { createArrayForm, createEventForm } from '#http/gemini/gemini-stream.ts'
import { createElementReader } from '#http/gemini/native-elements.ts'

const head = { responseId: 'r', showsThoughts: true }
const usage = { ...unknownUsage, inputTokens: 10, outputTokens: 9, reasoningTokens: 4, outputAudioTokens: 2 }
const receipt = { model: 'm', usage } as unknown as Receipt
const text = (words: string, choice = 0): ChatEvent => ({ type: 'text-delta', choice, text: words })
const finish = (choice = 0): ChatEvent => ({ type: 'finish', choice, finish: { unified: 'stop', raw: 'x' } })
const native = (bytes: string): ChatEvent => ({
  type: 'native',
  dialect: 'gemini-generate',
  bytes: Buffer.from(bytes),
  deltas: 1,
})

test('events are data frames alone, each of a whole object, and nothing closes them but the last', () => {
  const form = createEventForm(head)
  let written = ''
  for (const events of [[text('a'), text('b')], [{ type: 'usage', usage } as const], [finish()]]) {
    written += String(form.batch(events, receipt) ?? '')
  }
  written += form.heartbeat ?? ''
  written += form.end(receipt)
  const frames = written.split('\r\n\r\n').filter((frame) => frame !== '')
  assert.equal(frames.length, 3)
  assert.equal(frames[1], ': keep-alive')
  const [first, , last] = frames.map((frame) => frame.replace(/^data: /, ''))
  assert.deepEqual(JSON.parse(first ?? ''), {
    candidates: [{ content: { parts: [{ text: 'ab' }], role: 'model' }, index: 0 }],
    modelVersion: 'm',
    responseId: 'r',
  })
  assert.deepEqual(JSON.parse(last ?? ''), {
    candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: {
      promptTokenCount: 10,
      candidatesTokenCount: 5,
      totalTokenCount: 19,
      thoughtsTokenCount: 4,
      candidatesTokensDetails: [
        { modality: 'TEXT', tokenCount: 3 },
        { modality: 'AUDIO', tokenCount: 2 },
      ],
    },
    modelVersion: 'm',
    responseId: 'r',
  })
})

test('an array is JSON at its end, however it ended, and with signs of life inside', () => {
  const problem = new Problem('stream_cut')
  const openings = [0, 1, 2]
  for (const count of openings) {
    const whole = createArrayForm(head)
    const broken = createArrayForm(head)
    let begun = ''
    for (let at = 0; at < count; at++) {
      begun += `${String(whole.batch([text('a')], receipt))}${whole.heartbeat ?? ''}`
      broken.batch([text('a')], receipt)
    }
    const good = JSON.parse(begun + whole.end(receipt)) as readonly JsonObject[]
    assert.equal(good.length, count + 1)
    const bad = JSON.parse(begun + (broken.fail(problem, 'r') ?? '')) as readonly JsonObject[]
    assert.ok(bad.at(-1)?.['error'])
  }
})

test('native frames become elements byte for byte, wherever they were cut', () => {
  const stream =
    'data: {"a": 1.0}\r\n\r\n: ping\r\n\r\ndata: {"b":\r\ndata: "ü"}\r\n\r\ndata: [DONE]\r\n\r\ndata: {"c":3}'
  const whole = createElementReader()
  assert.deepEqual(
    [...whole.push(Buffer.from(stream)), ...whole.end()],
    ['{"a": 1.0}', '{"b":\n"ü"}', '{"c":3}'],
  )
  const frames = stream.split(/(?<=\r\n\r\n)/)
  const form = createArrayForm(head)
  const pieces = frames.map((frame) =>
    String(form.batch([native(frame), text('not said twice')], receipt) ?? ''),
  )
  assert.deepEqual(JSON.parse(pieces.join('') + form.end(receipt)), [{ a: 1 }, { b: 'ü' }, { c: 3 }])
})

const answerOf = (events: Partial<Parameters<typeof writeResponse>[0]>) =>
  JSON.parse(
    Buffer.from(
      writeResponse({ id: '', model: 'm', choices: [], usage, ...events }, receipt, head),
    ).toString(),
  ) as JsonObject

test('a prompt that was refused has feedback and no candidate', () => {
  const detail = { blockReason: 'PROHIBITED_CONTENT' }
  const blocked = { unified: 'content_filter', raw: 'PROHIBITED_CONTENT', detail } as const
  const answer = answerOf({ choices: [{ index: 0, parts: [], finish: blocked }] })
  assert.deepEqual(answer['promptFeedback'], detail)
  assert.equal(answer['candidates'], undefined)
})

test('every reason to stop has a word of the API, and what the provider said of it is kept', () => {
  const table = [
    ['stop', 'end_turn', 'STOP', undefined],
    ['tool_calls', 'tool_use', 'STOP', undefined],
    ['length', 'max_tokens', 'MAX_TOKENS', undefined],
    ['content_filter', 'refusal', 'SAFETY', 'The provider said: refusal.'],
    ['content_filter', 'SPII', 'SPII', undefined],
    ['pause', 'pause_turn', 'CONTINUATION', 'The provider said: pause_turn.'],
    ['error', 'ERROR', 'MALFORMED_RESPONSE', 'The provider said: ERROR.'],
    ['other', null, 'OTHER', undefined],
  ] as const
  for (const [unified, raw, word, message] of table) {
    const answer = answerOf({ choices: [{ index: 0, parts: [], finish: { unified, raw } }] })
    const [candidate] = answer['candidates'] as readonly JsonObject[]
    assert.deepEqual([candidate?.['finishReason'], candidate?.['finishMessage']], [word, message])
  }
})

test('sources and the stretches that rest on them are counted in bytes of the whole answer', () => {
  const cited = (url: string, start?: number, end?: number) =>
    ({ url, start, end, origin: 'openai-chat', value: null }) as const
  const parts = [
    { type: 'text', text: 'Ä. ', citations: [cited('https://a', 0, 2)] },
    { type: 'text', text: 'Öl.', citations: [cited('https://b', 0, 2), cited('https://a')] },
  ] as const
  const answer = answerOf({ choices: [{ index: 0, parts, finish: { unified: 'stop', raw: null } }] })
  const [candidate] = answer['candidates'] as readonly JsonObject[]
  assert.deepEqual(candidate?.['groundingMetadata'], {
    groundingChunks: [{ web: { uri: 'https://a' } }, { web: { uri: 'https://b' } }],
    groundingSupports: [
      { segment: { endIndex: 3, text: 'Ä.' }, groundingChunkIndices: [0] },
      { segment: { startIndex: 4, endIndex: 7, text: 'Öl' }, groundingChunkIndices: [1] },
    ],
  })
})

test('probabilities of tokens are those that the provider gave', () => {
  const content = [
    { token: 'a', logprob: -1, top_logprobs: [{ token: 'b', logprob: -2 }] },
    { token: 'c', logprob: -3 },
  ]
  const logprobs = { origin: 'openai-chat', tokenCount: 2, value: { content } } as const
  const answer = answerOf({
    choices: [{ index: 0, parts: [], finish: { unified: 'stop', raw: null }, logprobs }],
  })
  const [candidate] = answer['candidates'] as readonly JsonObject[]
  assert.equal(candidate?.['avgLogprobs'], -2)
  assert.deepEqual(candidate['logprobsResult'], {
    topCandidates: [{ candidates: [{ token: 'b', logProbability: -2 }] }, { candidates: [] }],
    chosenCandidates: [
      { token: 'a', logProbability: -1 },
      { token: 'c', logProbability: -3 },
    ],
    logProbabilitySum: -4,
  })
})

test('several answers keep their numbers', () => {
  const form = createEventForm(head)
  const both = JSON.parse(
    String(form.batch([text('a'), text('b', 1)], receipt)).slice('data: '.length),
  ) as JsonObject
  assert.deepEqual(
    (both['candidates'] as readonly JsonObject[]).map(({ index }) => index),
    [0, 1],
  )
  const last = JSON.parse(form.end(receipt).slice('data: '.length)) as JsonObject
  assert.equal((last['candidates'] as readonly JsonObject[]).length, 2)
})
