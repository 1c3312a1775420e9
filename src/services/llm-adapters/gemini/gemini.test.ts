import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { ChatEvent } from '#core/domain/answer.ts'
import type { NativeRequest } from '#core/domain/chat.ts'
import { asObject, parseJson } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { geminiGenerate } from '#services/llm-adapters/gemini/gemini.ts'
import { geminiContext, geminiTarget } from '#services/llm-adapters/gemini/test-target.ts'

const encoder = new TextEncoder()
const bytesOf = (value: JsonValue) => encoder.encode(JSON.stringify(value))
const frameOf = (value: JsonValue) => encoder.encode(`data: ${JSON.stringify(value)}\r\n\r\n`)
const piece = (parts: JsonValue, finishReason?: string): JsonValue => ({
  candidates: [{ content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}) }],
})

function streamed(...pieces: readonly JsonValue[]) {
  const decoder = geminiGenerate.openStream(geminiContext())
  const events: ChatEvent[] = pieces.flatMap((value) => decoder.push(frameOf(value)))
  events.push(...decoder.end())
  return { events: events.filter((event) => event.type !== 'start'), decoder }
}

const decoded = (value: JsonValue) =>
  geminiGenerate.decode({ status: 200, headers: {}, body: bytesOf(value) }, geminiContext())

const explained = (status: number, value: JsonValue) =>
  geminiGenerate.explain({ status, headers: {}, body: bytesOf(value) }, geminiTarget())

const errorOf = (code: number, status: string, message: string, details: JsonValue = []) => ({
  error: { code, status, message, details },
})

