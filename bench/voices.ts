/** What is said in each API's form: requests to a door, answers of the provider double. All with the same marks. */
import type { StreamEnding } from './answer-check.ts'
import {
  framed,
  instruction,
  markedAnswer,
  markedEvents,
  markedRequest,
  requestBody,
  streamEnd,
  streamEvents,
  streamHead,
  wholeAnswer,
  type Kind,
} from './conversation.ts'

export type VoiceName =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini-generate'
  | 'cohere-chat'

type MarkedBytes = { bytes: Buffer; numberOffset: number }

export type Voice = {
  name: VoiceName
  path: (model: string, kind: Kind) => string
  headerLines: (key: string) => readonly string[]
  request: (kind: Kind, model: string) => { body: Buffer; numberOffset: number }
  ending: StreamEnding
  /** Whether a provider of this API is asked at this path. */
  isAskedAt: (path: string) => boolean
  wholeAnswer: () => MarkedBytes
  /** The head of a stream and what comes before its first piece of text. */
  streamHead: Buffer
  streamEvents: () => Array<{ bytes: Buffer; timeOffset: number }>
  streamEnd: () => Buffer
}

const lastChunk = Buffer.from('0\r\n\r\n')
const inputTokens = 230
const outputTokens = 100
const bearer = (key: string) => [`authorization: Bearer ${key}`]

const event = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
const opened = (texts: readonly string[]) => Buffer.concat([streamHead, ...texts.map(framed)])
const closed = (texts: readonly string[]) => Buffer.concat([...texts.map(framed), lastChunk])

const chat: Voice = {
  name: 'openai-chat',
  path: () => '/v1/chat/completions',
  headerLines: bearer,
  request: requestBody,
  ending: { endMark: '[DONE]' },
  isAskedAt: (path) => path.endsWith('/chat/completions'),
  wholeAnswer,
  streamHead,
  streamEvents,
  streamEnd,
}

const response = { id: 'resp_bench', object: 'response', created_at: 1760000000, model: 'bench-model' }
const responseUsage = {
  input_tokens: inputTokens,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: outputTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: inputTokens + outputTokens,
}
const responseItem = { id: 'msg_bench', type: 'message', role: 'assistant' }
const responsePlace = { item_id: responseItem.id, output_index: 0, content_index: 0 }
const responsePart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })
const responseItemDone = { ...responseItem, status: 'completed', content: [responsePart('')] }
const responseDone = { ...response, status: 'completed', output: [responseItemDone], usage: responseUsage }
const sequenceAfterOpening = 4

const responses: Voice = {
  name: 'openai-responses',
  path: () => '/v1/responses',
  headerLines: bearer,
  request: (kind, model) =>
    markedRequest(kind, (content) => ({
      model,
      max_output_tokens: 256,
      store: false,
      stream: kind !== 'whole',
      instructions: instruction,
      input: [{ role: 'user', content }],
    })),
  ending: { endMark: 'response.completed', repeatsText: true },
  isAskedAt: (path) => path.endsWith('/responses'),
  wholeAnswer: () =>
    markedAnswer((text) => ({
      ...response,
      status: 'completed',
      output: [{ ...responseItem, status: 'completed', content: [responsePart(text)] }],
      usage: responseUsage,
    })),
  streamHead: opened([
    event('response.created', { sequence_number: 0, response: { ...response, status: 'in_progress' } }),
    event('response.in_progress', { sequence_number: 1, response: { ...response, status: 'in_progress' } }),
    event('response.output_item.added', {
      sequence_number: 2,
      output_index: 0,
      item: { ...responseItem, status: 'in_progress', content: [] },
    }),
    event('response.content_part.added', { sequence_number: 3, ...responsePlace, part: responsePart('') }),
  ]),
  streamEvents: () =>
    markedEvents((delta, place) =>
      event('response.output_text.delta', {
        sequence_number: sequenceAfterOpening + place,
        ...responsePlace,
        delta,
        logprobs: [],
      }),
    ),
  streamEnd: () =>
    closed([
      event('response.output_text.done', { sequence_number: 104, ...responsePlace, text: '', logprobs: [] }),
      event('response.content_part.done', { sequence_number: 105, ...responsePlace, part: responsePart('') }),
      event('response.output_item.done', { sequence_number: 106, output_index: 0, item: responseItemDone }),
      event('response.completed', { sequence_number: 107, response: responseDone }),
    ]),
}

