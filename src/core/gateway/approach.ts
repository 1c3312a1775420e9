/** The approach to a target: a place at it, its breaker, the money held for it and its key, before anything is sent. */
import type { Deadlines, Haste } from '#core/domain/deadlines.ts'
import { eitherSignal, Leaving } from '#core/domain/leave-signal.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Target } from '#core/domain/target.ts'
import type { Passage } from '#core/gateway/passage.ts'
import { holdMoney, takePlace } from '#core/gateway/admit.ts'
import type { ProviderReply, Rooms } from '#core/gateway/rooms.ts'
import { openPass } from '#core/gateway/target-pass.ts'
import type { HttpCall, WholeReply } from '#services/llm-adapters/adapter.ts'
import type { SendTerms } from '#services/llm-adapters/transport.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'
import type { PassEnding, TargetPass } from '#services/resilience/target-watch.ts'

/** What a target may be asked with. */
export interface Approached {
  /** Must be closed by whoever succeeds; a failure closes it here. */
  readonly pass: TargetPass
  /** The target on the track that was taken: at its address, with its key. */
  readonly boarded: Target
  readonly secret: SendTerms['secret']
  /** The output that the hold pays for, which is sent upstream as the cap. */
  readonly outputTokensCap: number
}

/** Where an attempt goes. */
export interface Destination {
  readonly target: Target
  /** The tracks that this request has asked already, which come last; the one taken is added. */
  readonly tried: string[]
  /** Whether another target of the request could answer now; undefined where nobody knows. */
  readonly mayMoveOn?: (() => boolean) | undefined
}

/** What the request's own time leaves for the next call. */
export function hasteOf(rooms: Rooms, { asked, workload, receipt }: Passage): Haste {
  return {
    elapsedMs: rooms.clock.monotonicMs() - asked.startedAtMs,
    deadlineMs: asked.deadlineMs,
    beginMs: asked.beginMs,
    isStreamed: workload.isStreamed,
    route: receipt.route,
  }
}

/** Lets `speak` ask the target. Throws the Problem of whatever went wrong, with the target's pass closed. */
export async function approach<T>(
  rooms: Rooms,
  passage: Passage,
  destination: Destination,
  speak: (approached: Approached) => Promise<T>,
): Promise<T> {
  const opening = openPass(rooms, passage, destination)
  const pass = opening instanceof Promise ? await opening : opening
  const { target } = destination
  let secret: string | undefined
  try {
    const fitting = fitHold(rooms, passage, target)
    const outputTokensCap = fitting instanceof Promise ? await fitting : fitting
    const unlocking = rooms.keyVault.secretFor(pass.row)
    secret = unlocking instanceof Promise ? await unlocking : unlocking
    const boarded = pass.row === target.provider ? target : { ...target, provider: pass.row }
    // The last look: from here on money may be spent, whatever becomes of this process.
    const dispatching = passage.reservation && rooms.budgetManager.dispatch(passage.reservation)
    if (dispatching instanceof Promise) await dispatching
    return await speak({ pass, boarded, secret, outputTokensCap })
  } catch (thrown) {
    const problem = toProblem(thrown)
    pass.close(healthOutcome(problem))
    if (problem.code !== 'provider_auth' || secret === undefined) throw problem
    throw await refusedKey(rooms, { pass, secret, problem, signal: passage.asked.signal })
  }
}

/** How long a request waits to hear whether its key was replaced; the reading goes on without it. */
const rereadMs = 2_000

interface Refusal {
  readonly pass: TargetPass
  readonly secret: string
  readonly problem: Problem
  readonly signal: LeaveSignal
}

/** A refused key may have been replaced a moment ago. It is spared while that is found out, and others are used. */
async function refusedKey(rooms: Rooms, refusal: Refusal): Promise<Problem> {
  const { pass, secret, problem, signal } = refusal
  const over = new Leaving()
  const tooLong = rooms.pause(rereadMs, eitherSignal(signal, over)).then(
    () => false,
    () => false,
  )
  const isReplaced = await Promise.race([rooms.keyVault.isReplaced(pass.row, secret), tooLong])
  over.abort()
  if (!isReplaced) return problem
  pass.keyReplaced()
  const { facts, ...details } = problem.details
  return new Problem(problem.code, { ...details, facts: { ...facts, keyReplaced: true } })
}

/** The output cap that the hold pays for at this target; another target than the first may need a larger hold. */
function fitHold(rooms: Rooms, passage: Passage, target: Target): Soon<number> {
  const held = passage.reservation
  if (!held) throw new Problem('internal_error', { detail: 'a target was to be asked without a hold' })
  return held.target === target ? held.outputTokensCap : moveHold(rooms, passage, target, held)
}

async function moveHold(rooms: Rooms, passage: Passage, target: Target, held: Reservation): Promise<number> {
  await takePlace(rooms, passage, target)
  await holdMoney(rooms, passage, target)
  return (passage.reservation ?? held).outputTokensCap
}

export interface Sending {
  readonly call: HttpCall
  readonly secret: SendTerms['secret']
  readonly deadlines: Deadlines
  readonly signal: LeaveSignal
  readonly explain: (reply: WholeReply, target: Target) => Problem
  /** Told how the call can be ended from outside, once it is on its way. */
  readonly sent?: SendTerms['sent']
}

/** A reply with a success status, which must be read or cancelled. Throws what a refusal means. */
export function sendCall(rooms: Rooms, target: Target, sending: Sending): Promise<ProviderReply> {
  const { call, secret, deadlines, signal, sent } = sending
  const { provider } = target
  const isSuccess = ({ status }: ProviderReply) => status >= 200 && status <= 299
  return rooms.transport
    .send(call, { provider, secret, deadlines, signal, sent })
    .then((reply) => (isSuccess(reply) ? reply : refused(reply, target, sending)))
}

async function refused(reply: ProviderReply, target: Target, { explain }: Sending): Promise<never> {
  const body = await reply.whole()
  throw explain({ status: reply.status, headers: reply.headers, body }, target)
}

/** What a failure says about the track: nothing, when the fault is the caller's; else its class decides. */
export function healthOutcome(problem: Problem): PassEnding {
  return problem.kind.fault === 'caller' ? 'neutral' : problem
}
