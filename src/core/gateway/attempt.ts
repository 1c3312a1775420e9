/** One attempt: a target is asked once, and either begins to answer or fails with a Problem. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import { isContent } from '#core/domain/answer.ts'
import type { Deadlines } from '#core/domain/deadlines.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import { targetName } from '#core/domain/target.ts'
import type { Target } from '#core/domain/target.ts'
import { budgetNeed } from '#core/gateway/plan.ts'
import type { Passage, Plan } from '#core/gateway/passage.ts'
import type { ProviderReply, Rooms } from '#core/gateway/rooms.ts'
import type {
  DecodeContext,
  HttpCall,
  LlmAdapter,
  StreamDecoder,
  WholeReply,
} from '#services/llm-adapters/adapter.ts'
import type { TargetPass } from '#services/resilience/resilience.ts'

/** A target that has been reached and is about to answer. Its pass must be closed and its reply read or cancelled. */
interface Connection {
  readonly target: Target
  readonly adapter: LlmAdapter
  readonly reply: ProviderReply
  readonly pass: TargetPass
  readonly deadlines: Deadlines
  readonly sentAtMs: number
  readonly toolWords: HttpCall['toolWords']
}

/** A stream whose first content has come: from here on, a failure is visible to the caller. */
export interface BegunStream {
  readonly target: Target
  readonly reply: ProviderReply
  readonly decoder: StreamDecoder
  readonly pass: TargetPass
  readonly firstTokenMs: number
  /** What came before and with the first content. */
  readonly firstEvents: readonly ChatEvent[]
  /** The body ended with the first events. */
  readonly hasEnded: boolean
}

/** Asks for a whole answer. Throws the Problem of whatever went wrong; the target's pass is closed either way. */
export async function attemptWhole(rooms: Rooms, plan: Plan, target: Target): Promise<ChatAnswer> {
  const connection = await connect(rooms, plan, target)
  const { adapter, reply, pass, sentAtMs } = connection
  try {
    const body = await reply.whole()
    const answer = adapter.decode(
      { status: reply.status, headers: reply.headers, body },
      contextOf(rooms, plan, connection),
    )
    const tookMs = rooms.clock.monotonicMs() - sentAtMs
    plan.passage.upstreamMs += tookMs
    plan.passage.firstTokenMs = sentAtMs + tookMs - plan.passage.asked.startedAtMs
    pass.close('success', tookMs)
    return answer
  } catch (thrown) {
    throw abandon(connection, toProblem(thrown))
  }
}

/** Asks for a stream and reads until its first content. Throws as `attemptWhole` does, before anything was shown. */
export async function attemptStream(rooms: Rooms, plan: Plan, target: Target): Promise<BegunStream> {
  const connection = await connect(rooms, plan, target)
  const { adapter, reply, pass, sentAtMs, deadlines } = connection
  try {
    const decoder = adapter.openStream(contextOf(rooms, plan, connection))
    const firstEvents: ChatEvent[] = []
    let hasEnded = false
    while (!hasEnded && !decoder.isComplete && !firstEvents.some(isContent)) {
      const leftMs = sentAtMs + deadlines.firstTokenMs - rooms.clock.monotonicMs()
      if (leftMs <= 0) throw new Problem('provider_timeout', { detail: 'No content came in time.' })
      const chunk = await reply.next(leftMs)
      hasEnded = chunk === undefined
      firstEvents.push(...(chunk === undefined ? decoder.end() : decoder.push(chunk)))
      if (decoder.problem) throw decoder.problem
    }
    const tookMs = rooms.clock.monotonicMs() - sentAtMs
    plan.passage.upstreamMs += tookMs
    plan.passage.firstTokenMs = sentAtMs + tookMs - plan.passage.asked.startedAtMs
    return { target, reply, decoder, pass, firstTokenMs: tookMs, firstEvents, hasEnded }
  } catch (thrown) {
    throw abandon(connection, toProblem(thrown))
  }
}

/** Reaches the target, with the hold fitted to it, up to a success status. */
async function connect(rooms: Rooms, plan: Plan, target: Target): Promise<Connection> {
  const { passage } = plan
  const pass = rooms.resilience.enter(targetName(target))
  try {
    const cap = await fitHold(rooms, passage, target)
    const { provider } = target
    const secret = await rooms.keyVault.secretFor(provider)
    const adapter = rooms.adapters.for(provider.dialect)
    const terms = { maxOutputTokens: cap, requestId: passage.asked.requestId }
    const call = adapter.encode(passage.asked.question, target, terms)
    passage.receipt.dropped = call.dropped
    passage.receipt.attempts++

    const sentAtMs = rooms.clock.monotonicMs()
    const { signal, startedAtMs, deadlineMs } = passage.asked
    const deadlines = rooms.resilience.deadlinesFor(target, sentAtMs - startedAtMs, deadlineMs)
    const reply = await rooms.transport.send(call, { provider, secret, deadlines, signal })
    if (reply.status < 200 || reply.status > 299) throw await explain(adapter, reply, target)
    return { target, adapter, reply, pass, deadlines, sentAtMs, toolWords: call.toolWords }
  } catch (thrown) {
    const problem = toProblem(thrown)
    pass.close(healthOutcome(problem))
    throw problem
  }
}

/** The output cap that the hold pays for at this target; another target than the first may need a larger hold. */
async function fitHold(rooms: Rooms, passage: Passage, target: Target): Promise<number> {
  const held = passage.reservation
  if (!held) throw new Problem('internal_error', { detail: 'a target was to be asked without a hold' })
  if (held.target !== target) {
    passage.reservation = await rooms.budgetManager.refit(held, budgetNeed(rooms, passage, target))
  }
  return (passage.reservation ?? held).outputTokensCap
}

async function explain(adapter: LlmAdapter, reply: ProviderReply, target: Target): Promise<Problem> {
  const body = await reply.whole()
  const refusal: WholeReply = { status: reply.status, headers: reply.headers, body }
  return adapter.explain(refusal, target)
}

function contextOf(rooms: Rooms, plan: Plan, { target, toolWords }: Connection): DecodeContext {
  const { asked } = plan.passage
  return {
    target,
    // Tools in other words were translated, so the answer's bytes are not the caller's.
    isNative: asked.question.native?.dialect === target.provider.dialect && toolWords === undefined,
    toolWords,
    isUsageWanted: asked.question.native?.isUsageWanted ?? false,
    mintId: () => rooms.chance.uniqueId(),
  }
}

function abandon(connection: Connection, problem: Problem): Problem {
  connection.reply.cancel()
  connection.pass.close(healthOutcome(problem))
  return problem
}

/** What a failure says about the target's health: nothing, when the fault is the caller's or ours. */
export function healthOutcome(problem: Problem): 'failure' | 'neutral' {
  return problem.kind.fault === 'provider' ? 'failure' : 'neutral'
}
