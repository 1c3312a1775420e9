/** A whole answer as a message object. */
import type { ChatAnswer } from '#core/domain/answer.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { contentBlocks } from '#http/anthropic/answer-blocks.ts'
import { writeUsage } from '#http/anthropic/message-usage.ts'
import { stopWords } from '#http/anthropic/stop-reason.ts'

export interface MessageHead {
  readonly id: string
  /** What the caller asked to stop at. */
  readonly stopSequences: readonly string[]
  /** About how much was asked, for the start of a stream: most providers count only at the end. */
  readonly estimateInputTokens: () => number
}

/**
 * Bytes of a provider that speaks this API pass untouched; everything else is written from the words.
 * Throws `provider_error` for an answer that its model ended with an error: the API has no word for that.
 */
export function writeMessage(answer: ChatAnswer, receipt: Receipt, head: MessageHead): Uint8Array {
  if (answer.native?.dialect === 'anthropic-messages') return answer.native.bytes
  const choice = answer.choices[0]
  const parts = choice?.parts ?? []
  const stop = stopWords({
    finish: choice?.finish ?? { unified: 'other', raw: null },
    hasCalls: parts.some((part) => part.type === 'tool_call'),
    refusal: parts.map((part) => (part.type === 'refusal' ? part.text : '')).join(''),
    stopSequences: head.stopSequences,
  })
  const opening = openingMembers(head.id, answer.model || receipt.model)
  return Buffer.from(
    JSON.stringify({ ...opening, content: contentBlocks(parts), ...stop, usage: writeUsage(receipt.usage) }),
  )
}

/** What a message says before its content. */
export function openingMembers(id: string, model: string): JsonObject {
  return { id, type: 'message', role: 'assistant', model, container: null, diagnostics: null }
}
