/** How many tokens a question may count as, before any provider has counted it. */
import type { ChatQuestion, MediaPart, Part } from '#core/domain/chat.ts'
import { addText, likelyTokens, mostTokens, noText, textLengthOf } from '#core/domain/text-tokens.ts'

/** Tokens that one media part is taken to be when nobody has measured it: above what providers document. */
export const mediaTokens = { image: 2_000, document: 3_000, audio: 2_000, video: 20_000 } as const
/** Base64 bytes of a document that hold about one page, which providers count as at most 3,000 tokens. */
const documentBytesPerPage = 20_000
/** Roles, separators and templates around each message. */
const tokensPerMessage = 16

export interface TokenEstimate {
  /** What the question most likely counts as: for rate limits and routing. */
  readonly likely: number
  /** More than it will count as, short of adversarial text: for holding money. */
  readonly bound: number
}

/** An estimate from characters alone: no tokeniser, no copy, a few microseconds for a kilobyte. */
export function estimateInput(question: ChatQuestion): TokenEstimate {
  const length = noText()
  let media = 0
  const addPart = (part: Part) => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        addText(length, part.text)
        break
      case 'tool_call':
        addText(length, part.name)
        addText(length, part.argumentsText)
        break
      case 'tool_result':
        for (const inner of part.parts) addPart(inner)
        break
      case 'server_tool':
      case 'opaque':
        addText(length, JSON.stringify(part.value))
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
    addText(length, JSON.stringify(question.tools))
    // Providers add a hidden prompt that explains the tools.
    media += 600
  }
  if (question.responseFormat?.type === 'json_schema')
    addText(length, JSON.stringify(question.responseFormat.schema))
  const fixed = media + tokensPerMessage * (question.messages.length + 1)
  return {
    likely: fixed + Math.ceil(likelyTokens(length)),
    bound: fixed + Math.ceil(mostTokens(length)),
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
  if (part.source.kind === 'text') return Math.ceil(mostTokens(textLengthOf(part.source.text)))
  if (part.source.kind !== 'inline') return mediaTokens.document * 10
  return mediaTokens.document * Math.ceil(part.source.base64.length / documentBytesPerPage)
}
