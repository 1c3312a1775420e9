/** Prompt-cache breakpoints: at most four reach the wire, and the last ones win. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'

/** Anthropic refuses a fifth breakpoint. */
const marksMax = 4

type CacheHint = { readonly ttl?: string | undefined } | undefined

export interface CacheMarks {
  /** The block with its breakpoint, when the hint asks for one and its turn has come. Call in wire order. */
  mark(block: JsonObject, hint: CacheHint): JsonObject
}

/**
 * Marks for one request. Of more than four hints the first are left out: a cached prefix is found again from a
 * later breakpoint, but not the other way round.
 */
export function createCacheMarks(question: ChatQuestion): CacheMarks {
  let toSkip = countHints(question) - marksMax
  return {
    mark(block, hint) {
      if (!hint) return block
      toSkip -= 1
      if (toSkip >= 0) return block
      const ttl = hint.ttl === '5m' || hint.ttl === '1h' ? { ttl: hint.ttl } : {}
      return { ...block, cache_control: { type: 'ephemeral', ...ttl } }
    },
  }
}

function countHints(question: ChatQuestion): number {
  let hints = 0
  for (const tool of question.tools ?? []) if (tool.kind === 'function' && tool.cacheHint) hints += 1
  for (const message of question.messages) for (const part of message.parts) if (part.cacheHint) hints += 1
  return hints
}
