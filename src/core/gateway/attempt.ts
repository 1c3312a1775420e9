/** One attempt at a question: a target is asked once, and either begins to answer or fails with a Problem. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import { isContent } from '#core/domain/answer.ts'
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { DeadlinePhase, Deadlines } from '#core/domain/deadlines.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { approach, hasteOf, healthOutcome, sendCall } from '#core/gateway/approach.ts'
import type { Destination, Sending } from '#core/gateway/approach.ts'
import type { Asked } from '#core/gateway/asked.ts'
import { holdWords } from '#core/gateway/held-words.ts'
import type { WordHold } from '#core/gateway/held-words.ts'
import { keepPace, runsProviderTools } from '#core/gateway/pace.ts'
import type { Plan } from '#core/gateway/passage.ts'
import type { ProviderReply, Rooms } from '#core/gateway/rooms.ts'
import type { DecodeContext, HttpCall, LlmAdapter, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'
import type { TargetPass } from '#services/resilience/target-watch.ts'

/** A target that has been reached and is about to answer. Its pass must be closed and its reply read or cancelled. */
interface Connection {
  readonly target: Target
  readonly adapter: LlmAdapter
  readonly reply: ProviderReply
  readonly pass: TargetPass
  readonly deadlines: Deadlines
  readonly sentAtMs: number
  readonly attempt: number
  readonly reservation: Reservation | undefined
  readonly toolWords: HttpCall['toolWords']
  readonly question: ChatQuestion
}

/** Who answered, and what. */
export interface Answered<Answer = ChatAnswer> {
  readonly target: Target
  readonly answer: Answer
}

const usualTerms: StreamTerms = {}

/** A stream whose first content has come: from here on, a failure is visible to the caller. */
export interface BegunStream {
  readonly target: Target
  readonly reply: ProviderReply
  readonly decoder: StreamDecoder
  readonly pass: TargetPass
  /** The number of this attempt, from 1. */
  readonly attempt: number
  readonly sentAtMs: number
  /** The money as it is held for this attempt. */
  readonly reservation: Reservation | undefined
  readonly firstTokenMs: number
  /** What came before and with the first content, and as much more as was held back. */
  readonly firstEvents: readonly ChatEvent[]
  /** The body ended with the first events. */
  readonly hasEnded: boolean
  /** A piece of the body that is being waited for already. */
  readonly nextChunk: Promise<Uint8Array | undefined> | undefined
}

/** How an attempt at a stream departs from the usual. */
export interface StreamTerms {
  /** What is asked in place of the caller's own question. */
  readonly question?: ChatQuestion
  /** How long the first words are held back. */
  readonly hold?: WordHold | undefined
  /** Told once the question is on its way. */
  readonly sent?: () => void
}

/** Asks for a whole answer. Throws the Problem of whatever went wrong; the target's pass is closed either way. */
export async function attemptWhole(
  rooms: Rooms,
  plan: Plan<Asked>,
  destination: Destination,
): Promise<Answered> {
  const connection = await connect(rooms, plan, destination)
  const { target, adapter, reply, pass, sentAtMs } = connection
  try {
    const body = await reply.whole()
    const answer = adapter.decode(
      { status: reply.status, headers: reply.headers, body },
      contextOf(rooms, connection),
    )
    const tookMs = rooms.clock.monotonicMs() - sentAtMs
    plan.passage.upstreamMs += tookMs
    plan.passage.firstTokenMs = sentAtMs + tookMs - plan.passage.asked.startedAtMs
    pass.close('success', tookMs)
    return { target, answer }
  } catch (thrown) {
    throw abandon(connection, toProblem(thrown))
  }
}

