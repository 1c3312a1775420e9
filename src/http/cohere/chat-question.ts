/** A request of POST /v2/chat as a question. */
import type {
  ChatMessage,
  ChatQuestion,
  Part,
  ReasoningWish,
  ResponseFormat,
  Tool,
} from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ChatRequest } from '#http/cohere/chat-schema.ts'
import { withDocuments } from '#http/cohere/documents.ts'
import { readMessages } from '#http/cohere/messages.ts'
import { nativeRequest } from '#http/cohere/own-members.ts'
import type { JsonBody } from '#http/json-body.ts'

type Draft = { -readonly [K in keyof ChatQuestion]: ChatQuestion[K] }

/** Throws as `readMessages` does, and `invalid_value` for a demanded call of a tool that was not sent. */
export function readChatQuestion(request: ChatRequest, body: JsonBody): ChatQuestion {
  const messages = withDocuments(readMessages(request.messages), request.documents ?? [])
  const question: Draft = {
    messages: withCitationWish(withSafety(messages, request.safety_mode), request.citation_options?.mode),
    isStreamed: request.stream === true,
    native: nativeRequest(body),
  }
  addSampling(question, request)
  addTools(question, request)
  if (request.response_format) question.responseFormat = readResponseFormat(request.response_format)
  if (request.thinking) question.reasoning = readThinking(request.thinking)
  return question
}

/**
 * Cohere's safety modes choose the instruction that is put before the conversation. Models of other providers are
 * given the strict one in words; without it they answer by their own rules, which is what the other modes leave to them.
 */
const strictInstruction =
  'Keep to what is safe for every audience: no violence, no sexual content, no profanity, and no advice that could do harm. Decline what asks for any of these.'

function withSafety(
  messages: readonly ChatMessage[],
  mode: ChatRequest['safety_mode'],
): readonly ChatMessage[] {
  if (mode !== 'STRICT') return messages
  return [{ role: 'system', parts: [{ type: 'text', text: strictInstruction }] }, ...messages]
}

type CitationMode = NonNullable<ChatRequest['citation_options']>['mode']

/** No other provider cites in Cohere's form: who asks for citations by name can only be sent to Cohere. */
function withCitationWish(
  messages: readonly ChatMessage[],
  mode: CitationMode | undefined,
): readonly ChatMessage[] {
  if (!mode || mode === 'OFF' || mode === 'DISABLED') return messages
  const wish: Part = { type: 'opaque', kind: 'citation_options', origin: 'cohere-chat', value: { mode } }
  const at = messages.findLastIndex(({ role }) => role === 'user')
  const asked = messages[at]
  if (!asked) return [...messages, { role: 'user', parts: [wish] }]
  return messages.with(at, { ...asked, parts: [...asked.parts, wish] })
}

function addSampling(question: Draft, request: ChatRequest): void {
  if (isStated(request.max_tokens)) question.maxOutputTokens = request.max_tokens
  if (request.stop_sequences && request.stop_sequences.length > 0) {
    question.stopSequences = request.stop_sequences
  }
  if (isStated(request.temperature)) question.temperature = request.temperature
  if (isStated(request.p)) question.topP = request.p
  // At Cohere 0 turns the limit off, which is what leaving it out means everywhere.
  if (request.k) question.topK = request.k
  if (isStated(request.seed)) question.seed = request.seed
  if (isStated(request.frequency_penalty)) question.frequencyPenalty = request.frequency_penalty
  if (isStated(request.presence_penalty)) question.presencePenalty = request.presence_penalty
  if (request.logprobs === true) question.logprobs = {}
}

function addTools(question: Draft, request: ChatRequest): void {
  const isStrict = request.strict_tools ?? undefined
  const tools = request.tools?.map((tool) => readTool(tool, isStrict))
  if (tools && tools.length > 0) question.tools = tools
  if (request.tool_choice === 'NONE') question.toolChoice = { mode: 'none' }
  if (request.tool_choice !== 'REQUIRED') return
  if (!question.tools) {
    throw new Problem('invalid_value', {
      param: 'tool_choice',
      detail: 'tool_choice requires a tool, and no tools were sent.',
    })
  }
  question.toolChoice = { mode: 'required' }
}

function readTool(tool: NonNullable<ChatRequest['tools']>[number], isStrict: boolean | undefined): Tool {
  const { name, description, parameters } = tool.function
  return {
    kind: 'function',
    name,
    ...(description ? { description } : {}),
    ...(parameters ? { parameters } : {}),
    ...(isStrict === undefined ? {} : { isStrict }),
  }
}

function readResponseFormat(format: NonNullable<ChatRequest['response_format']>): ResponseFormat {
  if (format.type === 'text') return { type: 'text' }
  const schema = format.json_schema ?? format.schema
  return schema ? { type: 'json_schema', name: 'answer', schema } : { type: 'json' }
}

/** Without a budget the model thinks as long as it wants; Cohere shows what it thinks. */
function readThinking({ type, token_budget: budget }: NonNullable<ChatRequest['thinking']>): ReasoningWish {
  if (type === 'disabled') return { effort: 'none' }
  return { budgetTokens: budget ?? -1, isShown: true }
}

const isStated = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null
