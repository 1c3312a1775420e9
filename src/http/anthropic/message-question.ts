/** A request of POST /v1/messages as a question. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ChatQuestion, ReasoningWish, ResponseFormat } from '#core/domain/chat.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { markedAtEnd, readConversation } from '#http/anthropic/conversation.ts'
import { knownMembers } from '#http/anthropic/message-schema.ts'
import type { MessageRequest } from '#http/anthropic/message-schema.ts'
import { nativeRequest } from '#http/anthropic/native-request.ts'
import { allowsParallel, readToolChoice, readTools } from '#http/anthropic/tool-words.ts'
import type { JsonBody } from '#http/json-body.ts'

type Draft = { -readonly [K in keyof ChatQuestion]: ChatQuestion[K] }

/** Throws as `readConversation` does. */
export function readMessageQuestion(
  request: MessageRequest,
  body: JsonBody,
  headers: IncomingHttpHeaders,
): ChatQuestion {
  const { messages, hasForeign } = readConversation(request)
  const native = nativeRequest(request, body, headers, hasForeign)
  const unsaid = unsaidMembers(body.value)
  const question: Draft = {
    messages: markedAtEnd(messages, request.cache_control),
    isStreamed: request.stream === true,
    maxOutputTokens: request.max_tokens,
  }
  if (native) question.native = native
  if (unsaid.length > 0) question.unsaid = unsaid
  if (isStated(request.temperature)) question.temperature = request.temperature
  if (isStated(request.top_p)) question.topP = request.top_p
  if (isStated(request.top_k)) question.topK = request.top_k
  if (request.stop_sequences?.length) question.stopSequences = request.stop_sequences
  if (isStated(request.metadata?.user_id)) question.endUser = request.metadata.user_id
  addTools(question, request)
  const reasoning = reasoningOf(request)
  if (reasoning) question.reasoning = reasoning
  const format = request.output_config?.format ?? request.output_format
  if (format) question.responseFormat = formatOf(format.schema)
  return question
}

function addTools(question: Draft, request: MessageRequest): void {
  const tools = readTools(request)
  if (tools.length > 0) question.tools = tools
  const choice = request.tool_choice
  if (!choice) return
  question.toolChoice = readToolChoice(choice)
  const isParallel = allowsParallel(choice)
  if (isParallel !== undefined) question.isParallelToolUseAllowed = isParallel
}

/** An effort alone says nothing about showing; who asks for thinking sees it unless told otherwise. */
function reasoningOf({ thinking, output_config: output }: MessageRequest): ReasoningWish | undefined {
  const effort = output?.effort ?? undefined
  switch (thinking?.type) {
    case undefined:
      return effort === undefined ? undefined : { effort }
    case 'disabled':
    case 'between_tools':
      return { effort: 'none' }
    case 'enabled':
    case 'adaptive':
      return {
        ...(effort === undefined ? {} : { effort }),
        ...(thinking.type === 'enabled' ? { budgetTokens: thinking.budget_tokens } : {}),
        isShown: thinking.display !== 'omitted',
      }
  }
}

/** Held to the schema, as the caller may rely on, where OpenAI's strict mode can take it; a wish elsewhere. */
function formatOf(schema: JsonObject): ResponseFormat {
  const isStrict = isClosed(schema) ? { isStrict: true } : {}
  return { type: 'json_schema', name: 'answer', schema, ...isStrict }
}

/** Whether every object in the schema names all its members and demands them. */
function isClosed(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.every(isClosed)
  const schema = asObject(value)
  if (!schema) return true
  const properties = asObject(schema['properties'])
  if (properties) {
    const required = asArray(schema['required'])
    if (schema['additionalProperties'] !== false) return false
    if (!Object.keys(properties).every((name) => required.includes(name))) return false
  } else if (schema['type'] === 'object') return false
  return Object.values(schema).every(isClosed)
}

/** Members that mean something to Anthropic alone. */
function unsaidMembers(body: JsonObject): readonly string[] {
  const names: string[] = []
  for (const name in body) if (!knownMembers.has(name) && body[name] !== null) names.push(name)
  return names
}

const isStated = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null
