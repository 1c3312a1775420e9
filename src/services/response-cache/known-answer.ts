/** What the cache is asked and what it keeps. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { Usage } from '#core/domain/usage.ts'

export interface CacheRequest {
  readonly tenantId: string
  /** Whose answers these are, where the settings share none between users. */
  readonly userScope: string | undefined
  readonly modelAsked: string
  readonly door: string
  readonly wish: 'default' | 'off' | 'on'
  readonly question: ChatQuestion
}

/** An answer as it was given the first time: whole, or as the events of a stream. */
export interface KnownAnswer {
  readonly target: { readonly provider: string; readonly model: string }
  readonly isSimulated: boolean
  readonly usage: Usage
  /** One of the two. */
  readonly answer: ChatAnswer | undefined
  readonly events: readonly ChatEvent[] | undefined
}
