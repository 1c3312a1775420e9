/** POST /v2/embed: the Cohere embeddings API, version 2, for every embedding model. */
import type { z } from 'zod'
import type { EmbedAnswer, EmbedErrand, ErrandInput } from '#core/domain/errand.ts'
import type { Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { vectorToBase64 } from '#core/domain/vector-text.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { embedRequest } from '#http/cohere/embed-schema.ts'
import type { ReadErrand } from '#http/errand.ts'
import { readImageUrl } from '#http/media.ts'
import { parseWith } from '#http/schema-problem.ts'
import { unknownMembers } from '#http/unknown-members.ts'
import { readWishes } from '#http/wishes.ts'

type Request = z.output<typeof embedRequest>

const knownNames: ReadonlySet<string> = new Set(Object.keys(embedRequest.shape))

export const readCohereEmbed: ReadErrand<'embed'> = (body, { headers, requestId }) => {
  const request = parseWith(embedRequest, body.value)
  const errand: EmbedErrand = {
    kind: 'embed',
    inputs: readInputs(request),
    forms: request.embedding_types ?? ['float'],
    purpose: request.input_type,
    dimensions: request.output_dimension ?? undefined,
    truncate: cuts[request.truncate ?? usualCut],
    ownWish: request.max_tokens ? 'max_tokens' : undefined,
    unsaid: unknownMembers(body.value, knownNames),
    native: { dialect: 'cohere-chat', body: body.value, text: body.text, members: body.members },
  }
  const head = { id: requestId, forms: errand.forms, texts: request.texts ?? undefined }
  return {
    asked: {
      door: 'cohere-embed',
      dialect: 'cohere-chat',
      errand,
      modelAsked: request.model,
      userId: undefined,
      ...readWishes(headers),
    },
    write: (answer, receipt) => writeEmbed(answer, receipt, head),
  }
}

/** Source: Cohere API v2 reference, "Embed": what is too long is cut at its end unless the caller says otherwise. */
const usualCut = 'END'
const cuts = { NONE: 'none', START: 'start', END: 'end' } as const

/** Cohere itself takes 96; more are sent in several calls. */
const inputsMax = 2_048

/** Throws `missing_field`, `invalid_value`, `invalid_media`, `unsupported_media_type`. */
function readInputs({ texts, images, inputs }: Request): readonly ErrandInput[] {
  const stated = [
    ['texts', texts],
    ['images', images],
    ['inputs', inputs],
  ] as const
  const given = stated.filter(([, list]) => list !== undefined && list !== null)
  const [first, second] = given
  if (!first) {
    throw new Problem('missing_field', {
      param: 'texts',
      detail: 'One of texts, images and inputs is required.',
    })
  }
  const [name, list] = first
  if (second) throw wrong(second[0], `stands beside ${name}; a request has one of them`)
  if (!list || list.length === 0) throw wrong(name, 'is empty')
  if (list.length > inputsMax) {
    throw wrong(name, `has ${list.length} entries; at most ${inputsMax} are taken in one request`)
  }
  if (texts) return texts.map((text) => ({ kind: 'text', text }))
  if (images) return images.map((url, at) => ({ kind: 'mixed', parts: [imagePart(url, `images[${at}]`)] }))
  return (inputs ?? []).map(({ content }, at) => readContent(content, `inputs[${at}].content`))
}

type Content = NonNullable<Request['inputs']>[number]['content']

function readContent(content: Content, path: string): ErrandInput {
  const [only] = content
  if (only?.type === 'text' && content.length === 1) return { kind: 'text', text: only.text }
  const parts = content.map((part, at) =>
    part.type === 'text' ? part : imagePart(part.image_url.url, `${path}[${at}].image_url.url`),
  )
  return { kind: 'mixed', parts }
}

const imagePart = (url: string, param: string): Part => readImageUrl(url, param)

const wrong = (param: string, what: string) =>
  new Problem('invalid_value', { param, detail: `${param} ${what}.` })

interface EmbedHead {
  readonly id: string
  readonly forms: EmbedErrand['forms']
  readonly texts: readonly string[] | undefined
}

function writeEmbed(answer: EmbedAnswer, { usage }: Receipt, { id, forms, texts }: EmbedHead): Uint8Array {
  if (answer.native?.dialect === 'cohere-chat') return answer.native.bytes
  const { vectors, quantised } = answer
  const imageTokens = usage.inputImageTokens ?? 0
  const written: JsonObject = {
    id: answer.id || id,
    ...(texts ? { texts } : {}),
    embeddings: {
      ...quantised,
      ...(forms.includes('float') ? { float: vectors } : {}),
      ...(forms.includes('base64') ? { base64: vectors.map(vectorToBase64) } : {}),
    },
    meta: {
      api_version: { version: '2' },
      billed_units: {
        input_tokens: (usage.inputTokens ?? 0) - imageTokens,
        ...(imageTokens > 0 ? { image_tokens: imageTokens } : {}),
      },
    },
    response_type: 'embeddings_by_type',
  }
  return Buffer.from(JSON.stringify(written))
}
