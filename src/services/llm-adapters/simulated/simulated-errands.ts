/** What the simulated provider makes of errands: vectors, rankings and verdicts that nobody thought about. */
import { asArray, asCount, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { vectorToBase64 } from '#core/domain/vector-text.ts'
import type { ReplyMarks, SimulatedScript } from '#services/llm-adapters/simulated/simulated-script.ts'
import { unitVector, wordsOf } from '#services/llm-adapters/simulated/simulated-vector.ts'

type Answer = (request: JsonObject, marks: ReplyMarks) => JsonObject

const answers: ReadonlyMap<string, Answer> = new Map([
  ['/embeddings', embed],
  ['/rerank', rank],
  ['/moderations', moderate],
])

/** The reply to an errand; undefined for any other path, or a body that is no request. */
export function errandScript(path: string, body: string, marks: ReplyMarks): SimulatedScript | undefined {
  const answer = answers.get(path)
  const request = answer && asObject(parseJson(body))
  if (!answer || !request) return undefined
  return {
    status: 200,
    contentType: 'application/json',
    steps: [{ text: JSON.stringify(answer(request, marks)), afterTokens: 0 }],
  }
}

const usualDimensions = 1_536
const dimensionsMax = 8_192
const charactersPerToken = 4

function embed(request: JsonObject): JsonObject {
  const dimensions = Math.min(asCount(request['dimensions']) || usualDimensions, dimensionsMax)
  const isBase64 = request['encoding_format'] === 'base64'
  const inputs = inputsOf(request['input'])
  const data = inputs.map((input, index) => {
    const vector = unitVector(typeof input === 'string' ? wordsOf(input) : input.map(String), dimensions)
    return { object: 'embedding', index, embedding: isBase64 ? vectorToBase64(vector) : vector }
  })
  const tokens = inputs.reduce((sum, input) => sum + tokensOf(input), 0)
  return {
    object: 'list',
    data,
    model: asString(request['model']) ?? '',
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

type Input = string | readonly JsonValue[]

/** One text, several, the tokens of one, or of several. */
function inputsOf(input: JsonValue | undefined): readonly Input[] {
  if (typeof input === 'string') return [input]
  const entries = asArray(input)
  if (typeof entries[0] === 'number') return [entries]
  return entries.map((entry) => (typeof entry === 'string' ? entry : asArray(entry)))
}

const tokensOf = (input: Input) =>
  typeof input === 'string' ? Math.ceil(input.length / charactersPerToken) : input.length

/** A document's score is the share of the query's words that stand in it. */
function rank(request: JsonObject, { id }: ReplyMarks): JsonObject {
  const query = wordsOf(asString(request['query']) ?? '')
  const scored = asArray(request['documents']).map((document, index) => {
    const words = new Set(wordsOf(asString(document) ?? ''))
    const found = query.filter((word) => words.has(word)).length
    return { index, relevance_score: found / query.length }
  })
  scored.sort((a, b) => b.relevance_score - a.relevance_score)
  const topCount = asCount(request['top_n']) ?? scored.length
  return {
    id,
    results: scored.slice(0, topCount),
    meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
  }
}

const categories = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const

/** Nothing is ever flagged: a made-up verdict must not look like one. */
function moderate(request: JsonObject, { id }: ReplyMarks): JsonObject {
  const { input } = request
  const isSeveral = Array.isArray(input) && typeof input[0] === 'string'
  const verdict = {
    flagged: false,
    categories: Object.fromEntries(categories.map((name) => [name, false])),
    category_scores: Object.fromEntries(categories.map((name) => [name, 0])),
  }
  const count = isSeveral ? asArray(input).length : 1
  return {
    id: `modr-${id}`,
    model: asString(request['model']) ?? '',
    results: Array.from({ length: count }, () => verdict),
  }
}