/** Asks for a stream and reads until its first content. Throws as `attemptWhole` does, before anything was shown. */
export async function attemptStream(
  rooms: Rooms,
  plan: Plan<Asked>,
  destination: Destination,
  terms: StreamTerms = usualTerms,
): Promise<BegunStream> {
  const connection = await connect(rooms, plan, destination, terms)
  const { target, adapter, reply, pass, sentAtMs, deadlines, attempt, reservation } = connection
  try {
    const decoder = adapter.openStream(contextOf(rooms, connection))
    const firstEvents: ChatEvent[] = []
    let hasEnded = false
    while (!hasEnded && !decoder.isComplete && !firstEvents.some(isContent)) {
      const leftMs = sentAtMs + deadlines.firstTokenMs - rooms.clock.monotonicMs()
      if (leftMs <= 0) throw silence(deadlines)
      const chunk = await reply.next(leftMs)
      hasEnded = chunk === undefined
      firstEvents.push(...(chunk === undefined ? decoder.end() : decoder.push(chunk)))
      if (decoder.problem) throw decoder.problem
    }
    const tookMs = rooms.clock.monotonicMs() - sentAtMs
    pass.began(tookMs)
    plan.passage.upstreamMs += tookMs
    // Of an answer that another attempt goes on with, the first words came long ago.
    plan.passage.firstTokenMs ??= sentAtMs + tookMs - plan.passage.asked.startedAtMs
    const pace = runsProviderTools(plan.passage.asked.question) ? undefined : deadlines.pace
    const stream = pace ? keepPace({ reply, decoder }, rooms.clock, pace) : { reply, decoder }
    const reading = { ...stream, firstEvents, hasEnded, nextChunk: undefined }
    const held = terms.hold ? await holdWords(rooms, plan.passage, terms.hold, reading) : reading
    return { target, pass, sentAtMs, firstTokenMs: tookMs, attempt, reservation, ...held }
  } catch (thrown) {
    throw abandon(connection, toProblem(thrown))
  }
}

function silence({ isHurried }: Deadlines): Problem {
  const phase: DeadlinePhase = isHurried ? 'deadline' : 'first-token'
  return new Problem('provider_timeout', { detail: 'No content came in time.', facts: { phase } })
}

/** Reaches the target, with the hold fitted to it, up to a success status. */
function connect(
  rooms: Rooms,
  plan: Plan<Asked>,
  destination: Destination,
  asking: StreamTerms = usualTerms,
): Promise<Connection> {
  const { asked, receipt } = plan.passage
  const { question = asked.question } = asking
  const { target } = destination
  return approach(rooms, plan.passage, destination, async ({ pass, boarded, secret, outputTokensCap }) => {
    const adapter = rooms.adapters.for(target.provider.dialect)
    const terms = { maxOutputTokens: outputTokensCap, requestId: asked.requestId }
    const explain: Sending['explain'] = (refusal, at) => adapter.explain(refusal, at)
    const call = adapter.encode(question, boarded, terms)
    const deadlines = rooms.resilience.deadlinesFor(target, hasteOf(rooms, plan.passage))
    receipt.dropped = call.dropped
    const sentAtMs = rooms.clock.monotonicMs()
    // Counted once nothing stands between it and the provider: what no time is left for is no attempt.
    const attempt = ++receipt.attempts
    const sending = { call, secret, deadlines, signal: asked.signal, explain, sent: pass.sent }
    plan.passage.heldTokens = 0
    plan.passage.attempt = attempt
    if (!asked.signal.aborted) plan.passage.unanswered = target
    asking.sent?.()
    const reply = await sendCall(rooms, boarded, sending)
    const { reservation } = plan.passage
    const { toolWords } = call
    return { target, adapter, reply, pass, deadlines, sentAtMs, attempt, reservation, toolWords, question }
  })
}

function contextOf(rooms: Rooms, { target, toolWords, question }: Connection): DecodeContext {
  return {
    target,
    // Tools in other words were translated, so the answer's bytes are not the caller's.
    isNative: question.native?.dialect === target.provider.dialect && toolWords === undefined,
    toolWords,
    isUsageWanted: question.native?.isUsageWanted ?? false,
    mintId: () => rooms.chance.uniqueId(),
  }
}

function abandon(connection: Connection, problem: Problem): Problem {
  connection.reply.cancel()
  connection.pass.close(healthOutcome(problem))
  return problem
}
