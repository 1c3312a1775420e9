/** A question as a call of Cohere's Chat API, version 2: `POST /chat` below the provider's base address. */
import type { ChatQuestion, NativeRequest, Tool, ToolChoice } from '#core/domain/chat.ts'
import { asNumber } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { Problem } from '#core/domain/problem.ts'
import { isHeldToOneTool } from '#core/domain/question-features.ts'
import type { Target } from '#core/domain/target.ts'
import type { CallTerms, HttpCall } from '#services/llm-adapters/adapter.ts'
import { messagesOf } from '#services/llm-adapters/cohere/messages.ts'
import { budgetOfEffort } from '#services/llm-adapters/wire/effort.ts'

const stopSequencesMax = 5
const topKMax = 500

export function encodeCohere(question: ChatQuestion, target: Target, terms: CallTerms): HttpCall {
  const { native } = question
  const body =
    native?.dialect === 'cohere-chat'
      ? nativeBody(native, target, terms)
      : JSON.stringify(bodyOf(question, target, terms))
  return {
    path: '/chat',
    headers: {
      'content-type': 'application/json',
      accept: question.isStreamed ? 'text/event-stream' : 'application/json',
    },
    body,
    isStreamed: question.isStreamed,
    dropped: [],
  }
}

/** The caller's own text with two members changed; what it says beyond our words reaches the provider untouched. */
function nativeBody(native: NativeRequest, target: Target, terms: CallTerms): string {
  const wished = asNumber(native.body['max_tokens'])
  const cap = wished === undefined ? terms.maxOutputTokens : Math.min(wished, terms.maxOutputTokens)
  return spliceMembers(native, {
    model: native.body['model'] === target.model ? undefined : target.model,
    max_tokens: wished === cap ? undefined : cap,
  })
}

function bodyOf(question: ChatQuestion, target: Target, terms: CallTerms): JsonObject {
  refuseUnsayable(question)
  const tools = offeredTools(question)
  return {
    model: target.model,
    messages: messagesOf(question.messages),
    max_tokens: terms.maxOutputTokens,
    stream: question.isStreamed,
    ...toolFields(question, tools),
    ...formatField(question, tools),
    ...thinkingField(question, target, terms),
    ...samplingFields(question),
    ...(question.stopSequences?.length ? { stop_sequences: question.stopSequences } : {}),
    ...(question.logprobs ? { logprobs: true } : {}),
  }
}

/** Cohere knows REQUIRED and NONE; a named or narrowed choice is made by offering only those tools. */
function offeredTools(question: ChatQuestion): readonly Tool[] {
  const tools = question.tools ?? []
  const choice = question.toolChoice
  if (choice?.mode === 'named') return tools.filter((tool) => tool.name === choice.name)
  if (choice?.mode === 'allowed') return tools.filter((tool) => choice.names.includes(tool.name))
  return tools
}

function toolFields(question: ChatQuestion, tools: readonly Tool[]): JsonObject {
  const choice = wireChoice(question.toolChoice)
  if (tools.length === 0) {
    if (choice !== 'REQUIRED') return {}
    throw new Problem('missing_field', {
      detail: 'A tool call is demanded, but there is no tool to call.',
      mend: 'Send the tools, or leave the tool choice out.',
      param: 'tools',
    })
  }
  if (isHeldToOneTool(question)) {
    throw unsupported('be held to one tool call at a time', 'parallel_tool_calls')
  }
  // One word for all tools: those that did not ask are held to their schema too.
  const isStrict = tools.some((tool) => tool.kind === 'function' && tool.isStrict === true)
  return {
    tools: tools.map(wireTool),
    ...(isStrict ? { strict_tools: true } : {}),
    ...(choice === undefined ? {} : { tool_choice: choice }),
  }
}