describe('a Gemini stream', () => {
  it('keeps a text that bears a signature apart from its neighbours', () => {
    const { events } = streamed(
      piece([{ text: 'a' }, { text: 'b' }]),
      piece([{ text: 'c', thoughtSignature: 's1' }]),
      piece([{ text: 'd' }, { text: '', thoughtSignature: 's2' }], 'STOP'),
    )
    const carry = (value: string) => ({
      type: 'carry',
      choice: 0,
      carry: { origin: 'gemini-generate', kind: 'thought_signature', value },
    })
    assert.deepEqual(events, [
      { type: 'text-delta', choice: 0, text: 'a' },
      { type: 'text-delta', choice: 0, text: 'b' },
      { type: 'text-delta', choice: 0, text: 'c', begins: true },
      carry('s1'),
      { type: 'text-delta', choice: 0, text: 'd', begins: true },
      { type: 'text-delta', choice: 0, text: '', begins: true },
      carry('s2'),
      { type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'STOP' } },
    ])
  })

  it('finishes once, also where every piece says why it stops', () => {
    const { events } = streamed(piece([{ text: 'a' }], 'STOP'), piece([{ text: 'b' }], 'MAX_TOKENS'))
    assert.deepEqual(
      events.map((event) => (event.type === 'finish' ? event.finish.unified : event.type)),
      ['text-delta', 'text-delta', 'length'],
    )
  })

  it('reads a finish word that every object has as a member as a word like any other', () => {
    const { events } = streamed(piece([{ text: 'a' }], 'constructor'))
    assert.deepEqual(events.at(-1), {
      type: 'finish',
      choice: 0,
      finish: { unified: 'other', raw: 'constructor' },
    })
  })

  it('is whole only when a finish or block reason was seen before its end', () => {
    const cut = streamed(piece([{ text: 'a' }]))
    assert.equal(cut.decoder.isComplete, false)
    assert.equal(cut.decoder.problem?.code, 'stream_cut')
    assert.equal(streamed().decoder.problem?.code, 'stream_cut')
    assert.equal(streamed(piece([{ text: 'a' }], 'STOP')).decoder.isComplete, true)
    const blocked = streamed({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })
    assert.equal(blocked.decoder.isComplete, true)
    assert.deepEqual(blocked.events.at(-1), {
      type: 'finish',
      choice: 0,
      finish: {
        unified: 'content_filter',
        raw: 'PROHIBITED_CONTENT',
        detail: { blockReason: 'PROHIBITED_CONTENT' },
      },
    })
  })

  it('is whole only when every answer that began has finished', () => {
    const answers = (second: string | undefined): JsonValue => ({
      candidates: [
        { index: 0, content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' },
        { index: 1, content: { parts: [{ text: 'b' }] }, ...(second ? { finishReason: second } : {}) },
      ],
    })
    assert.equal(streamed(answers(undefined)).decoder.problem?.code, 'stream_cut')
    assert.equal(streamed(answers('MAX_TOKENS')).decoder.isComplete, true)
  })

  it('ends with the problem that stands in it, bare or inside an array', () => {
    const error = errorOf(503, 'UNAVAILABLE', 'The model is overloaded.')
    for (const value of [error, [error]]) {
      const { decoder, events } = streamed(piece([{ text: 'a' }]), value, piece([{ text: 'b' }], 'STOP'))
      assert.equal(decoder.problem?.code, 'provider_overloaded')
      assert.equal(decoder.isComplete, false)
      assert.equal(events.filter((event) => event.type === 'text-delta').length, 1)
    }
  })

  it('tells the sources before the finish, from the last list of them', () => {
    const grounded = (count: number, finishReason?: string): JsonValue => ({
      candidates: [
        {
          content: { parts: [{ text: 'a' }] },
          groundingMetadata: {
            groundingChunks: Array.from({ length: count }, (_, at) => ({ web: { uri: `https://x/${at}` } })),
            webSearchQueries: ['q'],
          },
          ...(finishReason ? { finishReason } : {}),
        },
      ],
      usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 },
    })
    const { events } = streamed(grounded(1), grounded(2, 'STOP'))
    const types = events.map((event) => event.type)
    assert.deepEqual(types.slice(-4), ['usage', 'citation', 'citation', 'finish'])
    const usage = events.find((event) => event.type === 'usage')
    assert.deepEqual(usage?.usage.serverToolUses, { google_search: 1 })
  })

  it('puts arguments that come value by value together', () => {
    const part = (functionCall: JsonValue) => piece([{ functionCall }])
    const { events } = streamed(
      part({ name: 'write', willContinue: true }),
      part({
        partialArgs: [{ jsonPath: '$.a[0].b', stringValue: 'x', willContinue: true }],
        willContinue: true,
      }),
      part({ partialArgs: [{ jsonPath: '$.a[0].b', stringValue: 'y' }], willContinue: true }),
      part({ partialArgs: [{ jsonPath: "$['__proto__']", boolValue: true }], willContinue: true }),
      part({}),
      piece([], 'STOP'),
    )
    const delta = events.find((event) => event.type === 'tool-call-delta')
    assert.equal(delta?.argumentsText, '{"a":[{"b":"xy"}],"__proto__":true}')
    assert.equal(
      streamed(part({ name: 'w', partialArgs: [{ jsonPath: '$.a[999999999]', numberValue: 1 }] })).decoder
        .problem?.code,
      'provider_malformed',
    )
  })
})

describe('a whole Gemini reply', () => {
  it('without an answer is malformed, and with an error is that error', () => {
    const code = (value: JsonValue) => {
      try {
        decoded(value)
      } catch (thrown) {
        return thrown instanceof Problem ? thrown.code : 'not a problem'
      }
      return 'answered'
    }
    assert.equal(code({}), 'provider_malformed')
    assert.equal(code('text'), 'provider_malformed')
    assert.equal(code({ candidates: [] }), 'provider_malformed')
    assert.equal(code(errorOf(429, 'RESOURCE_EXHAUSTED', 'Slow down.')), 'provider_rate_limited')
    assert.equal(code({ candidates: [{ finishReason: 'MAX_TOKENS' }] }), 'answered')
  })

  it('counts thoughts as output and what its tools read as input', () => {
    const usageMetadata = {
      promptTokenCount: 10,
      cachedContentTokenCount: 4,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 20,
      promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 3 }],
    }
    const { usage } = decoded({ ...asObject(piece([{ text: 'a' }], 'STOP')), usageMetadata })
    assert.equal(usage.inputTokens, 15)
    assert.equal(usage.outputTokens, 27)
    assert.equal(usage.cachedInputTokens, 4)
    assert.equal(usage.reasoningTokens, 20)
    assert.equal(usage.inputAudioTokens, 3)
    assert.equal(usage.inputImageTokens, null)
  })

  it('with calls ends in calls, each with an id of its own', () => {
    const [choice] = decoded(
      piece([{ functionCall: { name: 'a', args: {} } }, { functionCall: { id: 'g1', name: 'b' } }], 'STOP'),
    ).choices
    assert.equal(choice?.finish.unified, 'tool_calls')
    assert.deepEqual(
      choice.parts.map((part) =>
        part.type === 'tool_call' ? [part.id, part.name, part.argumentsText] : part,
      ),
      [
        ['minted-1', 'a', '{}'],
        ['g1', 'b', '{}'],
      ],
    )
  })
})

