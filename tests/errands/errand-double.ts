/** Providers of embeddings, rankings, verdicts and counts over a real socket: each text has its own vector, in every API. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { asArray, asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { vectorToBase64 } from '#core/domain/vector-text.ts'

export interface ReceivedErrand {
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  readonly body: JsonObject
}

export interface ErrandDouble {
  readonly origin: string
  /** In the order of their arrival. */
  readonly received: ReceivedErrand[]
  /** What the next requests are answered with, in place of an answer; undefined answers. */
  refusals: Array<{ readonly status: number; readonly body: JsonValue } | undefined>
  /** Vectors come as numbers even where base64 was asked for, as older servers send them. */
  ignoresBase64: boolean
  /** No usage is told. */
  hidesUsage: boolean
  close(): Promise<void>
}

export const usualDimensions = 8
/** What every request for a count is told. */
export const countedTokens = 4_242

/** The vector of an input: numbers that 32 bits hold exactly. */
export function vectorOf(input: JsonValue, dimensions = usualDimensions): readonly number[] {
  const text = typeof input === 'string' ? input : JSON.stringify(input)
  let seed = 7
  for (const character of text) seed = (seed * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return Array.from({ length: dimensions }, (_, at) => (((seed + at * 97) % 2_048) - 1_024) / 1_024)
}

export async function startErrandDouble(): Promise<ErrandDouble> {
  const double: Omit<ErrandDouble, 'origin' | 'close'> = {
    received: [],
    refusals: [],
    ignoresBase64: false,
    hidesUsage: false,
  }
  const server = createServer((incoming, response) => void serve(double, incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(double, {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

type Double = Omit<ErrandDouble, 'origin' | 'close'>

async function serve(double: Double, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece as Buffer)
  const text = Buffer.concat(pieces).toString()
  const body = asObject(parseJson(text)) ?? {}
  const path = incoming.url ?? '/'
  double.received.push({ path, headers: incoming.headers, text, body })
  const refusal = double.refusals.shift()
  const answer = refusal?.body ?? answerOf(double, path, body)
  response.writeHead(refusal?.status ?? (answer === undefined ? 404 : 200), {
    'content-type': 'application/json',
  })
  response.end(JSON.stringify(answer ?? { error: { message: `nothing at ${path}`, code: 404 } }))
}

function answerOf(double: Double, path: string, body: JsonObject): JsonValue | undefined {
  const [plain = ''] = path.split('?')
  if (plain.endsWith('/v2/embed')) return cohereEmbed(double, body)
  if (plain.endsWith('/rerank')) return rank(body, plain.endsWith('/v2/rerank'))
  if (plain.endsWith('/embeddings')) return openaiEmbeddings(double, body)
  if (plain.endsWith(':batchEmbedContents')) return geminiBatch(double, body)
  if (plain.endsWith(':embedContent'))
    return { embedding: { values: geminiVector(body) }, ...geminiUsage(double, 1) }
  if (plain.endsWith(':countTokens')) return { totalTokens: countedTokens }
  if (plain.endsWith('/count_tokens')) return { input_tokens: countedTokens }
  if (plain.endsWith('/input_tokens')) return { object: 'response.input_tokens', input_tokens: countedTokens }
  return plain.endsWith('/moderations') ? moderate(body) : undefined
}

function openaiEmbeddings(double: Double, body: JsonObject): JsonValue | undefined {
  const input = body['input']
  const inputs = typeof input === 'string' ? [input] : asArray(input)
  if (inputs.length > 2_048) return undefined
  const entries = typeof inputs[0] === 'number' ? [inputs] : inputs
  const dimensions = asNumber(body['dimensions']) ?? asNumber(body['output_dimension'])
  const isBase64 = body['encoding_format'] === 'base64' && !double.ignoresBase64
  return {
    object: 'list',
    data: entries.map((entry, index) => {
      const vector = vectorOf(entry, dimensions)
      return { object: 'embedding', index, embedding: isBase64 ? vectorToBase64(vector) : vector }
    }),
    model: asString(body['model']) ?? '',
    ...(double.hidesUsage
      ? {}
      : { usage: { prompt_tokens: 10 * entries.length, total_tokens: 10 * entries.length } }),
  }
}

function geminiBatch(double: Double, body: JsonObject): JsonValue | undefined {
  const requests = asArray(body['requests']).map((request) => asObject(request) ?? {})
  if (requests.length > 100) return undefined
  return {
    embeddings: requests.map((request) => ({ values: geminiVector(request) })),
    ...geminiUsage(double, requests.length),
  }
}

const geminiUsage = ({ hidesUsage }: Double, count: number) =>
  hidesUsage ? {} : { usageMetadata: { promptTokenCount: 10 * count } }

function geminiVector(request: JsonObject): readonly number[] {
  const parts = asArray(asObject(request['content'])?.['parts'])
  const texts = parts.map((part) => asObject(part)?.['text'] ?? part)
  const [only = ''] = texts
  return vectorOf(texts.length === 1 ? only : texts, asNumber(request['outputDimensionality']))
}

function cohereEmbed(double: Double, body: JsonObject): JsonValue | undefined {
  const inputs = [...asArray(body['texts']), ...asArray(body['images']), ...asArray(body['inputs'])]
  if (inputs.length > 96) return undefined
  const vectors = inputs.map((input) => vectorOf(input, asNumber(body['output_dimension'])))
  const forms: Record<string, JsonValue> = {}
  for (const form of asArray(body['embedding_types'] ?? ['float'])) {
    if (form === 'base64') forms[form] = vectors.map(vectorToBase64)
    else if (form === 'float') forms[form] = vectors
    else forms[asString(form) ?? ''] = vectors.map((vector) => vector.map((value) => Math.round(value * 100)))
  }
  return {
    id: 'embed-of-the-double',
    texts: body['texts'],
    embeddings: forms,
    meta: {
      api_version: { version: '2' },
      billed_units: double.hidesUsage ? {} : { input_tokens: 10 * inputs.length },
    },
    response_type: 'embeddings_by_type',
  }
}

/** The longest document is the best. */
function rank(body: JsonObject, isCohere: boolean): JsonValue {
  const documents = asArray(body['documents']).map((document, index) => ({
    index,
    relevance_score: (asString(document) ?? '').length / 100,
  }))
  documents.sort((one, other) => other.relevance_score - one.relevance_score)
  const results = documents.slice(0, asNumber(body['top_n']) ?? documents.length)
  return isCohere
    ? { id: 'rank-1', results, meta: { api_version: { version: '2' }, billed_units: { search_units: 2 } } }
    : {
        id: 'rank-1',
        results: results.map((result) => ({ ...result, document: { text: 'x' } })),
        usage: { total_tokens: 77 },
      }
}

/** Texts with the word `bad` are flagged; a model of Mistral leaves the flag out. */
function moderate(body: JsonObject): JsonValue {
  const input = body['input']
  const isSeveral = Array.isArray(input) && typeof input[0] === 'string'
  const inputs = isSeveral ? asArray(input) : [input ?? '']
  const isMistral = (asString(body['model']) ?? '').startsWith('mistral')
  return {
    id: 'modr-1',
    model: asString(body['model']) ?? '',
    results: inputs.map((one) => {
      const isBad = JSON.stringify(one).includes('bad')
      return {
        ...(isMistral ? {} : { flagged: isBad }),
        categories: { violence: isBad, health: false },
        category_scores: { violence: isBad ? 0.9 : 0.1, health: 0 },
      }
    }),
  }
}
