/** The pace of a stream: while its provider is waited for, content must go on coming at a minimum rate. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { Clock } from '#core/domain/clock.ts'
import type { DeadlinePhase, Pace } from '#core/domain/deadlines.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderReply } from '#core/gateway/rooms.ts'
import type { StreamDecoder } from '#services/llm-adapters/adapter.ts'

/** A stream on its way: its bytes, and who reads them. */
export interface Stream {
  readonly reply: ProviderReply
  readonly decoder: StreamDecoder
}

/** Whether the question has the provider run tools of its own, for which it falls silent as long as they take. */
export const runsProviderTools = ({ tools }: ChatQuestion): boolean =>
  tools?.some(({ kind }) => kind === 'server') ?? false

/**
 * The same stream under watch. Only the time spent waiting for the provider counts: a slow reader is no slow provider.
 * A window that brings less than the pace sets the decoder's problem, `provider_timeout`.
 */
export function keepPace({ reply, decoder }: Stream, clock: Clock, pace: Pace): Stream {
  const watch = new PaceWatch(clock, pace)
  return {
    reply: {
      status: reply.status,
      headers: reply.headers,
      next(withinMs) {
        watch.wait()
        return reply.next(withinMs)
      },
      whole: () => reply.whole(),
      cancel: () => reply.cancel(),
      drain: () => reply.drain(),
    },
    decoder: new PacedDecoder(decoder, watch),
  }
}

class PacedDecoder implements StreamDecoder {
  readonly #decoder: StreamDecoder
  readonly #watch: PaceWatch

  constructor(decoder: StreamDecoder, watch: PaceWatch) {
    this.#decoder = decoder
    this.#watch = watch
  }

  push(chunk: Uint8Array): readonly ChatEvent[] {
    const events = this.#decoder.push(chunk)
    this.#watch.note(events, this.#decoder.isComplete)
    return events
  }

  end(): readonly ChatEvent[] {
    return this.#decoder.end()
  }

  get problem(): Problem | undefined {
    return this.#decoder.problem ?? this.#watch.problem
  }

  get isComplete(): boolean {
    return this.#decoder.isComplete
  }
}

class PaceWatch {
  problem: Problem | undefined
  readonly #clock: Clock
  readonly #pace: Pace
  #waitingFromMs: number | undefined
  #waitedMs = 0
  #tokens = 0

  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock
    this.#pace = pace
  }

  wait(): void {
    this.#waitingFromMs = this.#clock.monotonicMs()
  }

  note(events: readonly ChatEvent[], isComplete: boolean): void {
    if (this.#waitingFromMs !== undefined) this.#waitedMs += this.#clock.monotonicMs() - this.#waitingFromMs
    this.#waitingFromMs = undefined
    for (const event of events) this.#tokens += tokensIn(event)
    const { tokensPerSecond, windowMs } = this.#pace
    if (this.#waitedMs < windowMs) return
    if (!isComplete && this.#tokens < (tokensPerSecond * windowMs) / 1_000)
      this.problem ??= tooSlow(this.#pace)
    this.#waitedMs = 0
    this.#tokens = 0
  }
}

const charactersPerToken = 4
/** A frame that is passed on as it came is mostly wrapping; too many tokens are counted rather than too few. */
const frameBytesPerToken = 16

/** About how many tokens; every piece of content is at least one. */
function tokensIn(event: ChatEvent): number {
  switch (event.type) {
    case 'native':
      return event.deltas === 0 ? 0 : Math.max(event.deltas, event.bytes.length / frameBytesPerToken)
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return Math.max(1, event.text.length / charactersPerToken)
    case 'tool-call-delta':
      return Math.max(1, event.argumentsText.length / charactersPerToken)
    case 'tool-call-start':
    case 'part':
    case 'media-delta':
      return 1
    default:
      return 0
  }
}

function tooSlow({ tokensPerSecond, windowMs }: Pace): Problem {
  const phase: DeadlinePhase = 'rate'
  const detail = `The provider wrote fewer than ${tokensPerSecond} tokens per second for ${windowMs} ms.`
  return new Problem('provider_timeout', { detail, facts: { phase } })
}
