/** What the door hands to the corridor, and what it gets back. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Caller, Credential, Permission } from '#core/domain/caller.ts'
import type { ChatQuestion, Dialect } from '#core/domain/chat.ts'
import type { ErrandAnswer, ErrandKind, ErrandOf } from '#core/domain/errand.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { RepeatMark } from '#core/domain/repeat-mark.ts'
import type { Priority } from '#core/domain/priority.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { RescuePolicy } from '#core/gateway/rescue-policy.ts'
import type { LimitState } from '#services/rate-limiter/rate-limiter.ts'

export interface Gateway {
  /** Who this is. Throws as AccessControl.authenticate does. */
  authenticate(credential: Credential, permission: Permission): Soon<Caller>
  /** One question's whole life. A failure before the first content is thrown here, with a status still to be chosen. */
  ask(caller: Caller, asked: Asked): Promise<Reply>
  /** One errand's whole life, through the same corridor. */
  run<Kind extends ErrandKind>(caller: Caller, asked: AskedErrand<Kind>): Promise<ErrandReply<Kind>>
}

/** The endpoints that ask a model, as rows and metrics name them. */
export type DoorName =
  | 'generate'
  | 'generate-stream'
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini-generate'
  | 'cohere-chat'
  | 'openai-embeddings'
  | 'openai-input-tokens'
  | 'openai-moderations'
  | 'anthropic-count-tokens'
  | 'gemini-embed'
  | 'gemini-count-tokens'
  | 'cohere-embed'
  | 'cohere-rerank'

/** What every request says of itself, whatever it asks for. */
export interface AskedAnything {
  readonly requestId: string
  readonly door: DoorName
  /** The dialect that the caller speaks, when it is a provider's. */
  readonly dialect: Dialect | undefined
  readonly modelAsked: string | undefined
  readonly fallbacks: readonly string[]
  readonly userId: string | undefined
  readonly taskType: string | undefined
  /** From 0 to 1: how good the answer must be, for routes that choose. */
  readonly quality: number | undefined
  readonly maxCostNanoUsd: NanoUsd | undefined
  readonly cacheWish: 'default' | 'off' | 'on'
  /** How long the caller is ready to wait in all; may only shorten the configured deadline. */
  readonly deadlineMs: number | undefined
  /** How long it is ready to wait for the answer to begin; a whole answer begins when it is there. */
  readonly beginMs?: number | undefined
  readonly tags: readonly string[]
  /** Set when the caller may send this again and wants it carried out once. */
  readonly mark?: RepeatMark | undefined
  /** As its key may use it. */
  readonly priority: Priority
  /** What is to become of a stream that breaks off; undefined leaves it to the route. */
  readonly rescueWish?: RescuePolicy | undefined
  /** When the request's head was read, by the monotonic clock. */
  readonly startedAtMs: number
  /** Aborted when the caller leaves. */
  readonly signal: LeaveSignal
}

export interface Asked extends AskedAnything {
  readonly question: ChatQuestion
}

export interface AskedErrand<Kind extends ErrandKind = ErrandKind> extends AskedAnything {
  readonly errand: ErrandOf<Kind>
}

export type Reply =
  | { readonly kind: 'whole'; readonly answer: ChatAnswer; readonly receipt: Receipt }
  | { readonly kind: 'stream'; readonly events: EventFlow; readonly receipt: Receipt }

export interface ErrandReply<Kind extends ErrandKind = ErrandKind> {
  readonly answer: ErrandAnswer<Kind>
  readonly receipt: Receipt
}

/**
 * A stream's events in batches, one batch for each piece that arrived. `next` throws a Problem when the answer
 * breaks off; `return` abandons it. Either way, and read or unread, the request is settled.
 */
export type EventFlow = AsyncIterableIterator<readonly ChatEvent[]>

/** What a request came to. Filled in as it goes; complete once the answer is, or the flow has ended. */
export interface Receipt {
  readonly requestId: string
  readonly provider: string
  readonly model: string
  readonly route: string
  readonly routeReason: string
  readonly isSimulated: boolean
  readonly cache: 'hit' | 'miss' | 'off'
  readonly attempts: number
  /** How often the answer broke off and went on from somebody else. */
  readonly rescues: number
  readonly usage: Usage
  readonly costNanoUsd: NanoUsd
  /** The same in the operator's currency, `0.0000138 EUR`; undefined where there is none. */
  readonly costInCurrency?: string | undefined
  readonly isEstimated: boolean
  readonly latencyMs: number
  readonly overheadMs: number
  /** Time spent waiting for a place at a target; part of the overhead. */
  readonly queuedMs: number
  readonly limits: LimitState | undefined
  readonly dropped: readonly string[]
  /** What budgets had done before they refuse: `lower_output_cap=512 cheaper_models`. */
  readonly degraded?: string | undefined
  /** The request whose answer this is, when it was sent again under its idempotency key; that one paid. */
  readonly repeatOf?: string | undefined
}
