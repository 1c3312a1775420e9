/** Tools, and the choice among them, as a response takes them: flat, and strict unless told otherwise. */
import type { ChatQuestion, Tool } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { objectSchema } from '#services/llm-adapters/wire/object-schema.ts'

/** Throws `unsupported_feature` for tools that another provider runs. */
export function responseToolMembers(question: ChatQuestion): JsonObject {
  const tools = question.tools ?? []
  if (tools.length === 0) return {}
  const { isParallelToolUseAllowed } = question
  return {
    tools: tools.map(writeTool),
    ...(question.toolChoice ? { tool_choice: writeChoice(question) } : {}),
    ...(isParallelToolUseAllowed === undefined ? {} : { parallel_tool_calls: isParallelToolUseAllowed }),
  }
}

function writeTool(tool: Tool): JsonObject {
  switch (tool.kind) {
    case 'function':
      return {
        type: 'function',
        name: tool.name,
        ...(tool.description === undefined ? {} : { description: tool.description }),
        parameters: objectSchema(tool.parameters ?? {}),
        strict: tool.isStrict ?? false,
      }
    case 'custom':
      return {
        type: 'custom',
        name: tool.name,
        ...(tool.description === undefined ? {} : { description: tool.description }),
        ...(tool.format ? { format: flatGrammar(tool.format) } : {}),
      }
    case 'server':
      if (tool.origin === 'openai-responses') return tool.value
      throw new Problem('unsupported_feature', {
        detail: `The tool "${tool.name}" is run by another provider and cannot be offered to this one.`,
        param: 'tools',
      })
  }
}

function writeChoice(question: ChatQuestion): JsonObject | string {
  const choice = question.toolChoice
  const typeOf = (name: string) =>
    question.tools?.find((tool) => tool.name === name)?.kind === 'custom' ? 'custom' : 'function'
  switch (choice?.mode) {
    case 'named':
      return { type: typeOf(choice.name), name: choice.name }
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.isRequired ? 'required' : 'auto',
        tools: choice.names.map((name) => ({ type: typeOf(name), name })),
      }
    case 'auto':
    case 'none':
    case 'required':
      return choice.mode
    case undefined:
      return 'auto'
  }
}

/** In chat completions a grammar is an object of its own; here its members stand beside the type. */
function flatGrammar(format: JsonObject): JsonObject {
  const grammar = asObject(format['grammar'])
  return grammar ? { type: 'grammar', ...grammar } : format
}
