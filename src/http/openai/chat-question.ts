/** A request of POST /v1/chat/completions as a question. */
import type { ChatQuestion, ReasoningEffort, ResponseFormat, Tool, ToolChoice } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { JsonBody } from '#http/json-body.ts'
import type { ChatRequest, WireResponseFormat, WireTool, WireToolChoice } from '#http/openai/chat-schema.ts'
import { readMessages } from '#http/openai/messages.ts'

type Draft = { -readonly [K in keyof ChatQuestion]: ChatQuestion[K] }

/** Throws as `readMessages` does, and `invalid_value` for a tool choice that names no tool. */
export function readChatQuestion(request: ChatRequest, body: JsonBody): ChatQuestion {
  const question: Draft = {
    messages: readMessages(request.messages),
    isStreamed: request.stream === true,
    native: {
      dialect: 'openai-chat',
      body: body.value,
      text: body.text,
      members: body.members,
      isUsageWanted: request.stream_options?.include_usage === true,
    },
  }
  const cap = request.max_completion_tokens ?? request.max_tokens
  if (cap !== undefined && cap !== null) question.maxOutputTokens = cap
  addSampling(question, request)
  addTools(question, request)
  addShape(question, request)
  return question
}

function addSampling(question: Draft, request: ChatRequest): void {
  if (isStated(request.temperature)) question.temperature = request.temperature
  if (isStated(request.top_p)) question.topP = request.top_p
  if (isStated(request.top_k)) question.topK = request.top_k
  if (isStated(request.seed)) question.seed = request.seed
  if (isStated(request.frequency_penalty)) question.frequencyPenalty = request.frequency_penalty
  if (isStated(request.presence_penalty)) question.presencePenalty = request.presence_penalty
  if (isStated(request.n)) question.answerCount = request.n
  if (isStated(request.stop)) {
    question.stopSequences = typeof request.stop === 'string' ? [request.stop] : request.stop
  }
  if (request.logprobs === true) question.logprobs = { top: request.top_logprobs ?? undefined }
  else if ((request.top_logprobs ?? 0) > 0) {
    const detail = 'top_logprobs is only for answers with logprobs.'
    throw new Problem('invalid_value', { param: 'top_logprobs', detail, mend: 'Set `logprobs: true`.' })
  }
  const endUser = request.safety_identifier ?? request.user
  if (isStated(endUser)) question.endUser = endUser
}

function addTools(question: Draft, request: ChatRequest): void {
  const named = request.tools?.map(readTool) ?? request.functions?.map(readFunction) ?? []
  const tools = [...named, ...searchTool(request.web_search_options)]
  if (tools.length > 0) question.tools = tools
  const choice = readToolChoice(request.tool_choice) ?? readLegacyChoice(request.function_call)
  if (choice) {
    refuseUnknownChoice(choice, question.tools ?? [])
    question.toolChoice = choice
  }
  if (isStated(request.parallel_tool_calls)) question.isParallelToolUseAllowed = request.parallel_tool_calls
}

function addShape(question: Draft, request: ChatRequest): void {
  if (request.response_format) question.responseFormat = readResponseFormat(request.response_format)
  if (request.reasoning_effort) {
    question.reasoning = { effort: request.reasoning_effort satisfies ReasoningEffort }
  }
  if (request.modalities) question.outputModalities = request.modalities
}

/** A search that OpenAI itself runs: no other provider may answer as if it had searched. */
function searchTool(options: ChatRequest['web_search_options']): readonly Tool[] {
  if (!options) return []
  return [{ kind: 'server', name: 'web_search', origin: 'openai-chat', value: options as JsonObject }]
}

const isStated = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null

export function readTool(tool: WireTool): Tool {
  if (isFunctionTool(tool)) {
    const read = readFunction(tool.function)
    return tool.cache_control ? { ...read, cacheHint: { ttl: tool.cache_control.ttl } } : read
  }
  if (isCustomTool(tool)) {
    const { name, description, format } = tool.custom
    return {
      kind: 'custom',
      name,
      ...(description ? { description } : {}),
      ...(format ? { format } : {}),
    }
  }
  return { kind: 'server', name: tool.type, origin: 'openai-chat', value: tool as unknown as JsonObject }
}

type FunctionTool = Extract<WireTool, { readonly type: 'function' }>
type CustomTool = Extract<WireTool, { readonly type: 'custom' }>
const isFunctionTool = (tool: WireTool): tool is FunctionTool => tool.type === 'function'
const isCustomTool = (tool: WireTool): tool is CustomTool => tool.type === 'custom'

type WireFunction = FunctionTool['function']

function readFunction({
  name,
  description,
  parameters,
  strict,
}: WireFunction): Extract<Tool, { kind: 'function' }> {
  return {
    kind: 'function',
    name,
    ...(description ? { description } : {}),
    ...(parameters ? { parameters } : {}),
    ...(isStated(strict) ? { isStrict: strict } : {}),
  }
}

export function readToolChoice(choice: WireToolChoice | null | undefined): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined
  if (typeof choice === 'string') return { mode: choice }
  if (choice.type === 'function') return { mode: 'named', name: choice.function.name }
  if (choice.type === 'custom') return { mode: 'named', name: choice.custom.name }
  const names = choice.allowed_tools.tools.flatMap((tool) => tool.function?.name ?? tool.custom?.name ?? [])
  return { mode: 'allowed', names, isRequired: choice.allowed_tools.mode === 'required' }
}

function readLegacyChoice(choice: ChatRequest['function_call']): ToolChoice | undefined {
  if (!choice) return undefined
  return typeof choice === 'string' ? { mode: choice } : { mode: 'named', name: choice.name }
}

/** A choice among tools that were not sent would be refused by every provider, each in its own words. */
export function refuseUnknownChoice(choice: ToolChoice, tools: readonly Tool[]): void {
  const names = choice.mode === 'named' ? [choice.name] : choice.mode === 'allowed' ? choice.names : []
  const unknown = names.find((name) => !tools.some((tool) => tool.name === name))
  if (unknown === undefined && (choice.mode !== 'required' || tools.length > 0)) return
  throw new Problem('invalid_value', {
    param: 'tool_choice',
    detail:
      unknown === undefined
        ? 'tool_choice requires a tool, and no tools were sent.'
        : `tool_choice names the tool "${unknown}", which is not among the tools.`,
  })
}

export function readResponseFormat(format: WireResponseFormat): ResponseFormat {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object') return { type: 'json' }
  const { name, schema, strict, description } = format.json_schema
  return {
    type: 'json_schema',
    name,
    schema: schema ?? {},
    ...(isStated(strict) ? { isStrict: strict } : {}),
    ...(description ? { description } : {}),
  }
}
