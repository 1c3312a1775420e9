/** A question as one target's tools and messages can hold it: names it takes, free text wrapped, media moved. */
import type { ChatMessage, ChatQuestion, Part, Tool, ToolCallPart, ToolChoice } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Target } from '#core/domain/target.ts'
import { withMovedMedia } from '#services/llm-adapters/fitting/moved-media.ts'
import { fittingRuleOf } from '#services/llm-adapters/fitting/fitting-rule.ts'
import type { FittingRule } from '#services/llm-adapters/fitting/fitting-rule.ts'
import { argumentsOfText, textArgument } from '#services/llm-adapters/fitting/tool-words.ts'
import type { ToolWords } from '#services/llm-adapters/fitting/tool-words.ts'
import { plainName } from '#services/llm-adapters/wire/tool-ids.ts'

export interface FittedQuestion {
  readonly question: ChatQuestion
  /** How to read the answer; undefined when every tool goes by its own name and form. */
  readonly toolWords: ToolWords | undefined
}

/** The same question object when there is nothing to fit. */
export function fitQuestion(question: ChatQuestion, target: Target): FittedQuestion {
  const rule = fittingRuleOf(target)
  const moved = withMovedMedia(question, rule)
  const words = createWords(rule)
  const tools = moved.tools?.map((tool) => fitTool(tool, words))
  const messages = moved.messages.map((message) => fitMessage(message, words))
  const isChanged = words.isUsed() || moved !== question
  if (!isChanged) return { question: fitForm(question, rule), toolWords: undefined }
  const { toolChoice: choice } = moved
  const fitted: ChatQuestion = {
    ...moved,
    messages,
    ...(tools ? { tools } : {}),
    ...(choice ? { toolChoice: fitChoice(choice, words) } : {}),
  }
  return { question: fitForm(fitted, rule), toolWords: words.isUsed() ? words.toolWords : undefined }
}

interface Words {
  readonly toolWords: ToolWords
  /** The name that the target takes; noted when it is another than the caller's. */
  sent(name: string): string
  /** Notes that this tool of free text travels as a function. */
  wrap(name: string): void
  readonly rule: FittingRule
  isUsed(): boolean
}

function createWords(rule: FittingRule): Words {
  const ownNames = new Map<string, string>()
  const textTools = new Set<string>()
  return {
    toolWords: { ownNames, textTools },
    rule,
    sent(name) {
      if (rule.toolName.test(name)) return name
      const fitted = plainName(name, rule.toolNameLength)
      ownNames.set(fitted, name)
      return fitted
    },
    wrap: (name) => void textTools.add(name),
    isUsed: () => ownNames.size > 0 || textTools.size > 0,
  }
}

/** What a model should put into the one argument. */
const textArguments = {
  type: 'object',
  properties: {
    [textArgument]: { type: 'string', description: 'The whole input of the tool, as plain text.' },
  },
  required: [textArgument],
  additionalProperties: false,
} as const satisfies JsonObject

function fitTool(tool: Tool, words: Words): Tool {
  if (tool.kind === 'server') return tool
  if (tool.kind === 'custom' && words.rule.takesFunctionsOnly) {
    words.wrap(tool.name)
    const { description } = tool
    return {
      kind: 'function',
      name: words.sent(tool.name),
      parameters: textArguments,
      ...(description === undefined ? {} : { description }),
    }
  }
  const name = words.sent(tool.name)
  return name === tool.name ? tool : { ...tool, name }
}

function fitChoice(choice: ToolChoice, words: Words): ToolChoice {
  if (choice.mode === 'named') return { ...choice, name: words.sent(choice.name) }
  return choice.mode === 'allowed'
    ? { ...choice, names: choice.names.map((name) => words.sent(name)) }
    : choice
}

function fitMessage(message: ChatMessage, words: Words): ChatMessage {
  const parts = message.parts.map((part) => fitPart(part, words))
  return parts.every((part, at) => part === message.parts[at]) ? message : { ...message, parts }
}

function fitPart(part: Part, words: Words): Part {
  if (part.type === 'tool_call') return fitCall(part, words)
  if (part.type !== 'tool_result' || part.name === undefined) return part
  const name = words.sent(part.name)
  return name === part.name ? part : { ...part, name }
}

function fitCall(call: ToolCallPart, words: Words): ToolCallPart {
  const name = words.sent(call.name)
  if (call.kind === 'custom' && words.rule.takesFunctionsOnly) {
    words.wrap(call.name)
    return { ...call, name, kind: 'function', argumentsText: argumentsOfText(call.argumentsText) }
  }
  return name === call.name ? call : { ...call, name }
}

/** The name of a schema says nothing to the model, but a wrong character in it is refused. */
function fitForm(question: ChatQuestion, rule: FittingRule): ChatQuestion {
  const form = question.responseFormat
  if (form?.type !== 'json_schema' || rule.schemaName.test(form.name)) return question
  return { ...question, responseFormat: { ...form, name: plainName(form.name, rule.schemaNameLength) } }
}