describe("a question in Gemini's own form", () => {
  const nativeRequest = (body: string): NativeRequest => ({
    dialect: 'gemini-generate',
    body: asObject(parseJson(body)) ?? {},
    text: body,
    members: new Map(
      [...body.matchAll(/"(generation_?[cC]onfig)":(\{[^}]*\})/g)].map((match) => {
        const end = match.index + match[0].length
        return [match[1] ?? '', { start: end - (match[2] ?? '').length, end }]
      }),
    ),
  })
  const sent = (body: string) =>
    geminiGenerate.encode({ messages: [], isStreamed: false, native: nativeRequest(body) }, geminiTarget(), {
      maxOutputTokens: 50,
      requestId: 'r',
    }).body

  it('keeps every byte but those of its generation config, in either spelling', () => {
    assert.equal(
      sent('{"contents": [],  "brandNew":1.0,"generationConfig":{"maxOutputTokens":9,"topK":1}}'),
      '{"contents": [],  "brandNew":1.0,"generationConfig":{"topK":1,"maxOutputTokens":50}}',
    )
    assert.equal(
      sent('{"generation_config":{"max_output_tokens":9}, "x": 2}'),
      '{"generation_config":{"max_output_tokens":50}, "x": 2}',
    )
  })
})

describe("Gemini's refusals", () => {
  it('are told apart by reason, quota and status', () => {
    const info = (reason: string) => [{ reason, domain: 'googleapis.com' }]
    const quota = (quotaId: string) => [{ violations: [{ quotaId }] }, { retryDelay: '34.4s' }]
    const wordy = 'You exceeded your current quota, please check your plan and billing details. Retry later.'
    const cases: readonly (readonly [number, JsonValue, string])[] = [
      [400, errorOf(400, 'INVALID_ARGUMENT', 'API key not valid.', info('API_KEY_INVALID')), 'provider_auth'],
      [400, errorOf(400, 'INVALID_ARGUMENT', 'Bad contents.'), 'provider_rejected'],
      [400, [errorOf(400, 'INVALID_ARGUMENT', 'Bad contents.')], 'provider_rejected'],
      [
        400,
        errorOf(
          400,
          'INVALID_ARGUMENT',
          'The input token count (9) exceeds the maximum number of tokens allowed (5).',
        ),
        'context_length_exceeded',
      ],
      [
        400,
        errorOf(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
        'provider_auth',
      ],
      [403, errorOf(403, 'PERMISSION_DENIED', 'No.'), 'provider_auth'],
      [404, errorOf(404, 'NOT_FOUND', 'No such model.'), 'provider_model_missing'],
      [
        429,
        errorOf(429, 'RESOURCE_EXHAUSTED', wordy, quota('RequestsPerMinutePerProject')),
        'provider_rate_limited',
      ],
      [429, errorOf(429, 'RESOURCE_EXHAUSTED', wordy, quota('RequestsPerDayPerProject')), 'provider_quota'],
      [500, errorOf(500, 'INTERNAL', 'Oops.'), 'provider_error'],
      [503, errorOf(503, 'UNAVAILABLE', 'Overloaded.'), 'provider_overloaded'],
      [504, errorOf(504, 'DEADLINE_EXCEEDED', 'Too slow.'), 'provider_timeout'],
      [502, '<html>Bad gateway</html>', 'provider_error'],
    ]
    for (const [status, body, code] of cases)
      assert.equal(explained(status, body).code, code, JSON.stringify(body))
  })

  it('say how long to wait', () => {
    const body = errorOf(429, 'RESOURCE_EXHAUSTED', 'Slow down.', [{ retryDelay: '34.4s' }])
    assert.equal(explained(429, body).details.retryAfterMs, 34_400)
  })
})
