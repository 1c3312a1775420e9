/** A question as a call of Anthropic's Messages API: `POST /messages` below the provider's base address. */
import type { ChatQuestion, NativeRequest } from '#core/domain/chat.ts'
import { asNumber, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { CallTerms, HttpCall } from '#services/llm-adapters/adapter.ts'
import { createCacheMarks } from '#services/llm-adapters/anthropic/cache-marks.ts'
import { isBlank } from '#services/llm-adapters/anthropic/content-blocks.ts'
import { conversationOf } from '#services/llm-adapters/anthropic/conversation.ts'
import type { Turn } from '#services/llm-adapters/anthropic/conversation.ts'
import { outputFormatOf } from '#services/llm-adapters/anthropic/output-format.ts'
import { thinkingFieldsOf } from '#services/llm-adapters/anthropic/thinking-fields.ts'
import { toolFieldsOf } from '#services/llm-adapters/anthropic/tool-fields.ts'

/**
 * The version that takes everything this encoder writes. Version 2026-10-21 refuses temperature, top_p and top_k
 * even at their defaults (Anthropic API reference, "Versions").
 */
const versionWithSampling = '2023-06-01'

/** The longest name of an end user that Anthropic takes. */
const userIdCharactersMax = 256

const samplingFields = ['temperature', 'top_p', 'top_k'] as const

export function encodeAnthropic(question: ChatQuestion, target: Target, terms: CallTerms): HttpCall {
  const { native } = question
  if (native?.dialect === 'anthropic-messages') return nativeCall(question, native, target, terms)
  const dropped: string[] = []
  const body = bodyOf(question, target, terms, dropped)
  return callOf(JSON.stringify(body), question, {
    dropped,
    headers: { 'anthropic-version': versionFor(target, hasSampling(body), undefined) },
  })
}

/** The caller's own text with two members changed; what it says beyond our words reaches the provider untouched. */
function nativeCall(
  question: ChatQuestion,
  native: NativeRequest,
  target: Target,
  terms: CallTerms,
): HttpCall {
  const wished = asNumber(native.body['max_tokens'])
  // A cap of 0 only warms the cache, and must stay 0.
  const cap = wished === undefined ? terms.maxOutputTokens : Math.min(wished, terms.maxOutputTokens)
  const body = spliceMembers(native, {
    model: native.body['model'] === target.model ? undefined : target.model,
    max_tokens: wished === cap ? undefined : cap,
  })
  const betas = native.headers?.['anthropic-beta']
  const version = versionFor(target, hasSampling(native.body), native.headers?.['anthropic-version'])
  return callOf(body, question, {
    dropped: [],
    headers: {
      'anthropic-version': version,
      ...(betas === undefined ? {} : { 'anthropic-beta': betas }),
    },
  })
}

function callOf(body: string, question: ChatQuestion, rest: Pick<HttpCall, 'headers' | 'dropped'>): HttpCall {
  return {
    path: '/messages',
    headers: {
      'content-type': 'application/json',
      accept: question.isStreamed ? 'text/event-stream' : 'application/json',
      ...rest.headers,
    },
    body,
    isStreamed: question.isStreamed,
    dropped: rest.dropped,
  }
}

/** Sampling parameters decide; else the caller's own version, else the provider row's. */
function versionFor(target: Target, isSampled: boolean, callersVersion: string | undefined): string {
  if (isSampled) return versionWithSampling
  return callersVersion ?? target.provider.headers['anthropic-version'] ?? versionWithSampling
}

const hasSampling = (body: JsonObject): boolean =>
  samplingFields.some((name) => body[name] !== undefined && body[name] !== null)

function bodyOf(question: ChatQuestion, target: Target, terms: CallTerms, dropped: string[]): JsonObject {
  refuseUnsayable(question)
  const { card } = target
  const marks = createCacheMarks(question)
  const toolFields = toolFieldsOf(question, marks)
  const { system, turns } = conversationOf(question, marks, card.quirks.has('mid_conversation_system'))
  const thinking = thinkingFieldsOf(question, {
    card,
    maxOutputTokens: terms.maxOutputTokens,
    isToolForced: toolFields.isForced,
    turns,
  })
  if (thinking.isWishDropped) dropped.push('reasoning')
  if (!thinking.isThinking) dropPrefilledThinking(turns)
  const output = outputFormatOf(question, card)
  if (output.instruction !== undefined) system.push({ type: 'text', text: output.instruction })
  return {
    model: target.model,
    max_tokens: terms.maxOutputTokens,
    ...(system.length > 0 ? { system: systemField(system) } : {}),
    messages: turns.map((turn) => ({ role: turn.role, content: contentField(turn.content) })),
    ...(toolFields.tools ? { tools: toolFields.tools } : {}),
    ...(toolFields.toolChoice ? { tool_choice: toolFields.toolChoice } : {}),
    ...(thinking.thinking ? { thinking: thinking.thinking } : {}),
    ...outputConfig(thinking.effort, output.format),
    ...samplingOf(question, target, thinking.isThinking),
    ...stopField(question),
    ...(question.endUser === undefined
      ? {}
      : { metadata: { user_id: question.endUser.slice(0, userIdCharactersMax) } }),
    ...(question.isStreamed ? { stream: true } : {}),
  }
}

/** An answer that the model is to continue must not hold thinking while thinking is off. */
function dropPrefilledThinking(turns: Turn[]): void {
  const last = turns.at(-1)
  if (last?.role !== 'assistant') return
  last.content = last.content.filter(
    (block) => block['type'] !== 'thinking' && block['type'] !== 'redacted_thinking',
  )
  if (last.content.length === 0) turns.pop()
}

/** Plain text travels as a string, which is what most callers would have sent. */
function contentField(content: readonly JsonObject[]): JsonValue {
  const [only] = content
  const isPlain = content.length === 1 && only?.['type'] === 'text' && Object.keys(only).length === 2
  return isPlain ? (asString(only['text']) ?? content) : content
}

const systemField = contentField

function outputConfig(effort: string | undefined, format: JsonObject | undefined): JsonObject {
  if (effort === undefined && format === undefined) return {}
  return { output_config: { ...(effort === undefined ? {} : { effort }), ...(format ? { format } : {}) } }
}

/**
 * Temperatures above 1 are capped at 1, as Anthropic's own compatibility endpoint documents. Newer models refuse
 * temperature together with top_p, so a 1, which changes nothing, is left out beside the other; a model without the
 * ability refuses even that.
 */
function samplingOf(question: ChatQuestion, target: Target, isThinking: boolean): JsonObject {
  if (isThinking || !target.card.abilities.has('temperature')) return {}
  const { temperature, topP, topK } = question
  const isTopPStated = topP !== undefined && topP !== 1
  const isTemperatureStated = temperature !== undefined && !(temperature === 1 && isTopPStated)
  return {
    ...(isTemperatureStated ? { temperature: Math.min(temperature, 1) } : {}),
    ...(topP !== undefined && !isTemperatureStated ? { top_p: topP } : {}),
    ...(topK === undefined ? {} : { top_k: topK }),
  }
}

/** Stop sequences of white space alone are documented as not working, and are refused by the Messages API. */
function stopField(question: ChatQuestion): JsonObject {
  const usable = question.stopSequences?.filter((sequence) => !isBlank(sequence)) ?? []
  return usable.length > 0 ? { stop_sequences: usable } : {}
}

/** What would change the shape of the answer is refused by name, never dropped. */
function refuseUnsayable(question: ChatQuestion): void {
  if ((question.answerCount ?? 1) > 1) throw unsupported('more than one answer to a request', 'n')
  if (question.logprobs) throw unsupported('token log-probabilities', 'logprobs')
  for (const modality of question.outputModalities ?? []) {
    if (modality !== 'text') throw unsupported(`${modality} as output`, 'modalities')
  }
}

function unsupported(what: string, param: string): Problem {
  return new Problem('unsupported_feature', { detail: `Anthropic models do not give ${what}.`, param })
}
