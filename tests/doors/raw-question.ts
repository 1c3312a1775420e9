/** A plain question to each door as bytes, without a client between. */
import type { Dialect } from '#core/domain/chat.ts'

export interface RawWish {
  readonly dialect: Dialect
  readonly model: string
  readonly isStreamed: boolean
}

/** Sends it. Usage is asked for where the API makes that a choice. */
export function askRaw(address: string, wish: RawWish): Promise<Response> {
  const { path, body } = raw[wish.dialect](wish)
  return fetch(address + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf[wish.dialect] },
    body: JSON.stringify(body),
  })
}

const text = 'Say hello.'
const messages = [{ role: 'user', content: text }]

const raw: Readonly<Record<Dialect, (wish: RawWish) => { readonly path: string; readonly body: object }>> = {
  'openai-chat': ({ model, isStreamed }) => ({
    path: '/v1/chat/completions',
    body: {
      model,
      messages,
      ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
    },
  }),
  'openai-responses': ({ model, isStreamed }) => ({
    path: '/v1/responses',
    body: { model, input: text, stream: isStreamed, store: false },
  }),
  'anthropic-messages': ({ model, isStreamed }) => ({
    path: '/v1/messages',
    body: { model, messages, max_tokens: 4_096, stream: isStreamed },
  }),
  'gemini-generate': ({ model, isStreamed }) => ({
    path: `/v1beta/models/${model}:${isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: { contents: [{ role: 'user', parts: [{ text }] }] },
  }),
  'cohere-chat': ({ model, isStreamed }) => ({
    path: '/v2/chat',
    body: { model, messages, stream: isStreamed },
  }),
}

const bearer = { authorization: 'Bearer sbx_good' }
const headersOf: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  'openai-chat': bearer,
  'openai-responses': bearer,
  'anthropic-messages': { 'x-api-key': 'sbx_good', 'anthropic-version': '2023-06-01' },
  'gemini-generate': { 'x-goog-api-key': 'sbx_good' },
  'cohere-chat': bearer,
}
