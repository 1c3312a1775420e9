/** Recordings of errands: what a provider answered to embeddings, rankings and counts, and what it must be read as. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dialect } from '#core/domain/chat.ts'
import type { ErrandKind } from '#core/domain/errand.ts'
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { vectorFromBase64, vectorToBase64 } from '#core/domain/vector-text.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { goldenDirectory } from '#tests/support/golden-recordings.ts'
import type { RecordedReply, RecordedRequest, RecordingSource } from '#tests/support/recording.ts'

export interface ErrandRecording {
  readonly name: string
  readonly kind: ErrandKind
  readonly dialect: Dialect
  readonly provider: string
  readonly model: string
  readonly source: RecordingSource
  readonly request?: RecordedRequest | undefined
  /** Vectors are cut to their first numbers; `cut` says how long each was. */
  readonly reply: RecordedReply
  readonly cut: readonly CutVector[]
  readonly expect: ErrandExpectation
}

export interface CutVector {
  /** Where it stands in the reply's body: `data[0].embedding`. */
  readonly path: string
  readonly length: number
}

export type ErrandExpectation =
  | { readonly outcome: 'error'; readonly code: ProblemCode }
  | {
      readonly outcome: 'vectors'
      readonly count: number
      readonly dimensions: number
      readonly inputTokens: number | null
    }
  | {
      readonly outcome: 'ranking'
      readonly results: ReadonlyArray<{ readonly index: number; readonly score: number }>
      readonly searchUnits: number
    }
  | { readonly outcome: 'count'; readonly inputTokens: number }

export const goldenErrandsDirectory = join(goldenDirectory, 'errands')

export function readGoldenErrands(): readonly ErrandRecording[] {
  return readdirSync(goldenErrandsDirectory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(goldenErrandsDirectory, name), 'utf8')) as ErrandRecording)
}

/** The reply's body with every vector as long as it was: its first numbers, over and over. */
export function wholeBody({ reply, cut }: ErrandRecording): JsonValue {
  const body = structuredClone(reply.body ?? null)
  for (const { path, length } of cut) stretch(body, path, length)
  return body
}

function stretch(body: JsonValue, path: string, length: number): void {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '')
  const last = steps.pop() ?? ''
  let at: unknown = body
  for (const step of steps) at = (at as Record<string, unknown>)[step]
  const holder = at as Record<string, unknown>
  const known = holder[last]
  holder[last] =
    typeof known === 'string'
      ? vectorToBase64(repeated(vectorFromBase64(known) ?? [], length))
      : repeated(known as readonly number[], length)
}

const repeated = (known: readonly number[], length: number): readonly number[] =>
  Array.from({ length }, (_, at) => known[at % known.length] ?? 0)

interface ErrandApi {
  readonly kind: ErrandKind
  readonly dialect: Dialect
}

const apis: Readonly<Record<string, ErrandApi>> = {
  'openai-embeddings': { kind: 'embed', dialect: 'openai-chat' },
  'google-embed': { kind: 'embed', dialect: 'gemini-generate' },
  'cohere-embed': { kind: 'embed', dialect: 'cohere-chat' },
  'cohere-rerank': { kind: 'rerank', dialect: 'cohere-chat' },
  'anthropic-count-tokens': { kind: 'count-tokens', dialect: 'anthropic-messages' },
  'google-count-tokens': { kind: 'count-tokens', dialect: 'gemini-generate' },
  'openai-input-tokens': { kind: 'count-tokens', dialect: 'openai-responses' },
}

/** Every errand of a directory of recordings with its `index.json`. */
export function readErrandsDirectory(directory: string): readonly ErrandRecording[] {
  const index = readObject(join(directory, 'index.json'))
  return asArray(index['fixtures']).flatMap((value) => {
    const entry = asObject(value) ?? {}
    const api = apis[asString(entry['api']) ?? '']
    return api ? [recordingOf(directory, entry, api)] : []
  })
}

const readObject = (path: string): JsonObject => JSON.parse(readFileSync(path, 'utf8')) as JsonObject

function recordingOf(directory: string, entry: JsonObject, api: ErrandApi): ErrandRecording {
  const file = readObject(join(directory, text(entry['file'])))
  const source = asObject(entry['source'])
  const request = asObject(file['request'])
  const response = asObject(file['response']) ?? {}
  return {
    name: text(entry['id']),
    ...api,
    provider: text(entry['provider']),
    model: text(entry['model']),
    source: {
      repository: text(source?.['repo']),
      commit: text(source?.['commit']),
      path: text(source?.['path']),
      licence: text(source?.['licence']),
    },
    ...(request ? { request: request as unknown as RecordedRequest } : {}),
    reply: {
      status: asNumber(response['status']) ?? 200,
      headers: (asObject(response['headers']) ?? {}) as Readonly<Record<string, string>>,
      body: response['body'] ?? null,
    },
    cut: asArray(file['elided']).flatMap((value) => {
      const cut = asObject(value)
      if (cut?.['kind'] !== 'vector') return []
      return [{ path: text(cut['path']).replace('response.body.', ''), length: asNumber(cut['length']) ?? 0 }]
    }),
    expect: expectationOf(asObject(entry['expect']) ?? {}, api.kind),
  }
}

const codes: Readonly<Record<string, ProblemCode>> = {
  model_not_found: 'provider_model_missing',
  upstream_auth: 'provider_auth',
}

function expectationOf(expected: JsonObject, kind: ErrandKind): ErrandExpectation {
  if (expected['outcome'] === 'error') {
    const code = codes[text(asObject(expected['error'])?.['unified_code'])]
    if (!code) throw new Error('an error without a code of ours')
    return { outcome: 'error', code }
  }
  const usage = asObject(expected['usage'])
  if (kind === 'count-tokens')
    return { outcome: 'count', inputTokens: asNumber(expected['input_tokens']) ?? 0 }
  if (kind === 'rerank') {
    return {
      outcome: 'ranking',
      results: asArray(expected['results']).map((value) => ({
        index: asNumber(asObject(value)?.['index']) ?? -1,
        score: asNumber(asObject(value)?.['relevance_score']) ?? -1,
      })),
      searchUnits: asNumber(usage?.['search_units']) ?? 0,
    }
  }
  return {
    outcome: 'vectors',
    count: asNumber(expected['vectors']) ?? 0,
    dimensions: asNumber(expected['dimensions']) ?? 0,
    inputTokens: asNumber(usage?.['input_tokens']) ?? null,
  }
}

const text = (value: JsonValue | undefined): string => asString(value) ?? ''
