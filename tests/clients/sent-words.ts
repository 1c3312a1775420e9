/** What a provider was sent, read back from its request by its own reference: instructions, calls, results, pictures. */
import type { Dialect } from '#core/domain/chat.ts'
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

export interface SentWords {
  readonly system: string
  /** Every text of the user, joined. */
  readonly prompt: string
  /** Calls of earlier turns, in order. */
  readonly calls: readonly SentCall[]
  readonly results: readonly SentResult[]
  readonly images: readonly SentImage[]
}

export interface SentCall {
  readonly id: string
  readonly name: string
  readonly input: JsonValue
}

export interface SentResult {
  /** The id of the call that this is the result of. */
  readonly id: string
  readonly text: string
}

export interface SentImage {
  readonly mediaType: string
  readonly base64: string
}

interface Draft {
  readonly system: string[]
  readonly prompt: string[]
  readonly calls: SentCall[]
  readonly results: SentResult[]
  readonly images: SentImage[]
}

type ReadBody = (body: JsonObject, draft: Draft) => void

const readers: Readonly<Record<Dialect, ReadBody>> = {
  'openai-chat': readChat,
  'openai-responses': readResponses,
  'anthropic-messages': readAnthropic,
  'gemini-generate': readGemini,
  'cohere-chat': readChat,
}

export function sentWords(dialect: Dialect, body: JsonValue | undefined): SentWords {
  const draft: Draft = { system: [], prompt: [], calls: [], results: [], images: [] }
  readers[dialect](asObject(body) ?? {}, draft)
  return { ...draft, system: draft.system.join('\n'), prompt: draft.prompt.join('\n') }
}

const objects = (value: unknown): readonly JsonObject[] => asArray(value).map((item) => asObject(item) ?? {})
const string = (value: unknown): string => asString(value) ?? ''

/** A text, or the texts of a list of parts. */
function texts(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content
  return objects(content)
    .map((part) => string(part['text']))
    .join('\n')
}

/** Everything that a result says, whatever it is wrapped in. */
const everything = (content: JsonValue | undefined): string =>
  typeof content === 'string' ? content : JSON.stringify(content ?? null)

function addDataUrl(draft: Draft, url: string): void {
  const [, mediaType, base64] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
  if (mediaType !== undefined && base64 !== undefined) draft.images.push({ mediaType, base64 })
}

/** OpenAI's Chat Completions, and Cohere's chat, whose messages have the same form in all that is read here. */
function readChat(body: JsonObject, draft: Draft): void {
  for (const message of objects(body['messages'])) {
    const { role, content } = message
    if (role === 'system' || role === 'developer') draft.system.push(texts(content))
    if (role === 'tool')
      draft.results.push({ id: string(message['tool_call_id']), text: everything(content) })
    if (role === 'user') {
      draft.prompt.push(texts(content))
      for (const part of objects(content)) {
        const image = part['image_url']
        addDataUrl(draft, asString(image) ?? string(asObject(image)?.['url']))
      }
    }
    for (const call of objects(message['tool_calls'])) {
      const called = asObject(call['function'])
      const input = parseJson(string(called?.['arguments']) || '{}') ?? null
      draft.calls.push({ id: string(call['id']), name: string(called?.['name']), input })
    }
  }
}

function readResponses(body: JsonObject, draft: Draft): void {
  draft.system.push(string(body['instructions']))
  if (typeof body['input'] === 'string') draft.prompt.push(body['input'])
  for (const item of objects(body['input'])) {
    const { role, content, type } = item
    if (role === 'system' || role === 'developer') draft.system.push(texts(content))
    if (role === 'user') {
      draft.prompt.push(texts(content))
      for (const part of objects(content)) addDataUrl(draft, string(part['image_url']))
    }
    if (type === 'function_call') {
      const input = parseJson(string(item['arguments']) || '{}') ?? null
      draft.calls.push({ id: string(item['call_id']), name: string(item['name']), input })
    }
    if (type === 'function_call_output') {
      draft.results.push({ id: string(item['call_id']), text: everything(item['output']) })
    }
  }
}

function readAnthropic(body: JsonObject, draft: Draft): void {
  draft.system.push(texts(body['system']))
  for (const { role, content } of objects(body['messages'])) {
    if (role === 'user') draft.prompt.push(texts(content))
    if (role === 'system') draft.system.push(texts(content))
    for (const block of objects(content)) {
      if (block['type'] === 'tool_use') {
        draft.calls.push({
          id: string(block['id']),
          name: string(block['name']),
          input: block['input'] ?? null,
        })
      }
      if (block['type'] === 'tool_result') {
        draft.results.push({ id: string(block['tool_use_id']), text: everything(block['content']) })
      }
      if (block['type'] === 'image') {
        const source = asObject(block['source'])
        draft.images.push({ mediaType: string(source?.['media_type']), base64: string(source?.['data']) })
      }
    }
  }
}

/** Gemini's ids are optional: without them a result belongs to the next unanswered call of its name. */
function readGemini(body: JsonObject, draft: Draft): void {
  const system = asObject(body['systemInstruction'] ?? body['system_instruction'])
  draft.system.push(texts(system?.['parts']))
  const answered = new Set<string>()
  for (const { role, parts } of objects(body['contents'])) {
    if (role !== 'model') draft.prompt.push(texts(parts))
    for (const part of objects(parts)) {
      const call = asObject(part['functionCall'] ?? part['function_call'])
      if (call) {
        const id = asString(call['id']) ?? `call number ${draft.calls.length}`
        draft.calls.push({ id, name: string(call['name']), input: call['args'] ?? {} })
      }
      const result = asObject(part['functionResponse'] ?? part['function_response'])
      if (result) {
        const open = draft.calls.find(({ id, name }) => name === result['name'] && !answered.has(id))
        const id = asString(result['id']) ?? open?.id ?? ''
        answered.add(id)
        draft.results.push({ id, text: everything(result['response']) })
      }
      const data = asObject(part['inlineData'] ?? part['inline_data'])
      if (data) {
        draft.images.push({
          mediaType: string(data['mimeType'] ?? data['mime_type']),
          base64: standardBase64(string(data['data'])),
        })
      }
    }
  }
}

/** Google takes both alphabets of base64; its client for Python writes the one for addresses. */
export const standardBase64 = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/')

/** Whether a schema with exactly these members stands anywhere in the request. */
export function mentionsSchema(body: JsonValue | undefined, members: readonly string[]): boolean {
  const wanted = [...members].sort().join()
  const visit = (value: JsonValue | undefined): boolean => {
    if (typeof value !== 'object' || value === null) return false
    const properties = asObject(asObject(value)?.['properties'])
    if (properties && Object.keys(properties).sort().join() === wanted) return true
    return Object.values(value).some((inner) => visit(inner))
  }
  return visit(body)
}

/** Tokens of thinking in a provider's answer that must come back to it as they are. */
export function thoughtTokens(value: JsonValue | undefined): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]: [string, JsonValue | undefined]) =>
    typeof inner === 'string' && tokenNames.has(name) && inner !== '' ? [inner] : thoughtTokens(inner),
  )
}

const tokenNames: ReadonlySet<string> = new Set(['signature', 'encrypted_content', 'thoughtSignature'])
