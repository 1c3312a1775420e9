/** Vectors as the providers send them, each in its own form, made from the texts that they were sent. */
import { createHash } from 'node:crypto'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { TargetName } from '#tests/clients/targets.ts'
import type { Recording } from '#tests/support/recording.ts'
import type { ReceivedRequest } from '#tests/support/replaying-provider.ts'

export const vectorLength = 8

/** The vector of a text: numbers that 32 bits hold exactly, so that they are the same in every form. */
export function vectorOf(text: string): readonly number[] {
  const digest = createHash('sha256').update(text).digest()
  return [...digest.subarray(0, vectorLength)].map((byte) => (byte - 128) / 64)
}

interface EmbedForm {
  /** The texts in the request. */
  readonly textsIn: (body: JsonObject) => readonly string[]
  readonly reply: (texts: readonly string[], body: JsonObject) => JsonObject
}

const strings = (value: JsonValue | undefined): readonly string[] =>
  asArray(value).flatMap((item) => asString(item) ?? [])

const partTexts = (content: JsonValue | undefined): string =>
  asArray(asObject(content)?.['parts'])
    .map((part) => asString(asObject(part)?.['text']) ?? '')
    .join('')

const openai: EmbedForm = {
  textsIn: ({ input }) => (typeof input === 'string' ? [input] : strings(input)),
  reply: (texts, body) => ({
    object: 'list',
    data: texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: body['encoding_format'] === 'base64' ? inBase64(vectorOf(text)) : vectorOf(text),
    })),
    model: body['model'] ?? null,
    usage: { prompt_tokens: 9, total_tokens: 9 },
  }),
}

const inBase64 = (vector: readonly number[]): string =>
  Buffer.from(Float32Array.from(vector).buffer).toString('base64')

const forms: Readonly<Partial<Record<TargetName, EmbedForm>>> = {
  'openai-chat': openai,
  mistral: openai,
  'gemini-generate': {
    textsIn: ({ requests, content }) =>
      requests === undefined
        ? [partTexts(content)]
        : asArray(requests).map((one) => partTexts(asObject(one)?.['content'])),
    reply: (texts, { requests }) =>
      requests === undefined
        ? { embedding: { values: vectorOf(texts[0] ?? '') } }
        : { embeddings: texts.map((text) => ({ values: vectorOf(text) })) },
  },
  'cohere-chat': {
    textsIn: ({ texts, inputs }) =>
      texts === undefined
        ? asArray(inputs).map((one) => contentText(asObject(one)?.['content']))
        : strings(texts),
    reply: (texts) => ({
      id: 'id-of-this-test',
      embeddings: { float: texts.map(vectorOf) },
      texts,
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: 9 } },
      response_type: 'embeddings_by_type',
    }),
  },
}

const contentText = (content: JsonValue | undefined): string =>
  asArray(content)
    .map((part) => asString(asObject(part)?.['text']) ?? '')
    .join('')

const formOf = (target: TargetName): EmbedForm => {
  const form = forms[target]
  if (!form) throw new Error(`${target} makes no embeddings`)
  return form
}

export const textsSent = (target: TargetName, request: ReceivedRequest): readonly string[] =>
  formOf(target).textsIn(asObject(request.body) ?? {})

/** What the provider answers to this very request. */
export function embeddingReply(target: TargetName, request: ReceivedRequest): Recording {
  const body = asObject(request.body) ?? {}
  return {
    name: 'vectors',
    dialect: 'openai-chat',
    provider: target,
    model: 'any',
    source: { repository: 'this one', commit: '', path: '', licence: 'MIT' },
    features: [],
    reply: {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: formOf(target).reply(textsSent(target, request), body),
    },
    expect: { outcome: 'ok' },
  }
}
