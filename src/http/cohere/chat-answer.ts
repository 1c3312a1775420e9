/** A whole answer as a reply of Cohere's Chat API. */
import type { AnswerChoice, ChatAnswer } from '#core/domain/answer.ts'
import type { Carry, MediaPart, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { writeCarriedToken } from '#http/carried-token.ts'
import {
  argumentsText,
  finishWord,
  writeCitation,
  writeLogprobs,
  writeMedia,
  writeUsage,
} from '#http/cohere/answer-words.ts'

/** Bytes of Cohere itself pass untouched; everything else is written from the words. There is one answer, the first. */
export function writeChatAnswer(answer: ChatAnswer, receipt: Receipt, id: string): Uint8Array {
  if (answer.native?.dialect === 'cohere-chat') return answer.native.bytes
  const choice = answer.choices.find(({ index }) => index === 0) ?? answer.choices[0]
  const logprobs = choice?.logprobs ? writeLogprobs(choice.logprobs) : []
  return Buffer.from(
    JSON.stringify({
      id,
      finish_reason: choice ? finishOf(choice) : 'COMPLETE',
      message: writeMessage(choice?.parts ?? []),
      usage: writeUsage(receipt.usage),
      ...(logprobs.length > 0 ? { logprobs } : {}),
    }),
  )
}

const finishOf = ({ finish, parts }: AnswerChoice) =>
  finishWord(
    finish,
    parts.some(({ type }) => type === 'tool_call'),
  )

interface MessageDraft {
  readonly content: JsonObject[]
  readonly calls: JsonObject[]
  readonly citations: JsonObject[]
  readonly media: MediaPart[]
  plan: string
}

function writeMessage(parts: readonly Part[]): JsonObject {
  const draft: MessageDraft = { content: [], calls: [], citations: [], media: [], plan: '' }
  for (const part of parts) addPart(draft, part)
  const { content, calls, citations, plan } = draft
  // Applications read `content[0].text` of every answer that calls no tools.
  if (content.length === 0 && calls.length === 0) content.push({ type: 'text', text: '' })
  return {
    role: 'assistant',
    ...(content.length > 0 ? { content } : {}),
    ...(plan === '' ? {} : { tool_plan: plan }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(citations.length > 0 ? { citations } : {}),
    ...writeMedia(draft.media),
  }
}

function addPart(draft: MessageDraft, part: Part): void {
  switch (part.type) {
    case 'text':
      addCitations(draft, part)
      if (part.isToolPlan) draft.plan += part.text
      else draft.content.push({ type: 'text', text: part.text, ...carriedMember(part.carry) })
      return
    case 'refusal':
      draft.content.push({ type: 'text', text: part.text, is_refusal: true, ...carriedMember(part.carry) })
      return
    case 'reasoning':
      draft.content.push({ type: 'thinking', thinking: part.text, ...carriedMember(part.carry) })
      return
    case 'tool_call': {
      const called = { name: part.name, arguments: argumentsText(part.kind, part.argumentsText) }
      draft.calls.push({ id: part.id, type: 'function', function: called, ...carriedMember(part.carry) })
      return
    }
    case 'image':
    case 'audio':
      draft.media.push({ ...part, type: part.type })
      return
    // A provider's own tools, and items without a common form, have no place here; no tool of that kind can be asked for.
    case 'document':
    case 'video':
    case 'tool_result':
    case 'server_tool':
    case 'opaque':
  }
}

function addCitations(draft: MessageDraft, part: Extract<Part, { type: 'text' }>): void {
  const contentIndex = part.isToolPlan ? undefined : draft.content.length
  for (const citation of part.citations ?? []) {
    draft.citations.push(
      writeCitation(citation, { text: part.text, contentIndex, number: draft.citations.length }),
    )
  }
}

/** Thinking that its own provider wants back as text is that text already, and needs no token. */
export function carriedMember(carry: readonly Carry[] | undefined): JsonObject {
  const tokens = carry?.filter(({ kind }) => kind !== 'reasoning_content') ?? []
  return tokens.length > 0 ? { carried: writeCarriedToken(tokens) } : {}
}
