/** Every door through which a question may come, how it is asked there, and how its answer is read. */
import type { Dialect } from '#core/domain/chat.ts'
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { ReplyKind } from '#tests/faults/fault-mode.ts'

export interface ReadStream {
  readonly text: string
  /** How the stream says that it ended; `open` says nothing. */
  readonly ending: 'whole' | 'broken' | 'open'
}

export interface FaultDoor {
  readonly name: string
  /** The provider's dialect that is spoken here; undefined for the gateway's own. */
  readonly dialect: Dialect | undefined
  readonly kind: ReplyKind
  readonly path: (model: string) => string
  readonly body: (model: string, prompt: string) => JsonObject
  readonly wholeText: (body: JsonObject) => string
  readonly readStream: (text: string) => ReadStream
}

const maxTokens = 300
const turns = (prompt: string) => [{ role: 'user', content: prompt }]

/** One answer's text at a path of names and places. */
function textAt(value: JsonValue | undefined, ...path: ReadonlyArray<string | number>): string {
  let at = value
  for (const step of path) at = typeof step === 'number' ? asArray(at)[step] : asObject(at)?.[step]
  return asString(at) ?? ''
}

interface Frame {
  readonly event: string
  readonly text: string
  readonly data: JsonObject
}

/** Read as a tolerant client reads: any line ending, comments and byte order mark skipped. */
function framesIn(stream: string): readonly Frame[] {
  const plain = stream.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')
  return plain.split('\n\n').flatMap((piece) => {
    const lines = piece.split('\n')
    const valueOf = (name: string) =>
      lines.flatMap((line) =>
        line.startsWith(`${name}:`) ? line.slice(name.length + 1).replace(/^ /, '') : [],
      )
    const text = valueOf('data').join('\n')
    return text === ''
      ? []
      : [{ event: valueOf('event')[0] ?? '', text, data: asObject(parseJson(text)) ?? {} }]
  })
}

interface FrameWords {
  readonly text: (frame: Frame) => string
  readonly isWhole: (frame: Frame) => boolean
  readonly isBroken: (frame: Frame) => boolean
}

const reading =
  (words: FrameWords) =>
  (stream: string): ReadStream => {
    let text = ''
    let ending: ReadStream['ending'] = 'open'
    for (const frame of framesIn(stream)) {
      text += words.text(frame)
      // A break that follows an end, or an end that follows a break, is a break.
      if (words.isBroken(frame)) ending = 'broken'
      else if (ending === 'open' && words.isWhole(frame)) ending = 'whole'
    }
    return { text, ending }
  }

const chatStream = reading({
  text: ({ data }) =>
    asObject(asArray(data['choices'])[0])?.['index'] === 1
      ? ''
      : textAt(data, 'choices', 0, 'delta', 'content'),
  isWhole: ({ text }) => text === '[DONE]',
  isBroken: ({ data }) => data['error'] !== undefined,
})
const responsesStream = reading({
  text: ({ data }) => (data['type'] === 'response.output_text.delta' ? textAt(data, 'delta') : ''),
  isWhole: ({ data }) => data['type'] === 'response.completed' || data['type'] === 'response.incomplete',
  isBroken: ({ data }) => data['type'] === 'error' || data['type'] === 'response.failed',
})
const anthropicStream = reading({
  text: ({ data }) => textAt(data, 'delta', 'text'),
  isWhole: ({ data }) => data['type'] === 'message_stop',
  isBroken: ({ data }) => data['type'] === 'error',
})
const cohereStream = reading({
  text: ({ data }) =>
    data['type'] === 'content-delta' ? textAt(data, 'delta', 'message', 'content', 'text') : '',
  isWhole: ({ data }) =>
    data['type'] === 'message-end' && textAt(data, 'delta', 'finish_reason') === 'COMPLETE',
  isBroken: ({ data }) =>
    data['type'] === 'message-end' && textAt(data, 'delta', 'finish_reason') !== 'COMPLETE',
})
const geminiWords: FrameWords = {
  text({ data }) {
    const candidate = asObject(asArray(data['candidates'])[0])
    if (!candidate || candidate['index'] === 1) return ''
    return asArray(asObject(candidate['content'])?.['parts'])
      .map((part) => textAt(part, 'text'))
      .join('')
  },
  isWhole: ({ data }) => textAt(data, 'candidates', 0, 'finishReason') !== '',
  isBroken: ({ data }) => data['error'] !== undefined,
}
const geminiStream = reading(geminiWords)
const geminiArray = (stream: string): ReadStream => {
  const elements = parseJson(stream)
  // An array that is not closed says nothing of its end.
  if (!Array.isArray(elements)) return { text: '', ending: 'open' }
  return geminiStream(elements.map((element) => `data: ${JSON.stringify(element)}\n\n`).join(''))
}
const generateStream = reading({
  text: ({ event, data }) => (event === 'delta' ? textAt(data, 'text') : ''),
  isWhole: ({ event }) => event === 'done',
  isBroken: ({ event }) => event === 'error',
})
/** Bare text has no word for its end: the end of the connection is the end. */
const bareText = (stream: string): ReadStream => ({ text: stream, ending: 'open' })

