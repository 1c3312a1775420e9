/** Tools and the choice among them as Anthropic writes them (Messages API reference, `tools`, `tool_choice`). */
import type { ChatQuestion, Tool, ToolChoice } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { CacheMarks } from '#services/llm-adapters/anthropic/cache-marks.ts'
import { callNames } from '#services/llm-adapters/anthropic/conversation.ts'

export interface ToolFields {
  readonly tools?: readonly JsonObject[] | undefined
  readonly toolChoice?: JsonObject | undefined
  /** The model must call a tool, which excludes thinking with a budget. */
  readonly isForced: boolean
}

/** Throws `unsupported_feature` for tools that Anthropic cannot offer, `missing_field` for a choice among none. */
export function toolFieldsOf(question: ChatQuestion, marks: CacheMarks): ToolFields {
  const choice = question.toolChoice
  const offered = offeredTools(question.tools ?? [], choice)
  if (offered.length === 0) return fieldsWithoutTools(question)

  const isForced = choice?.mode === 'required' || choice?.mode === 'named' || isRequiredAmong(choice)
  const isSerial = question.isParallelToolUseAllowed === false && choice?.mode !== 'none'
  const wire = choice === undefined ? undefined : wireChoice(choice)
  const toolChoice = isSerial ? { ...(wire ?? { type: 'auto' }), disable_parallel_tool_use: true } : wire
  return { tools: offered.map((tool) => wireTool(tool, marks)), toolChoice, isForced }
}

/** A narrowed choice is made by offering only those tools: Anthropic has no list of allowed names. */
function offeredTools(tools: readonly Tool[], choice: ToolChoice | undefined): readonly Tool[] {
  return choice?.mode === 'allowed' ? tools.filter((tool) => choice.names.includes(tool.name)) : tools
}

/** A history with calls needs their tools declared, even when none may be called any more. */
function fieldsWithoutTools(question: ChatQuestion): ToolFields {
  const mode = question.toolChoice?.mode
  if (mode === 'required' || mode === 'named' || isRequiredAmong(question.toolChoice)) {
    throw new Problem('missing_field', {
      detail: 'A tool call is demanded, but there is no tool to call.',
      mend: 'Send the tools, or leave the tool choice out.',
      param: 'tools',
    })
  }
  const names = callNames(question.messages)
  if (names.length === 0) return { isForced: false }
  const tools = names.map((name) => ({ name, input_schema: emptySchema }))
  return { tools, toolChoice: { type: 'none' }, isForced: false }
}

const isRequiredAmong = (choice: ToolChoice | undefined): boolean =>
  choice?.mode === 'allowed' && choice.isRequired

function wireChoice(choice: ToolChoice): JsonObject {
  switch (choice.mode) {
    case 'auto':
    case 'none':
      return { type: choice.mode }
    case 'required':
      return { type: 'any' }
    case 'named':
      return { type: 'tool', name: choice.name }
    case 'allowed':
      return { type: choice.isRequired ? 'any' : 'auto' }
  }
}

const emptySchema = { type: 'object', properties: {} } as const satisfies JsonObject

function wireTool(tool: Tool, marks: CacheMarks): JsonObject {
  switch (tool.kind) {
    case 'function':
      return marks.mark(
        {
          name: tool.name,
          ...(tool.description === undefined ? {} : { description: tool.description }),
          input_schema: objectSchema(tool.parameters),
          ...(tool.isStrict ? { strict: true } : {}),
        },
        tool.cacheHint,
      )
    case 'server':
      if (tool.origin === 'anthropic-messages') return tool.value
      throw unsupportedTool(tool.name, 'is run by another provider')
    case 'custom':
      throw unsupportedTool(tool.name, 'takes free text instead of JSON arguments')
  }
}

/** Anthropic refuses a schema that does not say `type: object`. */
function objectSchema(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return emptySchema
  return parameters['type'] === 'object' ? parameters : { ...parameters, type: 'object' }
}

function unsupportedTool(name: string, reason: string): Problem {
  return new Problem('unsupported_feature', {
    detail: `The tool ${JSON.stringify(name)} ${reason}; Anthropic cannot offer it.`,
    mend: 'Leave the tool out, or choose a model of the provider that knows it.',
    param: 'tools',
  })
}
