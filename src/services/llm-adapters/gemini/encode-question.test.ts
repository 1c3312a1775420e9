import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Carry, ChatMessage, ChatQuestion, MediaPart, Part } from '#core/domain/chat.ts'
import { parseJson } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { encodeQuestion } from '#services/llm-adapters/gemini/encode-question.ts'
import { geminiTarget } from '#services/llm-adapters/gemini/test-target.ts'

const terms = { maxOutputTokens: 1_000, requestId: 'request-1' }
const text = (words: string): Part => ({ type: 'text', text: words })
const user = (...parts: readonly Part[]): ChatMessage => ({ role: 'user', parts })
const model = (...parts: readonly Part[]): ChatMessage => ({ role: 'assistant', parts })
const call = (id: string, name: string, carry?: readonly Carry[]): Part => ({
  type: 'tool_call',
  id,
  name,
  kind: 'function',
  argumentsText: '{"a":1}',
  ...(carry ? { carry } : {}),
})
const result = (callId: string, ...parts: readonly Part[]): ChatMessage => ({
  role: 'tool',
  parts: [{ type: 'tool_result', callId, parts, isError: false }],
})
const signature = (value: string): Carry => ({ origin: 'gemini-generate', kind: 'thought_signature', value })
const image: MediaPart = { type: 'image', mediaType: 'image/png', source: { kind: 'inline', base64: 'AAAA' } }

function bodyOf(question: Omit<ChatQuestion, 'isStreamed'>, ...cardQuirks: readonly string[]): unknown {
  const encoded = encodeQuestion({ isStreamed: false, ...question }, geminiTarget(...cardQuirks), terms)
  return parseJson(String(encoded.body))
}

const contentsOf = (messages: readonly ChatMessage[], ...cardQuirks: readonly string[]) =>
  (bodyOf({ messages }, ...cardQuirks) as { contents: unknown }).contents

const configOf = (question: Partial<ChatQuestion>, ...cardQuirks: readonly string[]) =>
  (
    bodyOf({ messages: [user(text('Hi'))], ...question }, ...cardQuirks) as {
      generationConfig: Record<string, unknown>
    }
  ).generationConfig

const refuses = (code: string) => (thrown: unknown) => thrown instanceof Problem && thrown.code === code