const noWhole = () => ''
const noStream = (): ReadStream => ({ text: '', ending: 'open' })

interface DoorPair {
  readonly name: string
  readonly dialect: Dialect | undefined
  readonly path: string | ((model: string) => string)
  readonly streamPath?: string | ((model: string) => string)
  readonly body: (model: string, prompt: string) => JsonObject
  readonly streamBody?: JsonObject
  readonly wholeText: (body: JsonObject) => string
  readonly readStream: (text: string) => ReadStream
}

const pairs: readonly DoorPair[] = [
  {
    name: 'openai-chat',
    dialect: 'openai-chat',
    path: '/v1/chat/completions',
    body: (model, prompt) => ({ model, messages: turns(prompt), max_completion_tokens: maxTokens }),
    wholeText: (body) => textAt(body, 'choices', 0, 'message', 'content'),
    readStream: chatStream,
  },
  {
    name: 'openai-responses',
    dialect: 'openai-responses',
    path: '/v1/responses',
    body: (model, prompt) => ({ model, input: prompt, max_output_tokens: maxTokens, store: false }),
    wholeText: (body) =>
      asArray(body['output'])
        .map((item) => textAt(item, 'content', 0, 'text'))
        .join(''),
    readStream: responsesStream,
  },
  {
    name: 'anthropic-messages',
    dialect: 'anthropic-messages',
    path: '/v1/messages',
    body: (model, prompt) => ({ model, messages: turns(prompt), max_tokens: maxTokens }),
    wholeText: (body) => textAt(body, 'content', 0, 'text'),
    readStream: anthropicStream,
  },
  {
    name: 'gemini-generate',
    dialect: 'gemini-generate',
    path: (model) => `/v1beta/models/${model}:generateContent`,
    streamPath: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: (_, prompt) => ({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      generationConfig: { maxOutputTokens: maxTokens },
    }),
    streamBody: {},
    wholeText: (body) => textAt(body, 'candidates', 0, 'content', 'parts', 0, 'text'),
    readStream: geminiStream,
  },
  {
    name: 'cohere-chat',
    dialect: 'cohere-chat',
    path: '/v2/chat',
    body: (model, prompt) => ({ model, messages: turns(prompt), max_tokens: maxTokens }),
    wholeText: (body) => textAt(body, 'message', 'content', 0, 'text'),
    readStream: cohereStream,
  },
  {
    name: 'generate',
    dialect: undefined,
    path: '/v1/generate',
    streamPath: '/v1/generate/stream',
    body: (model, prompt) => ({ model, prompt, max_tokens: maxTokens }),
    streamBody: {},
    wholeText: (body) => textAt(body, 'response'),
    readStream: generateStream,
  },
]

const at = (path: string | ((model: string) => string)) => (typeof path === 'function' ? path : () => path)

function doorsOf(pair: DoorPair): readonly FaultDoor[] {
  const { name, dialect, wholeText, readStream, body } = pair
  return [
    { name, dialect, kind: 'whole', path: at(pair.path), body, wholeText, readStream: noStream },
    {
      name: `${name} (stream)`,
      dialect,
      kind: 'stream',
      path: at(pair.streamPath ?? pair.path),
      body: (model, prompt) => ({ ...body(model, prompt), ...(pair.streamBody ?? { stream: true }) }),
      wholeText: noWhole,
      readStream,
    },
  ]
}

const more: readonly FaultDoor[] = [
  {
    name: 'gemini-generate (array)',
    dialect: 'gemini-generate',
    kind: 'stream',
    path: (model) => `/v1beta/models/${model}:streamGenerateContent`,
    body: (_, prompt) => ({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      generationConfig: { maxOutputTokens: maxTokens },
    }),
    wholeText: noWhole,
    readStream: geminiArray,
  },
  {
    name: 'generate (bare text)',
    dialect: undefined,
    kind: 'stream',
    path: () => '/v1/generate/stream',
    body: (model, prompt) => ({ model, prompt, max_tokens: maxTokens }),
    wholeText: noWhole,
    readStream: bareText,
  },
]

export const faultDoors: readonly FaultDoor[] = [...pairs.flatMap(doorsOf), ...more]
export const bareTextDoor = 'generate (bare text)'
