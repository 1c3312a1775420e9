/** One attempt at an errand: a target runs all of it, in one call or in several, or fails with a Problem. */
import type { ErrandAnswer, ErrandKind } from '#core/domain/errand.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { approach, hasteOf, sendCall } from '#core/gateway/approach.ts'
import type { Destination, Sending } from '#core/gateway/approach.ts'
import type { AskedErrand } from '#core/gateway/asked.ts'
import { sendMissing } from '#core/gateway/errand-calls.ts'
import type { Plan } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { HttpCall, WholeReply } from '#services/llm-adapters/adapter.ts'

/** What each target has answered so far: a further attempt asks only for what is missing, for the rest is paid for. */
export type Progress = Map<Target, Array<WholeReply | undefined>>

export const createProgress = (): Progress => new Map()

/** Throws the Problem of whatever went wrong; the target's pass is closed either way. */
export function attemptErrand<Kind extends ErrandKind>(
  rooms: Rooms,
  plan: Plan<AskedErrand<Kind>>,
  destination: Destination,
  progress: Progress,
): Promise<ErrandAnswer<Kind>> {
  const { passage } = plan
  const { target } = destination
  const { asked, receipt } = passage
  const adapter = rooms.errandAdapters.for<Kind>(asked.errand.kind, target.provider)
  if (!adapter) throw new Problem('internal_error', { detail: 'a target was planned that cannot run this' })
  return approach(rooms, passage, destination, async ({ pass, boarded, secret, outputTokensCap }) => {
    const terms = { maxOutputTokens: outputTokensCap, requestId: asked.requestId }
    const calls = adapter.encode(asked.errand, boarded, terms)
    receipt.dropped = calls[0]?.dropped ?? []
    if (calls.length === 0) {
      // Answered here: that says nothing about the target's health.
      const answer = adapter.decode([], asked.errand, target)
      pass.close('neutral')
      return answer
    }
    receipt.attempts++
    const sentAtMs = rooms.clock.monotonicMs()
    const replies = repliesOf(progress, target, calls.length)
    const note = () => {
      const done = replies.filter((reply) => reply !== undefined).length
      passage.done = { target, share: done / calls.length }
    }
    const send = (call: HttpCall) => {
      // Later calls have what is left of the caller's time.
      const deadlines = rooms.resilience.deadlinesFor(target, hasteOf(rooms, passage))
      return readReply(rooms, boarded, {
        call,
        secret,
        deadlines,
        signal: asked.signal,
        explain: adapter.explain,
        // Several calls are one attempt; of the later ones it is known that somebody is there.
        sent: calls.length === 1 ? pass.sent : undefined,
      })
    }
    const whole = await sendMissing(calls, replies, { send, note })
    const answer = decoded(
      () => adapter.decode(whole, asked.errand, target),
      () => progress.delete(target),
    )
    const tookMs = rooms.clock.monotonicMs() - sentAtMs
    passage.upstreamMs += tookMs
    passage.firstTokenMs = sentAtMs + tookMs - asked.startedAtMs
    pass.close('success', tookMs)
    return answer
  })
}

/** Replies that make no sense are asked for again, all of them. */
function decoded<T>(decode: () => T, forget: () => void): T {
  try {
    return decode()
  } catch (thrown) {
    forget()
    throw thrown
  }
}

function repliesOf(progress: Progress, target: Target, count: number): Array<WholeReply | undefined> {
  const known = progress.get(target)
  if (known?.length === count) return known
  const fresh = Array.from<WholeReply | undefined>({ length: count })
  progress.set(target, fresh)
  return fresh
}

async function readReply(rooms: Rooms, target: Target, sending: Sending): Promise<WholeReply> {
  const reply = await sendCall(rooms, target, sending)
  try {
    return { status: reply.status, headers: reply.headers, body: await reply.whole() }
  } catch (thrown) {
    reply.cancel()
    throw thrown
  }
}
