/** The turns, parts and tools that questions of tests are made of. */
import type { Carry, ChatMessage, MediaPart, Part, Tool } from '../../src/core/domain/chat.ts'

export const text = (words: string): Part => ({ type: 'text', text: words })
export const user = (...parts: readonly Part[]): ChatMessage => ({ role: 'user', parts })
export const assistant = (...parts: readonly Part[]): ChatMessage => ({ role: 'assistant', parts })
export const system = (words: string): ChatMessage => ({ role: 'system', parts: [text(words)] })
export const call = (
  id: string,
  name: string,
  argumentsText = '{"city":"Paris"}',
  carry?: readonly Carry[],
): Part => ({
  type: 'tool_call',
  id,
  name,
  kind: 'function',
  argumentsText,
  ...(carry ? { carry } : {}),
})
export const result = (callId: string, words: string, isError = false): Part => ({
  type: 'tool_result',
  callId,
  parts: [text(words)],
  isError,
})
export const tool = (...parts: readonly Part[]): ChatMessage => ({ role: 'tool', parts })

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
export const image: MediaPart = {
  type: 'image',
  mediaType: 'image/png',
  source: { kind: 'inline', base64: png },
}
export const linkedImage: MediaPart = {
  type: 'image',
  source: { kind: 'url', url: 'https://example.com/cat.png' },
}
export const pdf: MediaPart = {
  type: 'document',
  mediaType: 'application/pdf',
  filename: 'report.pdf',
  source: { kind: 'inline', base64: 'JVBERi0xLjQK' },
}
export const plainDocument: MediaPart = {
  type: 'document',
  filename: 'note.txt',
  source: { kind: 'text', text: 'A note.' },
}
export const audio: MediaPart = {
  type: 'audio',
  mediaType: 'audio/wav',
  source: { kind: 'inline', base64: 'UklGRg==' },
}
export const video: MediaPart = {
  type: 'video',
  mediaType: 'video/mp4',
  source: { kind: 'inline', base64: 'AAAAIA==' },
}
export const strangersFile: MediaPart = {
  type: 'document',
  source: { kind: 'file', fileId: 'file-1', origin: 'openai-responses' },
}

export const weather: Tool = {
  kind: 'function',
  name: 'get_weather',
  description: 'The weather in a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}
export const clock: Tool = { kind: 'function', name: 'get_time' }
export const tools = [weather, clock]
export const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}

export const hello = [user(text('Hello'))]
export const askWeather = user(text('What is the weather in Paris and in Rome?'))
export const bothCalls = assistant(
  text('I look.'),
  call('call_1', 'get_weather'),
  call('call_2', 'get_weather'),
)
export const strangersThought: Part = {
  type: 'reasoning',
  text: 'They want the weather.',
  carry: [{ origin: 'anthropic-messages', kind: 'signature', value: 'c2ln' }],
}
export const strangersSearch: Part = {
  type: 'server_tool',
  phase: 'call',
  name: 'web_search',
  origin: 'openai-responses',
  value: { type: 'web_search_call', id: 'ws_1', status: 'completed' },
}
