/** Requests of the Gemini API as questions: every form that the API takes, in either spelling. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '#core/domain/json.ts'
import { writeCarriedToken } from '#http/carried-token.ts'
import { readGeminiQuestion } from '#http/gemini/gemini-question.ts'
import { readJsonBody } from '#http/json-body.ts'

const read = (body: JsonObject) => readGeminiQuestion(readJsonBody(Buffer.from(JSON.stringify(body))), false)
const hello = { contents: [{ parts: [{ text: 'Hello' }] }] }
const helloWords = [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }]

test('contents, parts and instructions may be lists, single objects or texts', () => {
  for (const contents of [
    'Hello',
    { parts: { text: 'Hello' } },
    [{ parts: ['Hello'] }],
    [{ parts: 'Hello' }],
  ]) {
    const question = read({ contents })
    assert.deepEqual(question.messages, helloWords)
    // What goes to Gemini is in a form that it takes.
    assert.doesNotMatch(question.native?.text ?? '', /"contents":"|"parts":"|\["Hello"\]/)
  }
  for (const name of ['systemInstruction', 'system_instruction']) {
    for (const value of [
      'Be brief.',
      { parts: { text: 'Be brief.' } },
      { role: 'x', parts: [{ text: 'Be brief.' }] },
    ]) {
      const [system] = read({ ...hello, [name]: value }).messages
      assert.deepEqual(system, { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] })
    }
  }
})

test('settings are read in either spelling, numbers also as text, and null is nothing', () => {
  const config = {
    max_output_tokens: '100',
    temperature: 0.5,
    topP: null,
    top_k: 5,
    stop_sequences: ['END'],
    candidateCount: 2,
    presence_penalty: 0.1,
    frequencyPenalty: 0.2,
    responseLogprobs: true,
    logprobs: 3,
    response_modalities: ['TEXT', 'IMAGE'],
    thinking_config: { include_thoughts: true, thinking_level: 'low' },
  }
  const { messages, native, isStreamed, unsaid, ...rest } = read({ ...hello, generation_config: config })
  assert.deepEqual(
    [messages, native?.dialect, isStreamed, unsaid],
    [helloWords, 'gemini-generate', false, undefined],
  )
  assert.deepEqual(rest, {
    maxOutputTokens: 100,
    temperature: 0.5,
    topK: 5,
    stopSequences: ['END'],
    answerCount: 2,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    logprobs: { top: 3 },
    outputModalities: ['text', 'image'],
    reasoning: { effort: 'low', isShown: true },
  })
})

test('the modes of calling are the choices that other APIs know', () => {
  const tools = { function_declarations: [{ name: 'a' }, { name: 'b' }] }
  const chosen = (functionCallingConfig: JsonObject) =>
    read({ ...hello, tools, toolConfig: { functionCallingConfig } }).toolChoice
  assert.deepEqual(chosen({ mode: 'AUTO' }), { mode: 'auto' })
  assert.deepEqual(chosen({ mode: 'NONE' }), { mode: 'none' })
  assert.deepEqual(chosen({ mode: 'ANY' }), { mode: 'required' })
  assert.deepEqual(chosen({ mode: 'ANY', allowed_function_names: ['a'] }), { mode: 'named', name: 'a' })
  const names = ['a', 'b']
  assert.deepEqual(chosen({ mode: 'ANY', allowedFunctionNames: names }), {
    mode: 'allowed',
    names,
    isRequired: true,
  })
  const validated = { mode: 'VALIDATED', allowedFunctionNames: names }
  assert.deepEqual(chosen(validated), { mode: 'allowed', names, isRequired: false })
  assert.equal(chosen({}), undefined)
})

test("a tool that Google runs is kept whole beside the caller's functions", () => {
  const { tools } = read({
    ...hello,
    tools: [{ functionDeclarations: [{ name: 'a' }], googleSearch: { x: 1 } }],
  })
  assert.deepEqual(tools, [
    { kind: 'function', name: 'a' },
    { kind: 'server', name: 'google_search', origin: 'gemini-generate', value: { googleSearch: { x: 1 } } },
  ])
})

test('what a function gave back is its output, its error, or all of it', () => {
  const call = { functionCall: { name: 'a' } }
  const given = (response: JsonObject) => {
    const contents = [
      { parts: [{ text: 'x' }] },
      { role: 'model', parts: [call] },
      { role: 'function', parts: [{ functionResponse: { name: 'a', response } }] },
    ]
    const part = read({ contents }).messages.at(-1)?.parts[0]
    assert.ok(part?.type === 'tool_result')
    return [part.parts, part.isError]
  }
  const text = (words: string) => [{ type: 'text', text: words }]
  assert.deepEqual(given({ output: 'sunny' }), [text('sunny'), false])
  assert.deepEqual(given({ error: 'no place' }), [text('no place'), true])
  assert.deepEqual(given({ output: { a: 1 } }), [text('{"a":1}'), false])
  assert.deepEqual(given({ result: 'sunny' }), [text('{"result":"sunny"}'), false])
  assert.deepEqual(given({}), [text(''), false])
})

test('bytes may be written in either alphabet of base64, with or without padding', () => {
  const bytes = Buffer.from('%PDF-1.7 ÿþ~?>')
  for (const data of [bytes.toString('base64'), bytes.toString('base64url')]) {
    const [message] = read({
      contents: [{ parts: [{ inline_data: { mime_type: 'application/pdf', data } }] }],
    }).messages
    const [part] = message?.parts ?? []
    assert.ok(part?.type === 'document' && part.source.kind === 'inline')
    assert.deepEqual(Buffer.from(part.source.base64, 'base64'), bytes)
  }
})

test('media keep their kind, and a file of Google is known as one', () => {
  const part = (value: JsonObject) => read({ contents: [{ parts: [value] }] }).messages[0]?.parts[0]
  const file = (fileUri: string, mimeType?: string) =>
    part({ fileData: { fileUri, ...(mimeType === undefined ? {} : { mimeType }) } })
  assert.deepEqual(file('gs://bucket/a', 'video/mp4'), {
    type: 'video',
    source: { kind: 'file', fileId: 'gs://bucket/a', origin: 'gemini-generate' },
    mediaType: 'video/mp4',
  })
  assert.deepEqual(file('https://example.com/a.jpg?x=1'), {
    type: 'image',
    source: { kind: 'url', url: 'https://example.com/a.jpg?x=1' },
  })
  assert.equal(file('https://youtu.be/abc')?.type, 'video')
  const seen = part({
    inlineData: { mimeType: 'video/mp4', data: 'AAAA' },
    mediaResolution: { level: 'MEDIA_RESOLUTION_LOW' },
  })
  assert.ok(seen?.type === 'video' && seen.detail === 'low')
})

test('members that only Gemini knows are demanded or told, and unknown parts are kept', () => {
  const told = read({
    ...hello,
    labels: { a: 'b' },
    generationConfig: { mediaResolution: 'X', new_thing: 1 },
  })
  assert.deepEqual(told.unsaid, ['labels', 'generationConfig.mediaResolution', 'generationConfig.new_thing'])
  const demanded = read({
    ...hello,
    cachedContent: 'cachedContents/x',
    generationConfig: { speechConfig: {} },
  })
  assert.deepEqual(
    demanded.messages[0]?.parts.map((part) => part.type === 'opaque' && part.kind),
    ['cachedContent', 'generationConfig.speechConfig'],
  )
  const unknown = read({ contents: [{ parts: [{ hologram: { a: 1 }, thoughtSignature: 's' }] }] })
  const [part] = unknown.messages[0]?.parts ?? []
  assert.deepEqual(part, {
    type: 'opaque',
    kind: 'hologram',
    origin: 'gemini-generate',
    value: { hologram: { a: 1 } },
    carry: [{ origin: 'gemini-generate', kind: 'thought_signature', value: 's' }],
  })
})

test("a conversation of Gemini's own goes on as it came; tokens of others are taken out of it", () => {
  const token = writeCarriedToken([{ origin: 'anthropic-messages', kind: 'signature', value: 's' }])
  const model = (...parts: readonly JsonObject[]) => ({
    contents: [{ parts: [{ text: 'x' }] }, { role: 'model', parts }, { parts: [{ text: 'y' }] }],
    safetySettings: [],
  })
  const own = model(
    { text: 'a', thoughtSignature: 'own' },
    { functionCall: { name: 'f' }, thought_signature: 'b' },
  )
  assert.equal(read(own).native?.text, JSON.stringify(own))
  const mixed = model(
    { text: 'a', thoughtSignature: token },
    { text: '', thoughtSignature: token },
    { text: 'No.', partMetadata: { refusal: true } },
  )
  const { native } = read(mixed)
  assert.equal(native?.text, JSON.stringify(model({ text: 'a' }, { text: 'No.' })))
  const span = native?.members.get('safetySettings')
  assert.equal(native?.text.slice(span?.start, span?.end), '[]')
})
