/** A request of POST /v1/messages as a question. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ChatQuestion, NativeRequest, ReasoningWish, ResponseFormat } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { markedAtEnd, readConversation } from '#http/anthropic/conversation.ts'
import type { MessageRequest } from '#http/anthropic/message-schema.ts'
import { allowsParallel, readToolChoice, readTools } from '#http/anthropic/tool-words.ts'
import type { JsonBody } from '#http/json-body.ts'

type Draft = { -readonly [K in keyof ChatQuestion]: ChatQuestion[K] }

/** Throws as `readConversation` does. */
export function readMessageQuestion(
  request: MessageRequest,
  body: JsonBody,
  headers: IncomingHttpHeaders,
): ChatQuestion {
  const { messages } = readConversation(request)
  const question: Draft = {
    messages: markedAtEnd(messages, request.cache_control),
    isStreamed: request.stream === true,
    maxOutputTokens: request.max_tokens,
    native: nativeOf(body, headers),
  }
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

function nativeOf(body: JsonBody, headers: IncomingHttpHeaders): NativeRequest {
  const native = {
    dialect: 'anthropic-messages',
    body: body.value,
    text: body.text,
    members: body.members,
  } as const
  const version = headers['anthropic-version']
  const betas = headers['anthropic-beta']
  if (version === undefined && betas === undefined) return native
  return {
    ...native,
    headers: {
      ...(typeof version === 'string' ? { 'anthropic-version': version } : {}),
      ...(betas === undefined ? {} : { 'anthropic-beta': String(betas) }),
    },
  }
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

/** Strict where every object is closed and whole, as OpenAI's strict mode demands; else the schema is a wish. */
function formatOf(schema: JsonObject): ResponseFormat {
  return { type: 'json_schema', name: 'answer', schema }
}

const isStated = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null
