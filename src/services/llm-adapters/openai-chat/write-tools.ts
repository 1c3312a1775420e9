/** Tools, and the choice among them, as a chat completion takes them. */
import type { ChatQuestion, Tool } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'
import { objectSchema } from '#services/llm-adapters/wire/object-schema.ts'

/** Nothing at all without tools: a choice among none is refused. Throws `unsupported_feature`. */
export function toolMembers(question: ChatQuestion, quirks: ReadonlySet<ProviderQuirk>): JsonObject {
  const tools = question.tools ?? []
  if (tools.length === 0) return {}
  const { toolChoice, isParallelToolUseAllowed } = question
  const offered = offeredTools(question, quirks)
  return {
    tools: offered.map(writeTool),
    ...(toolChoice ? { tool_choice: writeChoice(question, quirks) } : {}),
    ...(isParallelToolUseAllowed === undefined ? {} : { parallel_tool_calls: isParallelToolUseAllowed }),
  }
}

/** A choice of some tools is said by offering only these, which every server understands. */
function offeredTools(question: ChatQuestion, quirks: ReadonlySet<ProviderQuirk>): readonly Tool[] {
  const tools = question.tools ?? []
  const choice = question.toolChoice
  if (choice?.mode === 'allowed') return tools.filter((tool) => choice.names.includes(tool.name))
  if (choice?.mode === 'named' && quirks.has('no_named_tool_choice')) {
    return tools.filter((tool) => tool.name === choice.name)
  }
  return tools
}

function writeChoice(question: ChatQuestion, quirks: ReadonlySet<ProviderQuirk>): JsonObject | string {
  const choice = question.toolChoice
  switch (choice?.mode) {
    case 'named': {
      if (quirks.has('no_named_tool_choice')) return 'required'
      const tool = question.tools?.find((candidate) => candidate.name === choice.name)
      return tool?.kind === 'custom'
        ? { type: 'custom', custom: { name: choice.name } }
        : { type: 'function', function: { name: choice.name } }
    }
    case 'allowed':
      return choice.isRequired ? 'required' : 'auto'
    case 'auto':
    case 'none':
    case 'required':
      return choice.mode
    case undefined:
      return 'auto'
  }
}

function writeTool(tool: Tool): JsonObject {
  switch (tool.kind) {
    case 'function':
      return {
        type: 'function',
        function: {
          name: tool.name,
          ...(tool.description === undefined ? {} : { description: tool.description }),
          parameters: objectSchema(tool.parameters ?? {}),
          ...(tool.isStrict === undefined ? {} : { strict: tool.isStrict }),
        },
      }
    case 'custom':
      return {
        type: 'custom',
        custom: {
          name: tool.name,
          ...(tool.description === undefined ? {} : { description: tool.description }),
          ...(tool.format ? { format: nestedGrammar(tool.format) } : {}),
        },
      }
    case 'server':
      if (tool.origin === 'openai-chat') return tool.value
      throw new Problem('unsupported_feature', {
        detail: `The tool "${tool.name}" is run by another provider and cannot be offered to this one.`,
        param: 'tools',
      })
  }
}

/** Here a grammar is an object of its own; in Responses its members stand beside the type. */
function nestedGrammar(format: JsonObject): JsonObject {
  if (format['type'] !== 'grammar' || asObject(format['grammar'])) return format
  const { type, ...grammar } = format
  return { type, grammar }
}
