/** What stands beside a candidate's parts: why it ended, what it rests on, how likely its tokens were. */
import type { Finish, FinishReason, Logprobs } from '#core/domain/answer.ts'
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { CandidateWriter } from '#http/gemini/candidate-writer.ts'
import { writeGrounding } from '#http/gemini/grounding-metadata.ts'

/** Source: Gemini API reference, `FinishReason`. Calls end in STOP too. */
const finishWords: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
  pause: 'CONTINUATION',
  error: 'MALFORMED_RESPONSE',
  other: 'OTHER',
}

/** Gemini's own words are handed on as they came. */
const wordsOfGemini: ReadonlySet<string> = new Set([
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'MODEL_ARMOR',
  'IMAGE_SAFETY',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'IMAGE_PROHIBITED_CONTENT',
  'NO_IMAGE',
  'IMAGE_RECITATION',
  'IMAGE_OTHER',
  'CONTINUATION',
  'MALFORMED_RESPONSE',
  'MISSING_THOUGHT_SIGNATURE',
])

/** A refusal is no answer: its words stand where the API explains why it stopped. */
export function writeEnding(candidate: CandidateWriter): JsonObject {
  const { finish, refusal } = candidate
  const unified =
    refusal !== '' && finish?.unified !== 'length' ? 'content_filter' : (finish?.unified ?? 'other')
  const raw = finish?.raw ?? ''
  const isOwnWord = wordsOfGemini.has(raw) && refusal === ''
  const message = refusal || messageOf(finish)
  const grounding = writeGrounding(candidate.citations, candidate.text)
  const logprobs = candidate.logprobs && writeLogprobs(candidate.logprobs)
  return {
    finishReason: isOwnWord ? raw : finishWords[unified],
    ...(message === '' ? {} : { finishMessage: message }),
    ...(grounding ? { groundingMetadata: grounding } : {}),
    ...logprobs,
  }
}

/** Where the provider's word says more than ours, it is named. */
function messageOf(finish: Finish | undefined): string {
  if (!finish) return ''
  const message = asString(asObject(finish.detail)?.['message'])
  if (message !== undefined) return message
  const isPlain = finish.unified === 'stop' || finish.unified === 'tool_calls' || finish.unified === 'length'
  if (isPlain || finish.raw === null || wordsOfGemini.has(finish.raw)) return ''
  const detail = finish.detail === undefined ? '' : ` ${JSON.stringify(finish.detail)}`
  return `The provider said: ${finish.raw}.${detail}`
}

/** A prompt that was refused before any answer has no candidate; undefined for every other ending. */
export function blockOf(finish: Finish | undefined): JsonObject | undefined {
  const detail = asObject(finish?.detail)
  return detail && asString(detail['blockReason']) !== undefined ? detail : undefined
}

interface Chosen {
  readonly entry: JsonObject
  readonly probability: number
  readonly alternatives: readonly JsonValue[]
}

/** Source: Gemini API reference, `LogprobsResult`. Nothing for a form that is not known. */
function writeLogprobs({ origin, value }: Logprobs): JsonObject {
  if (origin === 'gemini-generate') return { logprobsResult: value }
  const chosen = chosenIn(origin, value)
  if (chosen.length === 0) return {}
  const sum = chosen.reduce((total, { probability }) => total + probability, 0)
  return {
    avgLogprobs: sum / chosen.length,
    logprobsResult: {
      topCandidates: chosen.map(({ alternatives }) => ({ candidates: alternatives })),
      chosenCandidates: chosen.map(({ entry }) => entry),
      logProbabilitySum: sum,
    },
  }
}

function chosenIn(origin: Logprobs['origin'], value: JsonValue): readonly Chosen[] {
  if (origin === 'cohere-chat') return asArray(value).flatMap(tokensOfCohere)
  const tokens = asObject(value)?.['content'] ?? value
  return asArray(tokens).flatMap((token) => tokenOfOpenai(token) ?? [])
}

function tokenOfOpenai(value: JsonValue): Chosen | undefined {
  const token = asObject(value)
  const probability = asNumber(token?.['logprob'])
  if (!token || probability === undefined) return undefined
  const entry = { token: asString(token['token']) ?? '', logProbability: probability }
  const alternatives = asArray(token['top_logprobs']).flatMap((other): readonly JsonValue[] => {
    const one = asObject(other)
    return one ? [{ token: asString(one['token']) ?? '', logProbability: asNumber(one['logprob']) ?? 0 }] : []
  })
  return { entry, probability, alternatives }
}

/** Cohere gives one text for a group of tokens, so the group's first token carries it. */
function tokensOfCohere(value: JsonValue): readonly Chosen[] {
  const group = asObject(value)
  const ids = asArray(group?.['token_ids'])
  return asArray(group?.['logprobs']).map((entry, at) => {
    const probability = asNumber(entry) ?? 0
    const token = at === 0 ? (asString(group?.['text']) ?? '') : ''
    const tokenId = asNumber(ids[at])
    const written = { token, ...(tokenId === undefined ? {} : { tokenId }), logProbability: probability }
    return { entry: written, probability, alternatives: [] }
  })
}
