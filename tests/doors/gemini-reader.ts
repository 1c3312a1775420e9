/** Hears an answer as an application of Google's Gemini API does: through the official client. */
import { ApiError, GoogleGenAI } from '@google/genai'
import type { GenerateContentResponse, Part } from '@google/genai'

import type { FinishReason } from '../../src/core/domain/answer.ts'
import type { Carry } from '../../src/core/domain/chat.ts'
import { asObject, asString, parseJson } from '../../src/core/domain/json.ts'
import type { JsonValue } from '../../src/core/domain/json.ts'
import { readThoughtToken } from '../../src/http/gemini/thought-token.ts'
import type { DoorReader, Heard, HeardAnswer, HeardFailure } from './door-reader.ts'

export const geminiReader: DoorReader = {
  dialect: 'gemini-generate',
  async ask(address, { model, isStreamed }) {
    const client = new GoogleGenAI({ apiKey: 'sbx_good', httpOptions: { baseUrl: address } })
    const question = {
      model,
      contents: 'Say hello.',
      config: { thinkingConfig: { includeThoughts: true } },
    }
    const responses: GenerateContentResponse[] = []
    try {
      if (isStreamed) {
        for await (const response of await client.models.generateContentStream(question)) {
          responses.push(response)
        }
      } else responses.push(await client.models.generateContent(question))
    } catch (thrown) {
      return heardFailure(thrown, heardAnswer(responses).text)
    }
    return heardStream(responses)
  },
}

/** An answer without a reason for its end is none: the client itself does not say so. */
function heardStream(responses: readonly GenerateContentResponse[]): Heard {
  const hasEnded = responses.some(
    ({ candidates, promptFeedback }) =>
      promptFeedback?.blockReason !== undefined || candidates?.some(({ finishReason }) => finishReason),
  )
  const answer = heardAnswer(responses)
  if (hasEnded) return answer
  return {
    kind: 'failure',
    status: undefined,
    word: 'cut',
    message: 'The answer ended without a reason.',
    textBefore: answer.text,
  }
}

function heardAnswer(responses: readonly GenerateContentResponse[]): HeardAnswer {
  const first = responses.flatMap(({ candidates }) =>
    (candidates ?? []).filter(({ index }) => (index ?? 0) === 0),
  )
  const parts = first.flatMap(({ content }) => content?.parts ?? [])
  const finish = first.findLast(({ finishReason }) => finishReason !== undefined)
  const usage = responses.findLast(({ usageMetadata }) => usageMetadata?.totalTokenCount)?.usageMetadata
  const thoughts = usage?.thoughtsTokenCount
  const word: string | undefined = finish?.finishReason
  const refusal = textOf(parts, isRefusal)
  return {
    kind: 'answer',
    text: textOf(parts, (part) => part.thought !== true && !isRefusal(part)),
    refusal,
    reasoning: textOf(parts, ({ thought }) => thought === true),
    carried: [...new Set(parts.flatMap(({ thoughtSignature }) => tokensIn(thoughtSignature ?? '')))],
    calls: parts.flatMap(({ functionCall: call }) =>
      call ? [{ id: call.id ?? '', name: call.name ?? '', input: (call.args ?? {}) as JsonValue }] : [],
    ),
    finish: refusal
      ? 'stop'
      : finishOf(
          word,
          parts.some(({ functionCall }) => functionCall),
        ),
    usage: {
      inputTokens: usage && (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
      outputTokens: usage && (usage.candidatesTokenCount ?? 0) + (thoughts ?? 0),
      cachedInputTokens: usage?.cachedContentTokenCount,
      reasoningTokens: thoughts,
    },
  }
}

function textOf(parts: readonly Part[], isWanted: (part: Part) => boolean): string {
  let text = ''
  for (const part of parts) if (isWanted(part)) text += part.text ?? ''
  return text
}

/** A model that refuses says so in words that are marked. */
const isRefusal = ({ partMetadata }: Part) => partMetadata?.['refusal'] === true

const tokenKinds: readonly Carry['kind'][] = ['signature', 'thought_signature', 'encrypted', 'redacted']

/** Gemini's own signature, or the tokens of another provider that travel in its place. */
function tokensIn(signature: string): readonly string[] {
  if (signature === '') return []
  const { before, own } = readThoughtToken(signature, 'thoughtSignature')
  const carries = [...before.flatMap(({ part }) => part.carry ?? []), ...own]
  return carries.filter(({ kind }) => tokenKinds.includes(kind)).map(({ value }) => value)
}

const finishWords: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'pause',
  OTHER: 'other',
  MALFORMED_FUNCTION_CALL: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  MALFORMED_RESPONSE: 'error',
  NO_IMAGE: 'error',
}

/** A prompt that was refused has no candidate at all; every word that is not listed is one of the filters. */
function finishOf(word: string | undefined, hasCalls: boolean): FinishReason {
  if (word === 'STOP' && hasCalls) return 'tool_calls'
  return word === undefined ? 'content_filter' : (finishWords[word] ?? 'content_filter')
}

function heardFailure(thrown: unknown, textBefore: string): HeardFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  // In the middle of a stream the client's message is a word of its own and then the frame.
  const isInStream = error.message.startsWith('got status: ')
  const body = error.message.slice(Math.max(0, error.message.indexOf('{')))
  const details = asObject(asObject(parseJson(body))?.['error'])
  return {
    kind: 'failure',
    status: error instanceof ApiError && !isInStream ? error.status : undefined,
    word: asString(details?.['status']) ?? error.constructor.name,
    message: asString(details?.['message']) ?? error.message,
    textBefore,
  }
}
