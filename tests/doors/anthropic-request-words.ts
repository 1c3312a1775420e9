/** Small pieces of requests to the Messages API, and what is expected of a wrong one. */

export interface WrongMessage {
  readonly name: string
  /** Text is sent as it is. */
  readonly body: unknown
  readonly status?: number
  readonly type?: string
  readonly param?: string
  /** What the message must speak of. */
  readonly says: RegExp
  readonly headers?: Readonly<Record<string, string>>
}

export const model = 'some-gemini'
export const user = (content: unknown) => ({ role: 'user', content })
export const assistant = (content: unknown) => ({ role: 'assistant', content })
export const hello = user('hello')
export const text = (words: string) => ({ type: 'text', text: words })
export const use = (id: string, rest: object = {}) => ({
  type: 'tool_use',
  id,
  name: 'look',
  input: {},
  ...rest,
})
export const result = (id: string, rest: object = {}) => ({ type: 'tool_result', tool_use_id: id, ...rest })
export const tool = { name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: {} } }
export const image = (source: unknown) => user([{ type: 'image', source }])
export const base64 = (data: string, media_type = 'image/png') => image({ type: 'base64', media_type, data })
export const document = (source: unknown) => user([{ type: 'document', source }])
export const marked = (words: string, ttl?: string) => ({
  ...text(words),
  cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) },
})

/** A request that is right but for what is laid over it; undefined takes a member away. */
export const whole = (changes: object) => ({ model, max_tokens: 100, messages: [hello], ...changes })
export const said = (...messages: readonly unknown[]) => whole({ messages })
