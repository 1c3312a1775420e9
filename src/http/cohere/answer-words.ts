/** The small words of an answer in Cohere's: finish reasons, usage, citations, log-probabilities, media. */
import type { Finish, Logprobs } from '#core/domain/answer.ts'
import type { Citation, MediaPart } from '#core/domain/chat.ts'
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Usage } from '#core/domain/usage.ts'

/** `COMPLETE` beside tool calls would end an agent's loop; an answer cut by a filter is not a complete one. */
export function finishWord(finish: Finish, hasCalls: boolean): string {
  switch (finish.unified) {
    case 'stop':
    case 'pause':
    case 'other':
      if (hasCalls) return 'TOOL_CALL'
      return finish.stopSequence === undefined ? 'COMPLETE' : 'STOP_SEQUENCE'
    case 'length':
      return 'MAX_TOKENS'
    case 'tool_calls':
      return 'TOOL_CALL'
    case 'content_filter':
    case 'error':
      return 'ERROR'
  }
}

/** Counts that the provider did not give are 0 in this form, whose clients demand a number. */
export function writeUsage(usage: Usage): JsonObject {
  const inputTokens = usage.inputTokens ?? 0
  const outputTokens = usage.outputTokens ?? 0
  return {
    billed_units: {
      input_tokens: usage.billed?.inputTokens ?? inputTokens,
      output_tokens: usage.billed?.outputTokens ?? outputTokens,
    },
    tokens: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      ...(usage.reasoningTokens === null ? {} : { reasoning_tokens: usage.reasoningTokens }),
      ...(usage.inputImageTokens === null ? {} : { image_tokens: usage.inputImageTokens }),
    },
    cached_tokens: usage.cachedInputTokens ?? 0,
  }
}

export interface CitedPlace {
  /** What the part that is cited says, as far as it has come. */
  readonly text: string
  /** The part's place in `content`; undefined in the plan before tool calls. */
  readonly contentIndex: number | undefined
  /** The citation's number in the answer. */
  readonly number: number
}

/**
 * Other providers cite a whole part, or name a place without its words: both ends are then the part's own.
 * What Cohere itself said is kept, with its place in the content as it is now.
 */
export function writeCitation(citation: Citation, { text, contentIndex, number }: CitedPlace): JsonObject {
  const place = contentIndex === undefined ? {} : { content_index: contentIndex }
  const type = contentIndex === undefined ? 'PLAN' : 'TEXT_CONTENT'
  const own = citation.origin === 'cohere-chat' ? asObject(citation.value) : undefined
  if (own) return { ...own, ...place }
  const start = citation.start ?? 0
  const end = citation.end ?? text.length
  const id = `source:${number}`
  const document = {
    id,
    text: citation.text ?? '',
    title: citation.title ?? citation.url ?? '',
    ...(citation.url === undefined ? {} : { url: citation.url }),
  }
  return {
    start,
    end,
    text: text.slice(start, end),
    sources: [{ type: 'document', id, document }],
    ...place,
    type,
  }
}

/** One item for each token. Providers that name no token ids leave the list empty. */
export function writeLogprobs({ origin, value }: Logprobs): readonly JsonObject[] {
  switch (origin) {
    case 'cohere-chat':
      return asArray(value)
        .map(asObject)
        .filter((item) => item !== undefined)
    case 'openai-chat':
    case 'openai-responses':
      return tokenItems(asObject(value)?.['content'], 'token', 'logprob')
    case 'gemini-generate':
      return tokenItems(asObject(value)?.['chosenCandidates'], 'token', 'logProbability')
    case 'anthropic-messages':
      return []
  }
}

function tokenItems(
  tokens: JsonValue | undefined,
  textName: string,
  chanceName: string,
): readonly JsonObject[] {
  return asArray(tokens).flatMap((entry) => {
    const token = asObject(entry)
    const chance = asNumber(token?.[chanceName])
    if (!token || chance === undefined) return []
    const id = asNumber(token['tokenId'])
    return [
      { text: asString(token[textName]) ?? '', token_ids: id === undefined ? [] : [id], logprobs: [chance] },
    ]
  })
}

/** Produced media as members of the message, in the form that the OpenAI door gives them. */
export function writeMedia(parts: readonly MediaPart[]): JsonObject {
  const images = parts.filter(({ type }) => type === 'image').map(writeImage)
  const audio = parts.find(({ type }) => type === 'audio')
  return {
    ...(images.length > 0 ? { images } : {}),
    ...(audio ? { audio: writeAudio(audio) } : {}),
  }
}

function writeImage({ source, mediaType }: MediaPart): JsonObject {
  const inline = source.kind === 'inline' ? `data:${mediaType ?? 'image/png'};base64,${source.base64}` : ''
  return { type: 'image_url', image_url: { url: source.kind === 'url' ? source.url : inline } }
}

function writeAudio({ id, source, transcript }: MediaPart): JsonObject {
  const data = source.kind === 'inline' ? source.base64 : ''
  return { id: id ?? '', data, transcript: transcript ?? '' }
}

/** Arguments are JSON text; what a tool with free-form input was given travels under one name. */
export function argumentsText(kind: 'function' | 'custom', text: string): string {
  if (kind === 'custom') return JSON.stringify({ input: text })
  return text.trim() === '' ? '{}' : text
}
