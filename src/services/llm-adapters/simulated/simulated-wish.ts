/** What was asked of the simulated provider: the chat-completion request that an adapter wrote, read back. */
import { asArray, asCount, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

export interface SimulatedWish {
  readonly model: string
  /** The text of the last message that a user wrote. */
  readonly prompt: string
  readonly images: number
  readonly inputTokens: number
  /** The most tokens of one answer. */
  readonly outputTokensMax: number
  readonly answers: number
  readonly stopSequences: readonly string[]
  readonly isStreamed: boolean
  readonly isUsageWanted: boolean
  /** The tool to call instead of answering, when one is forced or plainly asked for. */
  readonly tool: SimulatedTool | undefined
  /** A schema to fit, `true` for any JSON object, undefined for text. */
  readonly json: JsonObject | true | undefined
}

export interface SimulatedTool {
  readonly name: string
  readonly kind: 'function' | 'custom'
  readonly parameters: JsonObject
}

const charactersPerToken = 4
const tokensPerMessage = 4
const tokensPerImage = 255
const answersMax = 16
const outputTokensUnstated = 4_096

/** Undefined when the body is no chat-completion request. */
export function readWish(body: string): SimulatedWish | undefined {
  const request = asObject(parseJson(body))
  if (!request || asString(request['model']) === undefined) return undefined
  const messages = asArray(request['messages']).map((message) => asObject(message) ?? {})
  const sizes = messages.map(sizeOf)
  const last = messages.at(-1)
  const prompt = textOf(messages.findLast(({ role }) => role === 'user') ?? {})
  const cap = asCount(request['max_completion_tokens']) ?? asCount(request['max_tokens'])
  return {
    model: asString(request['model']) ?? '',
    prompt,
    images: sizes.reduce((sum, { images }) => sum + images, 0),
    inputTokens: sizes.reduce((sum, { tokens }) => sum + tokens, 0),
    outputTokensMax: Math.max(1, cap ?? outputTokensUnstated),
    answers: Math.min(answersMax, Math.max(1, asCount(request['n']) ?? 1)),
    stopSequences: stopsOf(request['stop']),
    isStreamed: request['stream'] === true,
    isUsageWanted: asObject(request['stream_options'])?.['include_usage'] === true,
    tool: toolToCall(request, last?.['role'] === 'user' ? prompt : ''),
    json: jsonWish(asObject(request['response_format'])),
  }
}

function textOf({ content }: JsonObject): string {
  if (typeof content === 'string') return content
  return asArray(content)
    .map((part) => asString(asObject(part)?.['text']) ?? '')
    .join(' ')
}

function sizeOf(message: JsonObject): { readonly tokens: number; readonly images: number } {
  const images = asArray(message['content']).filter((part) => asObject(part)?.['type'] === 'image_url').length
  const text = Math.ceil(textOf(message).length / charactersPerToken)
  return { tokens: tokensPerMessage + text + images * tokensPerImage, images }
}

function stopsOf(stop: JsonValue | undefined): readonly string[] {
  const stops = typeof stop === 'string' ? [stop] : asArray(stop)
  return stops.filter((text): text is string => typeof text === 'string' && text !== '')
}

function jsonWish(format: JsonObject | undefined): JsonObject | true | undefined {
  if (format?.['type'] === 'json_object') return true
  if (format?.['type'] !== 'json_schema') return undefined
  return asObject(asObject(format['json_schema'])?.['schema']) ?? true
}

/** The tool that `tool_choice` forces, or the one whose name stands in the prompt. */
function toolToCall(request: JsonObject, prompt: string): SimulatedTool | undefined {
  const tools = asArray(request['tools']).flatMap((tool) => readTool(asObject(tool)) ?? [])
  const choice = request['tool_choice']
  if (choice === 'none') return undefined
  if (choice === 'required') return namedIn(prompt, tools) ?? tools[0]
  const chosen = asObject(choice)
  const allowed = asObject(chosen?.['allowed_tools'])
  if (allowed) {
    const names = new Set(asArray(allowed['tools']).map((tool) => nameOf(asObject(tool))))
    const usable = tools.filter(({ name }) => names.has(name))
    return namedIn(prompt, usable) ?? (allowed['mode'] === 'required' ? usable[0] : undefined)
  }
  if (chosen) return tools.find(({ name }) => name === nameOf(chosen))
  return namedIn(prompt, tools)
}

function namedIn(prompt: string, tools: readonly SimulatedTool[]): SimulatedTool | undefined {
  return tools.find(({ name }) => name.length > 2 && prompt.includes(name))
}

function readTool(tool: JsonObject | undefined): SimulatedTool | undefined {
  const name = nameOf(tool)
  if (!tool || name === undefined) return undefined
  const kind = tool['type'] === 'custom' ? 'custom' : 'function'
  return { name, kind, parameters: asObject(asObject(tool['function'])?.['parameters']) ?? {} }
}

function nameOf(tool: JsonObject | undefined): string | undefined {
  return asString((asObject(tool?.['function']) ?? asObject(tool?.['custom']))?.['name'])
}
