/** How many tokens a question may count as, before any provider has counted it. */
import type { ChatQuestion, MediaPart, Part } from '#core/domain/chat.ts'

/** Tokens that one media part is taken to be when nobody has measured it: above what providers document. */
export const mediaTokens = { image: 2_000, document: 3_000, audio: 2_000, video: 20_000 } as const
/** Base64 bytes of a document that hold about one page, which providers count as at most 3,000 tokens. */
const documentBytesPerPage = 20_000
/** Roles, separators and templates around each message. */
const tokensPerMessage = 16
/** A tokeniser makes at least one token of four characters of ordinary text, and rarely more than one of two. */
export const charactersPerToken = 4
export const charactersPerTokenAtLeast = 2

export interface TokenEstimate {
  /** What the question most likely counts as: for rate limits and routing. */
  readonly likely: number
  /** More than it will count as, short of adversarial text: for holding money. */
  readonly bound: number
}

/** An estimate from lengths alone: no tokeniser, no copy, a microsecond for a kilobyte. */
export function estimateInput(question: ChatQuestion): TokenEstimate {
  let characters = 0
  let media = 0
  const addPart = (part: Part) => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        characters += part.text.length
        break
      case 'tool_call':
        characters += part.name.length + part.argumentsText.length
        break
      case 'tool_result':
        for (const inner of part.parts) addPart(inner)
        break
      case 'server_tool':
      case 'opaque':
        characters += JSON.stringify(part.value).length
        break
      case 'document':
        media += documentTokens(part)
        break
      case 'image':
      case 'audio':
      case 'video':
        media += mediaTokens[part.type]
    }
  }
  for (const message of question.messages) for (const part of message.parts) addPart(part)
  if (question.tools && question.tools.length > 0) {
    characters += JSON.stringify(question.tools).length
    // Providers add a hidden prompt that explains the tools.
    media += 600
  }
  if (question.responseFormat?.type === 'json_schema')
    characters += JSON.stringify(question.responseFormat.schema).length
  const fixed = media + tokensPerMessage * (question.messages.length + 1)
  return {
    likely: fixed + Math.ceil(characters / charactersPerToken),
    bound: fixed + Math.ceil(characters / charactersPerTokenAtLeast),
  }
}

/** What templates usually add around a message and around a question. */
const usualTokensPerMessage = 4
const usualTokensPerQuestion = 3

/** The same without the reserve for templates that differ: for a caller who asks how long its question is. */
export function estimateCount(question: ChatQuestion): number {
  const { length } = question.messages
  const reserve = tokensPerMessage * (length + 1)
  return estimateInput(question).likely - reserve + usualTokensPerMessage * length + usualTokensPerQuestion
}

function documentTokens(part: MediaPart): number {
  if (part.source.kind === 'text') return Math.ceil(part.source.text.length / charactersPerTokenAtLeast)
  if (part.source.kind !== 'inline') return mediaTokens.document * 10
  return mediaTokens.document * Math.ceil(part.source.base64.length / documentBytesPerPage)
}