describe('a question to Gemini', () => {
  it('goes to one percent-encoded path segment, streamed or not', () => {
    const question = { messages: [user(text('Hi'))], isStreamed: true }
    const target = { ...geminiTarget(), model: 'models/tuned/a b' }
    const encoded = encodeQuestion(question, target, terms)
    assert.equal(encoded.path, '/models/tuned%2Fa%20b:streamGenerateContent?alt=sse')
    const whole = encodeQuestion({ ...question, isStreamed: false }, geminiTarget(), terms)
    assert.equal(whole.path, '/models/gemini-test:generateContent')
  })

  it('has its leading instructions apart, and later ones in place and marked', () => {
    const body = bodyOf({
      messages: [
        { role: 'system', parts: [text('Be brief.')] },
        { role: 'developer', parts: [text('Be kind.')] },
        user(text('Hi')),
        { role: 'system', parts: [text('Now be long.')] },
        user(text('Go on')),
      ],
    })
    assert.deepEqual(body, {
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Hi' }, { text: '<system>\nNow be long.\n</system>' }, { text: 'Go on' }],
        },
      ],
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
      generationConfig: { maxOutputTokens: 1_000 },
    })
  })

  it('answers parallel calls in one turn, with media that the model cannot take inside after it', () => {
    const messages = [
      user(text('Look')),
      model(call('c1', 'look'), call('c2', 'count')),
      result('c1', text('{"seen":true}'), image),
      result('c2', text('3')),
    ]
    const inlineData = { mimeType: 'image/png', data: 'AAAA' }
    assert.deepEqual(contentsOf(messages), [
      { role: 'user', parts: [{ text: 'Look' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'look', args: { a: 1 } } },
          { functionCall: { name: 'count', args: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'look', response: { seen: true } } },
          { functionResponse: { name: 'count', response: { output: '3' } } },
        ],
      },
      { role: 'user', parts: [{ inlineData }] },
    ])
    const [, , results, ...rest] = contentsOf(messages, 'thinking_level') as readonly { parts: unknown[] }[]
    assert.deepEqual(results?.parts[0], {
      functionResponse: { name: 'look', response: { seen: true }, parts: [{ inlineData }] },
    })
    assert.deepEqual(rest, [])
  })

  it('returns a signature on exactly the part that bore it, and drops those of other providers', () => {
    const foreign: Carry = { origin: 'anthropic-messages', kind: 'signature', value: 'theirs' }
    const messages = [
      user(text('Hi')),
      model(
        { type: 'reasoning', text: 'Hm', carry: [foreign] },
        { type: 'reasoning', text: 'Well', carry: [signature('s0')] },
        { type: 'text', text: 'Hello' },
        { type: 'text', text: '', carry: [signature('s1')] },
        call('c1', 'look', [signature('s2')]),
        call('c2', 'look'),
      ),
    ]
    const [, answer] = contentsOf(messages, 'thinking_level') as readonly unknown[]
    const functionCall = { name: 'look', args: { a: 1 } }
    assert.deepEqual(answer, {
      role: 'model',
      parts: [
        { text: 'Well', thought: true, thoughtSignature: 's0' },
        { text: 'Hello' },
        { text: '', thoughtSignature: 's1' },
        { functionCall, thoughtSignature: 's2' },
        { functionCall },
      ],
    })
  })

  it('marks the first call of another model in the current round, where the third generation demands a signature', () => {
    const messages = [user(text('Hi')), model(call('c1', 'look'), call('c2', 'look'))]
    const signaturesOf = (contents: unknown) =>
      (contents as readonly { parts: readonly { thoughtSignature?: string }[] }[])[1]?.parts.map(
        (part) => part.thoughtSignature,
      )
    assert.deepEqual(signaturesOf(contentsOf(messages, 'thinking_level')), [
      'skip_thought_signature_validator',
      undefined,
    ])
    assert.deepEqual(signaturesOf(contentsOf(messages)), [undefined, undefined])
    const over = [...messages, result('c1', text('1')), result('c2', text('2')), user(text('And now?'))]
    assert.deepEqual(signaturesOf(contentsOf(over, 'thinking_level')), [undefined, undefined])
  })

  it("sends Gemini's own call ids back and no others", () => {
    const own: Carry = { origin: 'gemini-generate', kind: 'item', value: 'g1', itemId: 'g1' }
    const contents = contentsOf([
      user(text('Hi')),
      model(call('g1', 'look', [own]), call('minted', 'look')),
      result('g1', text('1')),
      result('minted', text('2')),
    ]) as readonly { parts: readonly Record<string, { id?: string }>[] }[]
    assert.deepEqual(
      contents[1]?.parts.map((part) => part['functionCall']?.id),
      ['g1', undefined],
    )
    assert.deepEqual(
      contents[2]?.parts.map((part) => part['functionResponse']?.id),
      ['g1', undefined],
    )
  })

  it('says that a tool failed, and keeps numbers that a double cannot hold', () => {
    const failed: ChatMessage = {
      role: 'tool',
      parts: [{ type: 'tool_result', callId: 'c1', parts: [text('no such file')], isError: true }],
    }
    const contents = contentsOf([
      user(text('Hi')),
      model(call('c1', 'look'), call('c2', 'look')),
      failed,
      result('c2', text('{"id":12345678901234567890}')),
    ]) as readonly { parts: readonly { functionResponse: { response: unknown } }[] }[]
    assert.deepEqual(
      contents[2]?.parts.map((part) => part.functionResponse.response),
      [{ error: 'no such file' }, { output: '{"id":12345678901234567890}' }],
    )
  })

  it('gives every media type inline or by an https address, with the type where it is known', () => {
    const fileUri = 'https://generativelanguage.googleapis.com/v1beta/files/abc'
    const media = (source: MediaPart['source']): MediaPart => ({ type: 'document', source })
    const contents = contentsOf([
      user(media({ kind: 'inline', base64: 'JVBERi0=' }), media({ kind: 'url', url: fileUri })),
    ]) as readonly { parts: unknown }[]
    assert.deepEqual(contents[0]?.parts, [
      { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
      { fileData: { fileUri } },
    ])
    const picture = (url: string, mediaType?: string) =>
      contentsOf([user({ type: 'image', source: { kind: 'url', url }, mediaType })])
    const sent = (fileData: object) => [{ role: 'user', parts: [{ fileData }] }]
    const address = 'https://example.com/a.PNG?size=2'
    assert.deepEqual(picture(address), sent({ mimeType: 'image/png', fileUri: address }))
    assert.deepEqual(picture(address, 'image/webp'), sent({ mimeType: 'image/webp', fileUri: address }))
    assert.deepEqual(picture('https://example.com/a'), sent({ fileUri: 'https://example.com/a' }))
    for (const url of ['http://example.com/a.png', 'ftp://example.com/a.png']) {
      assert.throws(() => picture(url), refuses('unsupported_feature'))
    }
  })

  it('declares functions with whole JSON Schema and says which may or must be called', () => {
    const parameters = { type: 'object', properties: {}, additionalProperties: false }
    const question = {
      messages: [user(text('Hi'))],
      tools: [{ kind: 'function', name: 'look', description: 'Looks.', parameters }],
    } as const
    const choices = [
      [{ mode: 'auto' }, { mode: 'AUTO' }],
      [{ mode: 'none' }, { mode: 'NONE' }],
      [{ mode: 'required' }, { mode: 'ANY' }],
      [
        { mode: 'named', name: 'look' },
        { mode: 'ANY', allowedFunctionNames: ['look'] },
      ],
      [
        { mode: 'allowed', names: ['look'], isRequired: false },
        { mode: 'VALIDATED', allowedFunctionNames: ['look'] },
      ],
    ] as const
    for (const [toolChoice, functionCallingConfig] of choices) {
      const body = bodyOf({ ...question, toolChoice }) as Record<string, unknown>
      assert.deepEqual(body['tools'], [
        { functionDeclarations: [{ name: 'look', description: 'Looks.', parametersJsonSchema: parameters }] },
      ])
      assert.deepEqual(body['toolConfig'], { functionCallingConfig })
    }
  })

  it("refuses other providers' tools, free-form tools and a sixth stop sequence", () => {
    const messages = [user(text('Hi'))]
    const value = { type: 'web_search' }
    for (const tool of [
      { kind: 'server', name: 'web_search', origin: 'openai-responses', value },
      { kind: 'custom', name: 'sql' },
    ] as const) {
      assert.throws(() => bodyOf({ messages, tools: [tool] }), refuses('unsupported_feature'))
    }
    assert.throws(
      () => configOf({ stopSequences: ['1', '2', '3', '4', '5', '6'] }),
      refuses('unsupported_feature'),
    )
  })

  it('thinks by level or by budget as its card says, within the cap', () => {
    const thinking = (question: Partial<ChatQuestion>, ...quirks: readonly string[]) =>
      configOf(question, ...quirks)['thinkingConfig']
    const high = { reasoning: { effort: 'high', isShown: true } } as const
    assert.deepEqual(thinking(high, 'thinking_level'), { thinkingLevel: 'HIGH', includeThoughts: true })
    assert.deepEqual(thinking(high), { thinkingBudget: 750, includeThoughts: true })
    assert.deepEqual(thinking({ reasoning: { effort: 'none' } }), { thinkingBudget: 0 })
    assert.deepEqual(thinking({ reasoning: { effort: 'none' } }, 'thinking_always'), { thinkingBudget: 128 })
    assert.deepEqual(thinking({ reasoning: { budgetTokens: -1 } }), { thinkingBudget: -1 })
    assert.equal(thinking({ reasoning: { budgetTokens: -1 } }, 'thinking_level'), undefined)
    const none = { reasoning: { effort: 'none' } } as const
    assert.deepEqual(thinking(none, 'thinking_level'), { thinkingLevel: 'LOW' })
    assert.deepEqual(thinking(none, 'thinking_level', 'minimal_thinking_level'), { thinkingLevel: 'MINIMAL' })
    assert.deepEqual(thinking({ reasoning: { budgetTokens: 8_192 } }, 'thinking_level'), {
      thinkingLevel: 'MEDIUM',
    })
  })

  it('asks for the form of the answer', () => {
    const schema = { type: 'object' }
    assert.deepEqual(
      configOf({
        responseFormat: { type: 'json_schema', name: 'x', schema },
        answerCount: 2,
        stopSequences: ['.'],
        logprobs: { top: 3 },
        outputModalities: ['text', 'image'],
        seed: 7,
      }),
      {
        maxOutputTokens: 1_000,
        seed: 7,
        candidateCount: 2,
        stopSequences: ['.'],
        responseMimeType: 'application/json',
        responseJsonSchema: schema,
        responseModalities: ['TEXT', 'IMAGE'],
        responseLogprobs: true,
        logprobs: 3,
      },
    )
  })
})
