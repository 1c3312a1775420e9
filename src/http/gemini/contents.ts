/** `contents` and `systemInstruction` as messages. */
import type { ChatMessage, Part } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { readPart } from '#http/gemini/content-parts.ts'
import type { PartContext } from '#http/gemini/content-parts.ts'
import { createCallLedger } from '#http/gemini/function-calls.ts'
import { createModelTurn } from '#http/gemini/model-turn.ts'
import type { ModelTurn } from '#http/gemini/model-turn.ts'
import type { OwnMembers } from '#http/gemini/own-members.ts'
import { listMember, member, pathOf, textMember, wrongValue } from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'

const roles: ReadonlySet<string> = new Set(['user', 'model', 'function'])

interface Conversation {
  readonly messages: ChatMessage[]
  readonly context: PartContext
  /** The model's turn that is being read: a streamed one comes back as several contents. */
  turn: ModelTurn | undefined
}

/** Throws `missing_field`, `invalid_value`, `invalid_media`, `unsupported_media_type` with the member's path. */
export function readContents(body: Wire, own: OwnMembers): readonly ChatMessage[] {
  const contents = contentsIn(body)
  const context = { calls: createCallLedger(), own }
  const conversation: Conversation = { messages: [], context, turn: undefined }
  const instruction = readInstruction(body, context)
  if (instruction) conversation.messages.push(instruction)
  for (const content of contents) addContent(conversation, content)
  endTurn(conversation)
  return conversation.messages
}

/** A text alone stands for one content of the user. */
function contentsIn(body: Wire): readonly Wire[] {
  const value = member(body, 'contents')
  if (typeof value === 'string') return [contentOfText(value, 'contents')]
  const contents = listMember(body, 'contents')
  if (contents && contents.length > 0) return contents
  throw new Problem('missing_field', {
    param: 'contents',
    detail: contents ? 'contents is empty.' : 'contents is required.',
    mend: 'Send at least one content with a part.',
  })
}

const contentOfText = (text: string, path: string): Wire => ({ value: { parts: [{ text }] }, path })

function readInstruction(body: Wire, context: PartContext): ChatMessage | undefined {
  const value = member(body, 'systemInstruction')
  if (value === undefined) return undefined
  const path = pathOf(body, 'systemInstruction')
  const object = typeof value === 'string' ? { parts: [{ text: value }] } : asObject(value)
  if (!object) throw wrongValue(path, 'a content with parts')
  const content = { value: object, path }
  const parts = partsIn(content).flatMap((part) => readPart(part, context).part ?? [])
  return parts.length === 0 ? undefined : { role: 'system', parts }
}

/** A text alone stands for one part. */
function partsIn(content: Wire): readonly Wire[] {
  const value = member(content, 'parts')
  const path = pathOf(content, 'parts')
  if (typeof value === 'string') return [{ value: { text: value }, path }]
  if (Array.isArray(value) && value.some((part: JsonValue) => typeof part === 'string')) {
    return value.map((part: JsonValue, at) => partAt(part, `${path}[${at}]`))
  }
  return listMember(content, 'parts') ?? []
}

function partAt(part: JsonValue, path: string): Wire {
  const value = typeof part === 'string' ? { text: part } : asObject(part)
  if (!value) throw wrongValue(path, 'an object')
  return { value, path }
}

function addContent(conversation: Conversation, content: Wire): void {
  const role = textMember(content, 'role') || 'user'
  if (!roles.has(role)) {
    throw new Problem('invalid_value', {
      param: pathOf(content, 'role'),
      detail: `${pathOf(content, 'role')} is "${role.slice(0, 64)}"; valid roles are user and model.`,
      mend: 'Use user or model, and systemInstruction for instructions.',
    })
  }
  const parts = partsIn(content)
  if (role === 'model') {
    addModelContent(conversation, parts)
    return
  }
  if (parts.length === 0) throw emptyContent(content)
  endTurn(conversation)
  addUserContent(conversation, parts)
}

const emptyContent = (content: Wire) =>
  new Problem('missing_field', {
    param: pathOf(content, 'parts'),
    detail: `${pathOf(content, 'parts')} must have at least one part.`,
  })

function addModelContent(conversation: Conversation, parts: readonly Wire[]): void {
  if (!conversation.turn) {
    conversation.turn = createModelTurn()
    conversation.context.calls.beginTurn()
  }
  for (const part of parts) {
    if (member(part, 'functionResponse') !== undefined) throw misplaced(part, 'functionResponse', 'model')
    conversation.turn.add(readPart(part, conversation.context))
  }
}

/** Responses of functions come first: every provider wants them right after their calls. */
function addUserContent({ messages, context }: Conversation, wires: readonly Wire[]): void {
  const results: Part[] = []
  const words: Part[] = []
  for (const wire of wires) {
    if (member(wire, 'functionCall') !== undefined) throw misplaced(wire, 'functionCall', 'user')
    const { part } = readPart(wire, context)
    if (part) (part.type === 'tool_result' ? results : words).push(part)
  }
  if (results.length > 0) messages.push({ role: 'tool', parts: results })
  if (words.length > 0) messages.push({ role: 'user', parts: words })
}

const misplaced = (wire: Wire, name: string, role: string) =>
  new Problem('invalid_value', {
    param: pathOf(wire, name),
    detail: `${pathOf(wire, name)} stands in a content of the role ${role}.`,
    mend: 'Function calls belong to the role model, function responses to the role user.',
  })

function endTurn(conversation: Conversation): void {
  const parts = conversation.turn?.parts ?? []
  if (parts.length > 0) conversation.messages.push({ role: 'assistant', parts })
  conversation.turn = undefined
}
