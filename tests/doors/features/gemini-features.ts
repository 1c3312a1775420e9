/** Every feature that a request of generateContent can use. */
import type { Carry } from '../../../src/core/domain/chat.ts'
import type { JsonObject, JsonValue } from '../../../src/core/domain/json.ts'
import { writeThoughtToken } from '../../../src/http/gemini/thought-token.ts'
import {
  city,
  docx,
  docxType,
  earlier,
  failure,
  form,
  hello,
  links,
  mp4,
  note,
  ogg,
  pdf,
  png,
  rule,
  sunny,
  thought,
  token,
  wav,
} from './feature-forms.ts'
import type { FeatureForms } from './feature-forms.ts'

const turn = (role: 'user' | 'model', ...parts: readonly JsonValue[]) => ({ role, parts })
const asked = turn('user', { text: hello })
const contents = (...turns: readonly JsonObject[]) => ({ contents: turns })
const user = (...parts: readonly JsonValue[]) => form(contents(turn('user', ...parts, { text: hello })))
const plain = (rest: JsonObject) => form({ ...contents(asked), ...rest })
const config = (generationConfig: JsonObject, rest: JsonObject = {}) => plain({ generationConfig, ...rest })
const inline = (mimeType: string, data: string) => ({ inlineData: { mimeType, data } })
const file = (mimeType: string, fileUri: string) => ({ fileData: { mimeType, fileUri } })
const answered = (...parts: readonly JsonValue[]) => form(contents(asked, turn('model', ...parts), asked))
const foreign = (carry: Carry) => {
  const part = { type: 'reasoning', text: thought, carry: [carry] } as const
  const thoughtSignature = writeThoughtToken({ before: [{ part, isLeading: true }], own: [] }) ?? ''
  return answered({ text: earlier, thoughtSignature })
}

const called = (functionResponse: JsonObject, thoughtSignature?: string) =>
  contents(
    asked,
    turn('model', {
      functionCall: { name: 'get_weather', args: { city: 'Oslo' } },
      ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
    }),
    turn('user', { functionResponse: { name: 'get_weather', ...functionResponse } }),
  )
const weather = { name: 'get_weather', description: 'Tells the weather.', parametersJsonSchema: city }
const tools = [{ functionDeclarations: [weather, { name: 'get_time' }] }]
const choice = (functionCallingConfig: JsonObject) => ({ tools, toolConfig: { functionCallingConfig } })
const schemaFormat = { responseMimeType: 'application/json', responseJsonSchema: city }
const hard = { thinkingConfig: { thinkingLevel: 'HIGH' } }

export const geminiFeatures: FeatureForms = {
  system_prompt: plain({ systemInstruction: { parts: [{ text: rule }] } }),
  earlier_turns: answered({ text: earlier }),
  media_in_answers: answered({ text: earlier }, inline('image/png', png)),
  tool_results: form({ ...called({ response: { output: sunny } }), tools }),
  failed_tool_results: form({ ...called({ response: { error: failure } }), tools }),
  media_in_tool_results: form({
    ...called({ response: { output: sunny }, parts: [inline('image/png', png)] }),
    tools,
  }),
  thinking_of_openai_chat: foreign({ origin: 'openai-chat', kind: 'signature', value: token }),
  thinking_of_openai_responses: foreign({ origin: 'openai-responses', kind: 'encrypted', value: token }),
  thinking_of_anthropic: foreign({ origin: 'anthropic-messages', kind: 'signature', value: token }),
  thinking_of_gemini: form({ ...called({ response: { output: sunny } }, token), tools }),
  thinking_without_token: answered({ text: thought, thought: true }, { text: earlier }),
  past_items_of_gemini: answered(
    { executableCode: { language: 'PYTHON', code: 'print(1)' } },
    { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
    { text: earlier },
  ),
  items_of_gemini: user({
    ...file('video/mp4', links.google),
    videoMetadata: { startOffset: '5s' },
  }),
  image_data: user(inline('image/png', png)),
  image_address: user(file('image/png', links.image)),
  pdf_data: user(inline('application/pdf', pdf)),
  document_address: user(file('application/pdf', links.pdf)),
  text_document: user(inline('text/plain', note)),
  other_document: user(inline(docxType, docx)),
  audio_data: user(inline('audio/wav', wav)),
  other_audio: user(inline('audio/ogg', ogg)),
  audio_address: user(file('audio/mpeg', links.audio)),
  video_data: user(inline('video/mp4', mp4)),
  video_address: user(file('video/mp4', links.video)),
  google_address: user(file('video/mp4', links.google)),
  gemini_file: user(file('image/png', 'https://generativelanguage.googleapis.com/v1beta/files/otter')),
  tools: plain({ tools }),
  server_tools_of_gemini: plain({ tools: [{ googleSearch: {} }] }),
  choice_auto: plain(choice({ mode: 'AUTO' })),
  choice_required: plain(choice({ mode: 'ANY' })),
  choice_none: plain(choice({ mode: 'NONE' })),
  choice_named: plain(choice({ mode: 'ANY', allowedFunctionNames: ['get_weather'] })),
  choice_allowed: plain(choice({ mode: 'VALIDATED', allowedFunctionNames: ['get_weather'] })),
  json_schema: config(schemaFormat),
  json_without_schema: config({ responseMimeType: 'application/json' }),
  json_beside_tools: config(schemaFormat, { tools }),
  output_audio: config({ responseModalities: ['AUDIO'] }),
  output_image: config({ responseModalities: ['TEXT', 'IMAGE'] }),
  reasoning_effort: config(hard),
  reasoning_budget: config({ thinkingConfig: { thinkingBudget: 2_048 } }),
  reasoning_off: config({ thinkingConfig: { thinkingBudget: 0 } }),
  reasoning_shown: config({ thinkingConfig: { includeThoughts: true } }),
  tools_while_thinking: config(hard, { tools }),
  forced_tool_while_thinking: config(hard, choice({ mode: 'ANY' })),
  sampling_while_thinking: config({ temperature: 0.25, ...hard }),
  streaming: { ...plain({}), isStreamed: true },
  output_cap: config({ maxOutputTokens: 77 }),
  stop: config({ stopSequences: ['END'] }),
  blank_stop: config({ stopSequences: ['END', '\n\n'] }),
  stop_over_four: config({ stopSequences: ['a', 'b', 'c', 'd', 'e'] }),
  seed: config({ seed: 7 }),
  temperature: config({ temperature: 0.25 }),
  high_temperature: config({ temperature: 1.75 }),
  top_p: config({ topP: 0.5 }),
  temperature_with_top_p: config({ temperature: 0.25, topP: 0.5 }),
  top_k: config({ topK: 9 }),
  frequency_penalty: config({ frequencyPenalty: 0.5 }),
  presence_penalty: config({ presencePenalty: 0.5 }),
  penalties_outside_unit: config({ frequencyPenalty: -0.5 }),
  logprobs: config({ responseLogprobs: true }),
  alternative_tokens: config({ responseLogprobs: true, logprobs: 2 }),
  several_answers: config({ candidateCount: 2 }),
}
