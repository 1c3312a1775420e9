/** A question as a response request: `POST /responses` below the provider's base address, nothing stored there. */
import type { ChatQuestion, NativeRequest } from '#core/domain/chat.ts'
import { asNumber } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { CallTerms, HttpCall } from '#services/llm-adapters/adapter.ts'
import { writeInput } from '#services/llm-adapters/openai-responses/write-input.ts'
import { unstoredMembers } from '#services/llm-adapters/openai-responses/unstored-members.ts'
import { responseToolMembers } from '#services/llm-adapters/openai-responses/write-tools.ts'
import { effortOf } from '#services/llm-adapters/wire/effort.ts'
import { openAiSettings } from '#services/llm-adapters/wire/openai-settings.ts'

export function encodeOpenAiResponse(question: ChatQuestion, target: Target, terms: CallTerms): HttpCall {
  const { native } = question
  const body =
    native?.dialect === 'openai-responses'
      ? nativeBody(question, native, target, terms)
      : JSON.stringify(translatedBody(question, target, terms))
  return {
    path: '/responses',
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

function nativeBody(question: ChatQuestion, native: NativeRequest, target: Target, terms: CallTerms): string {
  const { body } = native
  const wished = asNumber(body['max_output_tokens'])
  const cap = Math.min(wished ?? terms.maxOutputTokens, terms.maxOutputTokens)
  return spliceMembers(native, {
    model: body['model'] === target.model ? undefined : target.model,
    max_output_tokens: wished === cap ? undefined : cap,
    stream: (body['stream'] ?? false) === question.isStreamed ? undefined : question.isStreamed,
    ...unstoredMembers(body, target),
  })
}

function translatedBody(question: ChatQuestion, target: Target, terms: CallTerms): JsonObject {
  refuseImpossible(question)
  const include = includeOf(question, target)
  const settings = openAiSettings(question, target)
  return {
    model: target.model,
    input: writeInput(question.messages),
    max_output_tokens: terms.maxOutputTokens,
    store: false,
    ...(include.length > 0 ? { include } : {}),
    ...(question.isStreamed ? { stream: true } : {}),
    ...responseToolMembers(question),
    ...samplingMembers(question, target),
    ...textMember(question, settings.verbosity),
    ...settings.members,
    ...reasoningMember(question, target),
    ...(question.logprobs ? { top_logprobs: question.logprobs.top ?? 0 } : {}),
    ...(question.endUser === undefined ? {} : { safety_identifier: question.endUser }),
  }
}

/** What would change the shape of the answer is refused by name, never dropped. */
function refuseImpossible(question: ChatQuestion): void {
  if ((question.answerCount ?? 1) > 1) throw unsupported('more than one answer to a request', 'n')
  if ((question.stopSequences?.length ?? 0) > 0) throw unsupported('stop sequences', 'stop')
  if (question.seed !== undefined) throw unsupported('seed', 'seed')
  if (question.topK !== undefined) throw unsupported('top_k', 'top_k')
  if (question.frequencyPenalty) throw unsupported('frequency penalty', 'frequency_penalty')
  if (question.presencePenalty) throw unsupported('presence penalty', 'presence_penalty')
  for (const modality of question.outputModalities ?? []) {
    if (modality !== 'text') throw unsupported(`${modality} as output`, 'modalities')
  }
}

function unsupported(what: string, param: string): Problem {
  return new Problem('unsupported_feature', { detail: `A response has no ${what}.`, param })
}

/** Since nothing is stored, thinking must come along encrypted, to be sent back with the next question. */
function includeOf(question: ChatQuestion, target: Target): readonly string[] {
  return [
    ...(target.card.abilities.has('reasoning') ? ['reasoning.encrypted_content'] : []),
    ...(question.logprobs ? ['message.output_text.logprobs'] : []),
  ]
}

function samplingMembers(question: ChatQuestion, target: Target): JsonObject {
  // A model that takes no temperature answers as if it were 1.
  if (!target.card.abilities.has('temperature')) return {}
  const { temperature, topP } = question
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
  }
}

function textMember(question: ChatQuestion, verbosity: string | undefined): JsonObject {
  const format = textFormat(question)
  if (!format && verbosity === undefined) return {}
  return { text: { ...(format ? { format } : {}), ...(verbosity === undefined ? {} : { verbosity }) } }
}

function textFormat({ responseFormat: format }: ChatQuestion): JsonObject | undefined {
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined
    case 'json':
      return { type: 'json_object' }
    case 'json_schema': {
      const { type, name, schema, description, isStrict } = format
      const described = description === undefined ? {} : { description }
      return { type, name, ...described, schema, strict: isStrict ?? false }
    }
  }
}

function reasoningMember(question: ChatQuestion, target: Target): JsonObject {
  const wish = question.reasoning
  if (!wish || !target.card.abilities.has('reasoning')) return {}
  const effort = effortOf(wish)
  const reasoning = {
    ...(effort === undefined ? {} : { effort }),
    ...(wish.isShown === true ? { summary: 'auto' } : {}),
  }
  return Object.keys(reasoning).length === 0 ? {} : { reasoning }
}
