/** Tools and the choice among them, as Gemini declares them. */
import type { ChatQuestion, Tool, ToolChoice } from '#core/domain/chat.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'

/**
 * All functions in one declaration, and each of Gemini's own tools as it was given.
 * Throws `unsupported_feature` for free-form tools and for tools that other providers run.
 */
export function encodeTools(tools: readonly Tool[]): readonly JsonObject[] {
  const functions: JsonObject[] = []
  const own: JsonObject[] = []
  for (const [position, tool] of tools.entries()) {
    switch (tool.kind) {
      case 'function':
        functions.push(declarationOf(tool))
        break
      case 'server':
        if (tool.origin !== 'gemini-generate') throw foreignTool(tool.name, position)
        own.push(tool.value)
        break
      case 'custom':
        throw new Problem('unsupported_feature', {
          detail: `Gemini has no tools with free-form input, as "${tool.name}" is.`,
          param: `tools[${position}]`,
        })
    }
  }
  return functions.length > 0 ? [{ functionDeclarations: functions }, ...own] : own
}

/** `parametersJsonSchema` takes whole JSON Schema, where `parameters` refuses much of it. */
function declarationOf(tool: Extract<Tool, { readonly kind: 'function' }>): JsonObject {
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(tool.parameters ? { parametersJsonSchema: tool.parameters } : {}),
  }
}

/** The members `toolConfig`, or nothing. */
export function encodeToolConfig({ toolChoice, tools = [] }: ChatQuestion): JsonObject {
  const config: Record<string, JsonValue> = {}
  const isStrict = tools.some((tool) => tool.kind === 'function' && tool.isStrict === true)
  const choice = toolChoice ?? (isStrict ? ({ mode: 'auto' } as const) : undefined)
  if (choice && tools.length > 0) config['functionCallingConfig'] = callingConfigOf(choice, isStrict)
  // Gemini refuses its own tools beside functions unless it may show what it did.
  const isMixed =
    tools.some((tool) => tool.kind === 'server') && tools.some((tool) => tool.kind === 'function')
  if (isMixed) config['includeServerSideToolInvocations'] = true
  return Object.keys(config).length > 0 ? { toolConfig: config } : {}
}

/** VALIDATED holds calls to their schema and leaves the model free to answer in words; ANY holds them too. */
function callingConfigOf(choice: ToolChoice, isStrict: boolean): JsonObject {
  switch (choice.mode) {
    case 'auto':
      return { mode: isStrict ? 'VALIDATED' : 'AUTO' }
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'named':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'allowed':
      // AUTO takes no list of names.
      return { mode: choice.isRequired ? 'ANY' : 'VALIDATED', allowedFunctionNames: choice.names }
  }
}

function foreignTool(name: string, position: number): Problem {
  return new Problem('unsupported_feature', {
    detail: `The tool "${name}" is run by another provider and does not exist at Gemini.`,
    param: `tools[${position}]`,
  })
}
