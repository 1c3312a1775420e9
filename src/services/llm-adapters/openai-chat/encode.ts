/** A question as a chat completion request: `POST /chat/completions` below the provider's base address. */
import type { ChatQuestion, NativeRequest } from '#core/domain/chat.ts'
import { asNumber, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import type { Target } from '#core/domain/target.ts'
import type { CallTerms, HttpCall } from '#services/llm-adapters/adapter.ts'
import { endpointPath } from '#services/llm-adapters/openai-chat/endpoint-path.ts'
import { cleanedMembers } from '#services/llm-adapters/openai-chat/native-clean.ts'
import { fittedMembers, unwantedMembers } from '#services/llm-adapters/openai-chat/native-fit.ts'
import { outputMembers, samplingMembers } from '#services/llm-adapters/openai-chat/request-members.ts'
import {
  hasMisplacedMedia,
  messageStyleOf,
  writeMessages,
} from '#services/llm-adapters/openai-chat/write-messages.ts'
import { toolMembers } from '#services/llm-adapters/openai-chat/write-tools.ts'
import { openAiSettings } from '#services/llm-adapters/wire/openai-settings.ts'

type CapName = 'max_tokens' | 'max_completion_tokens'

export function encodeOpenAiChat(question: ChatQuestion, target: Target, terms: CallTerms): HttpCall {
  const { native } = question
  if (native?.dialect === 'openai-chat') {
    return callOf(nativeBody(question, native, target, terms), question, target, terms)
  }
  return callOf(JSON.stringify(translatedBody(question, target, terms)), question, target, terms)
}

function callOf(body: string, question: ChatQuestion, target: Target, terms: CallTerms): HttpCall {
  return {
    path: endpointPath(target, '/chat/completions'),
    headers: {
      'content-type': 'application/json',
      accept: question.isStreamed ? 'text/event-stream' : 'application/json',
      'x-client-request-id': terms.requestId,
    },
    body,
    isStreamed: question.isStreamed,
    dropped: [],
  }
}

function translatedBody(question: ChatQuestion, target: Target, terms: CallTerms): JsonObject {
  const { quirks } = target.provider
  const cap = usualCapName(target)
  const { members, verbosity } = openAiSettings(question, target)
  return {
    model: target.model,
    messages: writeMessages(question.messages, messageStyleOf(quirks)),
    [cap]: terms.maxOutputTokens,
    ...(question.isStreamed ? { stream: true } : {}),
    ...(question.isStreamed && !quirks.has('no_stream_options')
      ? { stream_options: { include_usage: true } }
      : {}),
    ...toolMembers(question, quirks),
    ...samplingMembers(question, target),
    ...outputMembers(question, target),
    ...members,
    ...(verbosity === undefined ? {} : { verbosity }),
  }
}

/** The newer word, which reasoning models insist on, or the older one, which most cousins know alone. */
function usualCapName(target: Target): CapName {
  if (target.card.quirks.has('max_completion_tokens')) return 'max_completion_tokens'
  return target.provider.quirks.has('max_tokens_word') ? 'max_tokens' : 'max_completion_tokens'
}

/** The caller's own text with the model, the cap and the wish for usage changed, and what the provider cannot take. */
function nativeBody(question: ChatQuestion, native: NativeRequest, target: Target, terms: CallTerms): string {
  const { body } = native
  const { quirks } = target.provider
  const cleaned = hasMisplacedMedia(question)
    ? { messages: writeMessages(question.messages, messageStyleOf(quirks)) }
    : cleanedMembers(native, quirks)
  const cap = nativeCap(body, target, terms)
  const changes: Record<string, JsonValue> = {}
  if (body['model'] !== target.model) changes['model'] = target.model
  if (body[cap.name] !== cap.value) changes[cap.name] = cap.value
  if ((body['stream'] ?? false) !== question.isStreamed) changes['stream'] = question.isStreamed
  const options = streamOptions(question, body, target)
  if (options !== undefined) changes['stream_options'] = options
  Object.assign(changes, cleaned, fittedMembers(cleaned ? { ...body, ...cleaned } : body, quirks))
  const unwanted = unwantedMembers(body, quirks)
  if (cap.unwanted === undefined && unwanted.length === 0) return spliceMembers(native, changes)
  // A member cannot be cut out of the text safely, so this rare body is written anew.
  const kept = Object.entries(body).filter(([name]) => name !== cap.unwanted && !unwanted.includes(name))
  return JSON.stringify({ ...Object.fromEntries(kept), ...changes })
}

interface NativeCap {
  readonly name: CapName
  readonly value: number
  /** The other word, when the caller's body holds it and it must not be sent. */
  readonly unwanted: CapName | undefined
}

/** Exactly one word is sent: the caller's own where the provider takes it, and never more than was paid for. */
function nativeCap(body: JsonObject, target: Target, terms: CallTerms): NativeCap {
  const usual = usualCapName(target)
  const isOldTaken = !target.card.quirks.has('max_completion_tokens')
  const isNewTaken = !target.provider.quirks.has('max_tokens_word') || !isOldTaken
  const old = asNumber(body['max_tokens'])
  const fresh = asNumber(body['max_completion_tokens'])
  const wished = fresh ?? old
  const value = wished === undefined ? terms.maxOutputTokens : Math.min(wished, terms.maxOutputTokens)
  const name =
    fresh !== undefined && isNewTaken
      ? 'max_completion_tokens'
      : old !== undefined && isOldTaken
        ? 'max_tokens'
        : usual
  const other = name === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
  return { name, value, unwanted: body[other] === undefined ? undefined : other }
}

function streamOptions(question: ChatQuestion, body: JsonObject, target: Target): JsonValue | undefined {
  if (!question.isStreamed || target.provider.quirks.has('no_stream_options')) return undefined
  const own = asObject(body['stream_options'])
  return own?.['include_usage'] === true ? undefined : { ...own, include_usage: true }
}
