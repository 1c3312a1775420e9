/** A simulated reply being read: its script's steps come when they are due, and every timer ends with it. */
import type { Clock } from '#core/domain/clock.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import type { SimulatedScript } from '#services/llm-adapters/simulated/simulated-script.ts'

export interface SimulatedPace {
  readonly firstTokenMs: number
  readonly tokensPerSecond: number
}

export interface SimulatedReplyTerms {
  readonly clock: Clock
  readonly pace: SimulatedPace
  readonly idleMs: number
  readonly totalMs: number
  readonly signal: LeaveSignal
}

/** What the corridor calls a ProviderReply. */
export interface SimulatedReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  next(withinMs?: number): Promise<Uint8Array | undefined>
  whole(): Promise<Uint8Array>
  cancel(): void
  drain(): void
}

export function createSimulatedReply(script: SimulatedScript, terms: SimulatedReplyTerms): SimulatedReply {
  const { clock, pace, signal } = terms
  const startedAtMs = clock.monotonicMs()
  let position = 0
  let isOver = false
  let stopWaiting: (() => void) | undefined

  const dueMs = (at: number) => {
    const { afterTokens = 0 } = script.steps[at] ?? {}
    return pace.firstTokenMs + (afterTokens / pace.tokensPerSecond) * 1_000
  }
  const elapsedMs = () => clock.monotonicMs() - startedAtMs
  /** Every step that is due by now, as one piece. */
  const take = (byMs: number): Uint8Array => {
    let text = ''
    while (position < script.steps.length && dueMs(position) <= byMs)
      text += script.steps[position++]?.text ?? ''
    return Buffer.from(text)
  }

  const next = async (withinMs?: number): Promise<Uint8Array | undefined> => {
    if (isOver || position >= script.steps.length) return undefined
    const due = dueMs(position)
    const waitMs = due - elapsedMs()
    if (waitMs <= 0) {
      if (signal.aborted) throw new Problem('caller_left')
      return take(elapsedMs())
    }
    const allowedMs = Math.min(withinMs ?? terms.idleMs, terms.totalMs - elapsedMs())
    await new Promise<void>((resolve, reject) => {
      stopWaiting = waitFor(Math.max(0, Math.min(waitMs, allowedMs)), signal, { resolve, reject })
    })
    if (waitMs > allowedMs) {
      isOver = true
      throw new Problem('provider_timeout')
    }
    // A timer may fire a little early by the monotonic clock; what it waited for is due all the same.
    return isOver ? undefined : take(Math.max(due, elapsedMs()))
  }

  return {
    status: script.status,
    headers: { 'content-type': script.contentType },
    next,
    async whole() {
      const pieces: Uint8Array[] = []
      for (let piece = await next(); piece !== undefined; piece = await next()) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    cancel() {
      isOver = true
      stopWaiting?.()
    },
    drain() {
      isOver = true
    },
  }
}

/** Resolves in time, or rejects with `caller_left` when the signal is aborted or the function given back is called. */
function waitFor(
  durationMs: number,
  signal: LeaveSignal,
  wait: { readonly resolve: () => void; readonly reject: (problem: Problem) => void },
): () => void {
  const leave = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
    wait.reject(new Problem('caller_left'))
  }
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', leave)
    wait.resolve()
  }, durationMs)
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  return leave
}