function wireChoice(choice: ToolChoice | undefined): 'REQUIRED' | 'NONE' | undefined {
  switch (choice?.mode) {
    case 'none':
      return 'NONE'
    case 'required':
    case 'named':
      return 'REQUIRED'
    case 'allowed':
      return choice.isRequired ? 'REQUIRED' : undefined
    case 'auto':
    case undefined:
      return undefined
  }
}

function wireTool(tool: Tool): JsonObject {
  if (tool.kind !== 'function') {
    throw new Problem('unsupported_feature', {
      detail: `The tool ${JSON.stringify(tool.name)} is no function with JSON arguments; Cohere cannot offer it.`,
      mend: 'Leave the tool out, or choose a model of the provider that knows it.',
      param: 'tools',
    })
  }
  const description = tool.description === undefined ? {} : { description: tool.description }
  const parameters = tool.parameters ?? { type: 'object', properties: {} }
  return { type: 'function', function: { name: tool.name, ...description, parameters } }
}

function formatField(question: ChatQuestion, tools: readonly Tool[]): JsonObject {
  const wish = question.responseFormat
  if (wish === undefined || wish.type === 'text') return {}
  if (tools.length > 0) throw unsupported('be held to JSON while they have tools', 'response_format')
  const schema = wish.type === 'json_schema' ? { json_schema: wish.schema } : {}
  return { response_format: { type: 'json_object', ...schema } }
}

function thinkingField(question: ChatQuestion, target: Target, terms: CallTerms): JsonObject {
  const wish = question.reasoning
  if (!wish) return {}
  const isOff = wish.effort === 'none' || (wish.effort === undefined && wish.budgetTokens === 0)
  if (!target.card.abilities.has('reasoning')) return {}
  if (isOff) return { thinking: { type: 'disabled' } }
  const stated = wish.budgetTokens !== undefined && wish.budgetTokens > 0 ? wish.budgetTokens : undefined
  const asked = stated ?? (wish.effort === undefined ? undefined : budgetOfEffort[wish.effort])
  if (asked === undefined) return wish.isShown === false ? {} : { thinking: { type: 'enabled' } }
  // Thoughts count towards the output cap: a quarter of it is left for the answer.
  const token_budget = Math.max(1, Math.min(asked, Math.floor(terms.maxOutputTokens * 0.75)))
  return { thinking: { type: 'enabled', token_budget } }
}

/** `p` lies between 0.01 and 0.99, where 0.99 is as good as everything; `k` between 0 and 500. */
function samplingFields(question: ChatQuestion): JsonObject {
  const { temperature, topP, topK, seed } = question
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { p: Math.min(0.99, Math.max(0.01, topP)) }),
    ...(topK === undefined ? {} : { k: Math.min(topKMax, Math.max(0, topK)) }),
    ...(seed === undefined ? {} : { seed }),
    ...penalty('frequency_penalty', question.frequencyPenalty),
    ...penalty('presence_penalty', question.presencePenalty),
  }
}

function penalty(name: string, value: number | undefined): JsonObject {
  if (value === undefined) return {}
  if (value < 0 || value > 1) {
    throw new Problem('unsupported_feature', {
      detail: `Cohere takes penalties from 0 to 1, not ${value}.`,
      param: name,
    })
  }
  return { [name]: value }
}

/** What would change the shape of the answer is refused by name, never dropped. */
function refuseUnsayable(question: ChatQuestion): void {
  if ((question.answerCount ?? 1) > 1) throw unsupported('give more than one answer to a request', 'n')
  if ((question.logprobs?.top ?? 0) > 0) throw unsupported('tell alternative tokens', 'top_logprobs')
  if ((question.stopSequences?.length ?? 0) > stopSequencesMax) {
    throw unsupported(`take more than ${stopSequencesMax} stop sequences`, 'stop')
  }
  for (const modality of question.outputModalities ?? []) {
    if (modality !== 'text') throw unsupported(`produce ${modality}`, 'modalities')
  }
}

function unsupported(what: string, param: string): Problem {
  return new Problem('unsupported_feature', { detail: `Cohere models cannot ${what}.`, param })
}
