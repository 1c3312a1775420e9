/** The parts of a message as Anthropic's content blocks (Messages API reference, `messages[].content`). */
import type { Carry, Part, TextPart, ToolCallPart, ToolResultPart } from '#core/domain/chat.ts'
import { asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { CacheMarks } from '#services/llm-adapters/anthropic/cache-marks.ts'
import { mediaBlock } from '#services/llm-adapters/anthropic/media-blocks.ts'
import { plainId } from '#services/llm-adapters/wire/tool-ids.ts'

/** The turns in which blocks stand; instructions hold text alone. */
export type TurnRole = 'user' | 'assistant' | 'system'

/**
 * The parts that the turn can hold. Left out: text without a visible character (a 400 at Anthropic), thinking
 * without Anthropic's signature, and items of other dialects. Throws for what has no form at all.
 */
export function contentBlocks(parts: readonly Part[], role: TurnRole, marks: CacheMarks): JsonObject[] {
  const blocks: JsonObject[] = []
  for (const part of parts) {
    const block = blockOf(part, role)
    if (block) blocks.push(marks.mark(block, part.cacheHint))
    // Thinking cannot be marked and keeps its place; a hint on something left out still uses up its turn.
    else if (part.cacheHint) marks.mark({}, part.cacheHint)
  }
  return blocks
}

function blockOf(part: Part, role: TurnRole): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return textBlock(part, role)
    case 'refusal':
      return isBlank(part.text) ? undefined : { type: 'text', text: part.text }
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      if (role !== 'user') throw misplaced(part.type, role)
      return mediaBlock(part)
    case 'reasoning':
      return role === 'assistant' ? thinkingBlock(part.text, part.carry) : undefined
    case 'tool_call':
      if (role !== 'assistant') throw misplaced('tool call', role)
      return callBlock(part)
    case 'tool_result':
      if (role !== 'user') throw misplaced('tool result', role)
      return resultBlock(part)
    case 'server_tool':
      return part.origin === 'anthropic-messages' ? part.value : undefined
    case 'opaque':
      return part.origin === 'anthropic-messages' ? asObject(part.value) : undefined
  }
}

function textBlock(part: TextPart, role: TurnRole): JsonObject | undefined {
  if (isBlank(part.text)) return undefined
  // Citations of the model's own answers go back to it; on a user's text they are refused.
  const citations =
    role === 'assistant'
      ? (part.citations ?? []).filter((one) => one.origin === 'anthropic-messages').map((one) => one.value)
      : []
  return { type: 'text', text: part.text, ...(citations.length > 0 ? { citations } : {}) }
}

/** Thinking goes back only with the token that Anthropic gave it; thinking of other models never does. */
function thinkingBlock(text: string, carries: readonly Carry[] | undefined): JsonObject | undefined {
  for (const carry of carries ?? []) {
    if (carry.origin !== 'anthropic-messages') continue
    if (carry.kind === 'signature') return { type: 'thinking', thinking: text, signature: carry.value }
    if (carry.kind === 'redacted') return { type: 'redacted_thinking', data: carry.value }
  }
  return undefined
}

function callBlock(part: ToolCallPart): JsonObject {
  const own = part.carry?.find((carry) => carry.origin === 'anthropic-messages' && carry.kind === 'item')
  return {
    type: 'tool_use',
    id: callIdFor(part.id),
    name: part.name,
    input: part.kind === 'custom' ? { input: part.argumentsText } : inputOf(part),
    ...own?.extras,
  }
}

function inputOf(part: ToolCallPart): JsonObject {
  const text = part.argumentsText.trim()
  if (text === '' || text === 'null') return {}
  const input = asObject(parseJson(text))
  if (!input) {
    throw new Problem('invalid_value', {
      detail: `The arguments of the tool call ${part.id} are not a JSON object.`,
      mend: 'Send back the arguments as the model wrote them, as the text of one JSON object.',
      param: 'messages',
    })
  }
  return input
}

function resultBlock(part: ToolResultPart): JsonObject {
  const blocks: JsonObject[] = []
  for (const inner of part.parts) {
    if (inner.type === 'tool_call' || inner.type === 'tool_result' || inner.type === 'reasoning') {
      throw misplaced(inner.type, 'tool result')
    }
    const block = blockOf(inner, 'user')
    if (block) blocks.push(block)
  }
  const [first] = blocks
  const isPlainText = blocks.length === 1 && first?.['type'] === 'text'
  return {
    type: 'tool_result',
    tool_use_id: callIdFor(part.callId),
    ...(blocks.length === 0 ? {} : { content: isPlainText ? first['text'] : blocks }),
    ...(part.isError ? { is_error: true } : {}),
  }
}

/** Anthropic's ids hold letters, digits, `_` and `-`; any other id gets one stand-in, the same wherever it appears. */
const callIdFor = (id: string): string => plainId(id, 128)

export function isBlank(text: string): boolean {
  return text.trim() === ''
}

function misplaced(what: string, where: string): Problem {
  return new Problem('unsupported_feature', {
    detail: `Anthropic models do not take a ${what} in a ${where} message.`,
    mend: 'Move it to where it belongs, or leave it out.',
    param: 'messages',
  })
}
