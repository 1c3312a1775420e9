/** embedContent and batchEmbedContents of the Gemini API, for every embedding model. */
import type { EmbedAnswer, EmbedErrand, EmbedPurpose, ErrandInput } from '#core/domain/errand.ts'
import type { Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import type { ReadErrand } from '#http/errand.ts'
import { readFileData, readInlineData } from '#http/gemini/part-media.ts'
import {
  listMember,
  numberMember,
  objectMember,
  pathOf,
  textMember,
  wordMember,
  wrongValue,
} from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'
import type { JsonBody } from '#http/json-body.ts'
import { unknownMembers } from '#http/unknown-members.ts'
import { readWishes } from '#http/wishes.ts'

/** For the model that the address names. */
export function readEmbedContent(model: string, isBatch: boolean): ReadErrand<'embed'> {
  return (body, { headers }) => ({
    asked: {
      door: 'gemini-embed',
      dialect: 'gemini-generate',
      errand: readErrand(body, model, isBatch),
      modelAsked: model,
      userId: undefined,
      ...readWishes(headers),
    },
    write: (answer, receipt) => writeEmbeddings(answer, receipt, isBatch),
  })
}

/** Gemini itself takes 100; more are sent in several calls. */
const requestsMax = 2_048

/** Throws `missing_field`, `invalid_value`, `duplicate_field`, `invalid_media`, `unsupported_media_type`. */
function readErrand(body: JsonBody, model: string, isBatch: boolean): EmbedErrand {
  const wire: Wire = { value: body.value, path: '' }
  const requests = isBatch ? requestsIn(wire) : [wire]
  const wishes = requests.map((request) => readWish(request, model))
  const [first] = wishes
  return {
    kind: 'embed',
    inputs: requests.map(readContent),
    forms: ['float'],
    ...first,
    ownWish: differenceIn(wishes),
    unsaid: [...new Set(requests.flatMap(({ value }) => unknownMembers(value, knownNames)))],
    native: { dialect: 'gemini-generate', body: body.value, text: body.text, members: body.members },
  }
}

const knownNames: ReadonlySet<string> = new Set([
  'model',
  'content',
  'taskType',
  'task_type',
  'title',
  'outputDimensionality',
  'output_dimensionality',
])

function requestsIn(wire: Wire): readonly Wire[] {
  const requests = listMember(wire, 'requests') ?? []
  if (requests.length === 0) {
    throw new Problem('missing_field', {
      param: 'requests',
      detail: 'requests must have at least one request.',
    })
  }
  if (requests.length <= requestsMax) return requests
  throw new Problem('invalid_value', {
    param: 'requests',
    detail: `requests has ${requests.length} entries; at most ${requestsMax} are taken in one request.`,
    mend: 'Send them in several requests.',
  })
}

interface Wish {
  readonly purpose: EmbedPurpose | undefined
  readonly title: string | undefined
  readonly dimensions: number | undefined
}

function readWish(request: Wire, model: string): Wish {
  const named = textMember(request, 'model')
  if (named !== undefined && bareName(named) !== bareName(model)) {
    throw new Problem('invalid_value', {
      param: pathOf(request, 'model'),
      detail: `${pathOf(request, 'model')} is not the model that the address names.`,
      mend: 'Name the same model in both places.',
    })
  }
  const taskType = wordMember(request, 'taskType', taskTypes)
  return {
    purpose: taskType && purposes[taskType],
    title: textMember(request, 'title') || undefined,
    dimensions: numberMember(request, 'outputDimensionality', { min: 1, isWhole: true }),
  }
}

const bareName = (name: string) => (name.startsWith('models/') ? name.slice('models/'.length) : name)

const taskTypes = [
  'TASK_TYPE_UNSPECIFIED',
  'RETRIEVAL_QUERY',
  'RETRIEVAL_DOCUMENT',
  'SEMANTIC_SIMILARITY',
  'CLASSIFICATION',
  'CLUSTERING',
  'QUESTION_ANSWERING',
  'FACT_VERIFICATION',
  'CODE_RETRIEVAL_QUERY',
] as const

const purposes: Readonly<Record<(typeof taskTypes)[number], EmbedPurpose | undefined>> = {
  TASK_TYPE_UNSPECIFIED: undefined,
  RETRIEVAL_QUERY: 'search_query',
  RETRIEVAL_DOCUMENT: 'search_document',
  SEMANTIC_SIMILARITY: 'similarity',
  CLASSIFICATION: 'classification',
  CLUSTERING: 'clustering',
  QUESTION_ANSWERING: 'question_answering',
  FACT_VERIFICATION: 'fact_verification',
  CODE_RETRIEVAL_QUERY: 'code_query',
}

/** The first wish of a later request that is not the first one's. */
function differenceIn(wishes: readonly Wish[]): string | undefined {
  const [first] = wishes
  for (const [position, wish] of wishes.entries()) {
    if (wish.purpose !== first?.purpose) return `requests[${position}].taskType`
    if (wish.title !== first?.title) return `requests[${position}].title`
    if (wish.dimensions !== first?.dimensions) return `requests[${position}].outputDimensionality`
  }
  return undefined
}

function readContent(request: Wire): ErrandInput {
  const content = objectMember(request, 'content')
  const parts = content && listMember(content, 'parts')
  if (!content || !parts || parts.length === 0) {
    throw new Problem('missing_field', {
      param: pathOf(request, 'content'),
      detail: `${pathOf(request, 'content')} must have at least one part.`,
    })
  }
  const read = parts.map(readPart)
  const [only] = read
  return only?.type === 'text' && read.length === 1
    ? { kind: 'text', text: only.text }
    : { kind: 'mixed', parts: read }
}

function readPart(wire: Wire): Part {
  const text = textMember(wire, 'text')
  if (text !== undefined) return { type: 'text', text }
  const inline = objectMember(wire, 'inlineData')
  if (inline) return readInlineData(inline)
  const file = objectMember(wire, 'fileData')
  if (file) return readFileData(file)
  throw wrongValue(wire.path, 'a part with text, inlineData or fileData')
}

function writeEmbeddings(answer: EmbedAnswer, receipt: Receipt, isBatch: boolean): Uint8Array {
  if (answer.native?.dialect === 'gemini-generate') return answer.native.bytes
  const embeddings = answer.vectors.map((values) => ({ values }))
  const usageMetadata = usageOf(receipt)
  const written: JsonObject = isBatch
    ? { embeddings, usageMetadata }
    : { embedding: embeddings[0] ?? { values: [] }, usageMetadata }
  return Buffer.from(JSON.stringify(written))
}

/** The details stand under another name here than in answers to questions. */
function usageOf({ usage }: Receipt): JsonObject {
  const total = usage.inputTokens ?? 0
  const image = usage.inputImageTokens ?? 0
  const audio = usage.inputAudioTokens ?? 0
  const counts = [
    ['TEXT', Math.max(0, total - image - audio)],
    ['IMAGE', image],
    ['AUDIO', audio],
  ] as const
  return {
    promptTokenCount: total,
    promptTokenDetails: counts.flatMap(([modality, tokenCount]) =>
      tokenCount > 0 ? [{ modality, tokenCount }] : [],
    ),
  }
}
