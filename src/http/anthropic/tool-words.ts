/** Tools of a request and the choice among them as the gateway's own. */
import type { Tool, ToolChoice } from '#core/domain/chat.ts'
import { asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { cacheHintOf } from '#http/anthropic/cache-schema.ts'
import type {
  MessageRequest,
  WireClientTool,
  WireTool,
  WireToolChoice,
} from '#http/anthropic/message-schema.ts'

const origin = 'anthropic-messages'

export function readTools({ tools, mcp_servers: servers }: MessageRequest): readonly Tool[] {
  const read = tools?.map(readTool) ?? []
  // A server of tools that Anthropic would call is a tool that no other model has.
  for (const value of servers ?? []) {
    read.push({ kind: 'server', name: `mcp:${asString(value['name']) ?? ''}`, origin, value })
  }
  return read
}

const isClientTool = (tool: WireTool): tool is WireClientTool =>
  tool.type === undefined || tool.type === null || tool.type === 'custom'

function readTool(tool: WireTool): Tool {
  if (!isClientTool(tool)) {
    const value = tool as unknown as JsonObject
    return { kind: 'server', name: tool.name ?? tool.type, origin, value }
  }
  const { type: _, name, description, input_schema: schema, strict, cache_control, ...others } = tool
  const cacheHint = cacheHintOf(cache_control)
  const hasOthers = Object.keys(others).length > 0
  return {
    kind: 'function',
    name,
    ...(description ? { description } : {}),
    parameters: schema as Readonly<Record<string, JsonValue>>,
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
    ...(cacheHint ? { cacheHint } : {}),
    ...(hasOthers ? { extras: others as JsonObject } : {}),
  }
}

export function readToolChoice(choice: WireToolChoice): ToolChoice {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { mode: choice.type }
    case 'any':
      return { mode: 'required' }
    case 'tool':
      return { mode: 'named', name: choice.name }
  }
}

/** Undefined when the caller did not say. */
export function allowsParallel(choice: WireToolChoice): boolean | undefined {
  if (choice.type === 'none' || typeof choice.disable_parallel_tool_use !== 'boolean') return undefined
  return !choice.disable_parallel_tool_use
}
