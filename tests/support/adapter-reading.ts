/** Replies and streams of a provider, read by an adapter as the gateway reads them. */
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'
import type { DecodeContext, LlmAdapter, WholeReply } from '#services/llm-adapters/adapter.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

export interface ReadingWish {
  readonly adapter: LlmAdapter
  readonly quirks?: readonly ProviderQuirk[]
  readonly isNative?: boolean
  readonly isUsageWanted?: boolean
}

export interface StreamOutcome {
  readonly events: readonly ChatEvent[]
  readonly answer: ChatAnswer
  readonly problem: Problem | undefined
  readonly isComplete: boolean
  /** The bytes handed on, as text. */
  readonly passed: string
}

export function contextFor(wish: ReadingWish): DecodeContext {
  let minted = 0
  return {
    target: recordedTarget({ dialect: wish.adapter.dialect, quirks: wish.quirks ?? [] }),
    isNative: wish.isNative ?? false,
    isUsageWanted: wish.isUsageWanted ?? true,
    mintId: () => `minted-${(minted += 1)}`,
  }
}

export function replyOf(body: unknown, status = 200): WholeReply {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers: {}, body: new TextEncoder().encode(text) }
}

export function readWhole(wish: ReadingWish, body: unknown): ChatAnswer {
  return wish.adapter.decode(replyOf(body), contextFor(wish))
}

/** The stream in the given chunks, each as text. */
export function readStream(wish: ReadingWish, ...chunks: readonly string[]): StreamOutcome {
  const decoder = wish.adapter.openStream(contextFor(wish))
  const encoder = new TextEncoder()
  const events = chunks.flatMap((chunk) => [...decoder.push(encoder.encode(chunk))])
  events.push(...decoder.end())
  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  const passed = events.flatMap((event) => (event.type === 'native' ? [event.bytes] : []))
  return {
    events,
    answer: builder.build(),
    problem: decoder.problem,
    isComplete: decoder.isComplete,
    passed: Buffer.concat(passed).toString('utf8'),
  }
}

/** Frames of data alone. */
export function framesOf(...values: readonly unknown[]): string {
  return values
    .map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
    .join('')
}
