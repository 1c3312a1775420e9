/** The conversation in Anthropic's form: instructions apart, then turns that alternate and pair calls with results. */
import type { ChatMessage, ChatQuestion } from '#core/domain/chat.ts'
import { asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { CacheMarks } from '#services/llm-adapters/anthropic/cache-marks.ts'
import { contentBlocks } from '#services/llm-adapters/anthropic/content-blocks.ts'
import type { TurnRole } from '#services/llm-adapters/anthropic/content-blocks.ts'

export interface Conversation {
  readonly system: JsonObject[]
  readonly turns: Turn[]
}

export interface Turn {
  readonly role: TurnRole
  content: JsonObject[]
}

/**
 * Leading instructions become `system`. Later ones follow the user's turn as `system` messages where the model
 * takes them there, and are tagged user text elsewhere: hoisting them would change what they apply to.
 * Throws `empty_prompt`, and `invalid_value` when calls and results do not pair up.
 */
export function conversationOf(
  question: ChatQuestion,
  marks: CacheMarks,
  takesLaterInstructions: boolean,
): Conversation {
  const system: JsonObject[] = []
  const turns = createTurns(takesLaterInstructions)
  let isLeading = true
  for (const message of question.messages) {
    const isInstruction = message.role === 'system' || message.role === 'developer'
    if (!isInstruction) isLeading = false
    const role = isInstruction ? 'system' : message.role === 'assistant' ? 'assistant' : 'user'
    const blocks = contentBlocks(message.parts, role, marks)
    if (isLeading) system.push(...blocks)
    else turns.add(role, blocks)
  }
  const finished = turns.finish()
  if (finished.length > 0) {
    checkPairs(finished)
    return { system, turns: finished }
  }
  // Instructions alone: Anthropic wants a turn to answer, and they are all there is.
  if (system.length > 0) return { system: [], turns: [{ role: 'user', content: system }] }
  throw new Problem('empty_prompt', { param: 'messages' })
}

interface Turns {
  add(role: TurnRole, blocks: JsonObject[]): void
  finish(): Turn[]
}

function createTurns(takesLaterInstructions: boolean): Turns {
  const turns: Turn[] = []
  let waiting: JsonObject[] = []

  const append = (role: TurnRole, blocks: JsonObject[]) => {
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...blocks)
    else turns.push({ role, content: blocks })
  }
  // An instruction may only stand right after a user's turn, and never between a call and its result.
  const releaseWaiting = () => {
    if (waiting.length === 0) return
    if (turns.at(-1)?.role === 'user') append('system', waiting)
    else append('user', waiting.map(taggedInstruction))
    waiting = []
  }

  return {
    add(role, blocks) {
      if (blocks.length === 0) return
      if (role !== 'system') {
        if (role === 'assistant') releaseWaiting()
        append(role, blocks)
      } else if (takesLaterInstructions) waiting.push(...blocks)
      else append('user', blocks.map(taggedInstruction))
    },
    finish() {
      releaseWaiting()
      for (const turn of turns) if (turn.role === 'user') turn.content = resultsFirst(turn.content)
      trimPrefill(turns.at(-1))
      return turns
    },
  }
}

function taggedInstruction(block: JsonObject): JsonObject {
  const text = asString(block['text'])
  return text === undefined ? block : { ...block, text: `<system>\n${text}\n</system>` }
}

/** Anthropic wants the results of tools before anything else in the turn. */
function resultsFirst(blocks: JsonObject[]): JsonObject[] {
  const results = blocks.filter((block) => block['type'] === 'tool_result')
  if (results.length === 0) return blocks
  return [...results, ...blocks.filter((block) => block['type'] !== 'tool_result')]
}

/** The beginning of an answer that the model is to continue must not end in white space. */
function trimPrefill(last: Turn | undefined): void {
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined
  const text = block?.['type'] === 'text' ? asString(block['text']) : undefined
  if (last && block && text !== undefined) {
    last.content[last.content.length - 1] = { ...block, text: text.trimEnd() }
  }
}

/** Every call must be answered in the turn after it, and every result must answer such a call. */
function checkPairs(turns: readonly Turn[]): void {
  let open = new Set<string>()
  for (const turn of turns) {
    const results = idsOf(turn, 'tool_result', 'tool_use_id')
    for (const id of results) {
      if (!open.delete(id)) {
        throw unpaired(
          `The tool result ${id} does not answer a call of the assistant message before it.`,
          'Send each tool result once, directly after the assistant message that made the call.',
        )
      }
    }
    if (open.size > 0 && turn.role !== 'system') throw unanswered(open)
    if (turn.role === 'assistant') open = new Set(idsOf(turn, 'tool_use', 'id'))
  }
  if (open.size > 0) throw unanswered(open)
}

function idsOf(turn: Turn, type: string, member: string): string[] {
  const ids: string[] = []
  for (const block of turn.content) {
    if (block['type'] === type) ids.push(asString(block[member]) ?? '')
  }
  return ids
}

function unanswered(open: ReadonlySet<string>): Problem {
  return unpaired(
    `The conversation has no result for the tool call ${[...open].join(', ')}.`,
    'Send a tool result for every call, directly after the assistant message that made it.',
  )
}

function unpaired(detail: string, mend: string): Problem {
  return new Problem('invalid_value', { detail, mend, param: 'messages' })
}

/** Whether any message holds a call of a function, so that its tool must be declared. */
export function callNames(messages: readonly ChatMessage[]): readonly string[] {
  const names = new Set<string>()
  for (const message of messages) {
    for (const part of message.parts) if (part.type === 'tool_call') names.add(part.name)
  }
  return [...names]
}
