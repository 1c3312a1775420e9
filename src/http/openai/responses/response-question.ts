/** A request of POST /v1/responses as a question. */
import type { ChatMessage, ChatQuestion, ResponseFormat } from '#core/domain/chat.ts'
import { refuseUnknownChoice } from '#http/openai/chat-question.ts'
import { readInput } from '#http/openai/responses/input-items.ts'
import type { ResponseRequest, WireTextFormat } from '#http/openai/responses/response-request-schema.ts'
import { readToolChoice, readTools } from '#http/openai/responses/response-tools.ts'

type Draft = { -readonly [K in keyof ChatQuestion]: ChatQuestion[K] }

/** `inheritedItems`: how many stand before the caller's own. Throws as `readInput` and `readTools` do, and `invalid_value` for a tool choice that names no tool. */
export function readResponseQuestion(request: ResponseRequest, inheritedItems = 0): Draft {
  const messages = readMessages(request, inheritedItems)
  const question: Draft = { messages, isStreamed: request.stream === true }
  if (isStated(request.max_output_tokens)) question.maxOutputTokens = request.max_output_tokens
  if (isStated(request.temperature)) question.temperature = request.temperature
  if (isStated(request.top_p)) question.topP = request.top_p
  const endUser = request.safety_identifier ?? request.user
  if (isStated(endUser)) question.endUser = endUser
  addTools(question, request)
  addShape(question, request)
  return question
}

function readMessages(
  { instructions, input }: ResponseRequest,
  inheritedItems: number,
): readonly ChatMessage[] {
  const messages = readInput(input, inheritedItems)
  if (!instructions) return messages
  return [{ role: 'system', parts: [{ type: 'text', text: instructions }] }, ...messages]
}

function addTools(question: Draft, request: ResponseRequest): void {
  if (request.tools && request.tools.length > 0) question.tools = readTools(request.tools)
  const choice = readToolChoice(request.tool_choice)
  if (choice) {
    refuseUnknownChoice(choice, question.tools ?? [])
    question.toolChoice = choice
  }
  if (isStated(request.parallel_tool_calls)) question.isParallelToolUseAllowed = request.parallel_tool_calls
}

function addShape(question: Draft, request: ResponseRequest): void {
  if (request.text?.format) question.responseFormat = readFormat(request.text.format)
  const { effort } = request.reasoning ?? {}
  const summary = request.reasoning?.summary ?? request.reasoning?.generate_summary
  if (effort || summary) {
    question.reasoning = { ...(effort ? { effort } : {}), ...(summary ? { isShown: true } : {}) }
  }
  const top = request.top_logprobs ?? 0
  if (top > 0 || request.include?.includes('message.output_text.logprobs') === true) {
    question.logprobs = { top }
  }
}

function readFormat(format: WireTextFormat): ResponseFormat {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object') return { type: 'json' }
  const { name, schema, strict, description } = format
  return {
    type: 'json_schema',
    name,
    schema,
    ...(isStated(strict) ? { isStrict: strict } : {}),
    ...(description ? { description } : {}),
  }
}

const isStated = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null
