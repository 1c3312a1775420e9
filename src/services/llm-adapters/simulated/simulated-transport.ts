/** The simulated provider: a transport without a network, behind which nobody thinks. For trying everything without keys. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import type { HttpCall } from '#services/llm-adapters/adapter.ts'
import { errandScript } from '#services/llm-adapters/simulated/simulated-errands.ts'
import { createSimulatedReply } from '#services/llm-adapters/simulated/simulated-reply.ts'
import type { SimulatedPace, SimulatedReply } from '#services/llm-adapters/simulated/simulated-reply.ts'
import { refusalScript, scriptOf } from '#services/llm-adapters/simulated/simulated-script.ts'
import type { ReplyMarks, SimulatedScript } from '#services/llm-adapters/simulated/simulated-script.ts'
import { readWish } from '#services/llm-adapters/simulated/simulated-wish.ts'

/** The part of a transport's terms that simulation heeds. */
export interface SimulatedTerms {
  readonly deadlines: { readonly idleMs: number; readonly totalMs: number }
  readonly signal: LeaveSignal
}

export interface SimulatedTransport {
  send(call: HttpCall, terms: SimulatedTerms): Promise<SimulatedReply>
}

/** Answers every chat-completion call and every errand; `settings` is read for each, so that a reload changes the pace. */
export function createSimulatedTransport(ports: {
  readonly clock: Clock
  readonly chance: Chance
  readonly settings: () => SimulatedPace
}): SimulatedTransport {
  const { clock, chance, settings } = ports
  return {
    send({ path, body }, { deadlines, signal }) {
      if (signal.aborted) return Promise.reject(new Problem('caller_left'))
      const text = typeof body === 'string' ? body : Buffer.from(body).toString()
      const marks = { id: chance.uniqueId(), createdAtS: Math.floor(clock.nowMs() / 1_000) }
      const script = errandScript(path, text, marks) ?? chatScript(text, marks)
      const { idleMs, totalMs } = deadlines
      return Promise.resolve(
        createSimulatedReply(script, { clock, pace: settings(), idleMs, totalMs, signal }),
      )
    },
  }
}

function chatScript(text: string, marks: ReplyMarks): SimulatedScript {
  const wish = readWish(text)
  return wish ? scriptOf(wish, marks) : refusalScript()
}

/** One transport of two: calls to simulated providers never reach the network, all others never reach the simulation. */
export function createRoutedTransport<
  Terms extends SimulatedTerms & { readonly provider: ProviderRow },
  Reply,
>(
  real: { send(call: HttpCall, terms: Terms): Promise<Reply> },
  simulated: SimulatedTransport,
): { send(call: HttpCall, terms: Terms): Promise<Reply | SimulatedReply> } {
  return {
    send: (call, terms) =>
      terms.provider.isSimulated ? simulated.send(call, terms) : real.send(call, terms),
  }
}