const message = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'bench-model' }
const messageUsage = {
  input_tokens: inputTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: outputTokens,
}
const unstopped = { stop_reason: null, stop_sequence: null }
const stopped = { stop_reason: 'end_turn', stop_sequence: null }

const messages: Voice = {
  name: 'anthropic-messages',
  path: () => '/v1/messages',
  headerLines: (key) => [`x-api-key: ${key}`, 'anthropic-version: 2023-06-01'],
  request: (kind, model) =>
    markedRequest(kind, (content) => ({
      model,
      max_tokens: 256,
      stream: kind !== 'whole',
      system: instruction,
      messages: [{ role: 'user', content }],
    })),
  ending: { endMark: 'message_stop' },
  isAskedAt: (path) => path.endsWith('/messages'),
  wholeAnswer: () =>
    markedAnswer((text) => ({
      ...message,
      content: [{ type: 'text', text }],
      ...stopped,
      usage: messageUsage,
    })),
  streamHead: opened([
    event('message_start', { message: { ...message, content: [], ...unstopped, usage: messageUsage } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ]),
  streamEvents: () =>
    markedEvents((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
  streamEnd: () =>
    closed([
      event('content_block_stop', { index: 0 }),
      event('message_delta', { delta: stopped, usage: { output_tokens: outputTokens } }),
      event('message_stop', {}),
    ]),
}

const geminiUsage = {
  promptTokenCount: inputTokens,
  candidatesTokenCount: outputTokens,
  totalTokenCount: inputTokens + outputTokens,
}
const geminiReply = (text: string, more: object = {}) => ({
  candidates: [{ content: { parts: [{ text }], role: 'model' }, ...more, index: 0 }],
  usageMetadata: geminiUsage,
  modelVersion: 'bench-model',
  responseId: 'bench',
})
const geminiFrame = (reply: object) => `data: ${JSON.stringify(reply)}\r\n\r\n`

const gemini: Voice = {
  name: 'gemini-generate',
  path: (model, kind) =>
    `/v1beta/models/${model}:${kind === 'whole' ? 'generateContent' : 'streamGenerateContent?alt=sse'}`,
  headerLines: (key) => [`x-goog-api-key: ${key}`],
  request: (kind) =>
    markedRequest(kind, (text) => ({
      systemInstruction: { parts: [{ text: instruction }] },
      contents: [{ role: 'user', parts: [{ text }] }],
      generationConfig: { maxOutputTokens: 256 },
    })),
  ending: { endMark: 'finishReason' },
  isAskedAt: (path) => path.includes('enerateContent'),
  wholeAnswer: () => markedAnswer((text) => geminiReply(text, { finishReason: 'STOP' })),
  streamHead,
  streamEvents: () => markedEvents((text) => geminiFrame(geminiReply(text))),
  streamEnd: () => closed([geminiFrame(geminiReply('', { finishReason: 'STOP' }))]),
}

const cohereUsage = {
  billed_units: { input_tokens: inputTokens, output_tokens: outputTokens },
  tokens: { input_tokens: inputTokens, output_tokens: outputTokens },
}
const cohereContent = (content: object) => ({ index: 0, delta: { message: { content } } })

const cohere: Voice = {
  name: 'cohere-chat',
  path: () => '/v2/chat',
  headerLines: bearer,
  request: (kind, model) =>
    markedRequest(kind, (content) => ({
      model,
      max_tokens: 256,
      stream: kind !== 'whole',
      messages: [
        { role: 'system', content: instruction },
        { role: 'user', content },
      ],
    })),
  ending: { endMark: 'message-end' },
  isAskedAt: (path) => path.endsWith('/v2/chat'),
  wholeAnswer: () =>
    markedAnswer((text) => ({
      id: 'bench',
      finish_reason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text }] },
      usage: cohereUsage,
    })),
  streamHead: opened([
    event('message-start', { id: 'bench', delta: { message: { role: 'assistant', content: [] } } }),
    event('content-start', cohereContent({ type: 'text', text: '' })),
  ]),
  streamEvents: () => markedEvents((text) => event('content-delta', cohereContent({ text }))),
  streamEnd: () =>
    closed([
      event('content-end', { index: 0 }),
      event('message-end', { delta: { finish_reason: 'COMPLETE', usage: cohereUsage } }),
      'data: [DONE]\n\n',
    ]),
}

export const voices: readonly Voice[] = [chat, responses, messages, gemini, cohere]

export function voiceOf(name: VoiceName): Voice {
  const voice = voices.find((one) => one.name === name)
  if (!voice) throw new Error(`no voice ${name}`)
  return voice
}
