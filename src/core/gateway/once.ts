/**
 * Once: a request that carries an idempotency key is carried out once. Whoever sends it again is given the same answer,
 * joins the stream that is running, or is told what became of it; only the first one's passage holds and pays.
 */
import type { AskedAnything, ErrandReply, EventFlow, Receipt, Reply } from '#core/gateway/asked.ts'
import type { Caller } from '#core/domain/caller.ts'
import { Problem } from '#core/domain/problem.ts'
import type { RepeatMark } from '#core/domain/repeat-mark.ts'
import { replay } from '#core/gateway/flow.ts'
import type { Passage } from '#core/gateway/passage.ts'
import { adoptReceipt, givenEarlier, joinedFlow, settleRepeat } from '#core/gateway/repeat.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { settleRefused } from '#core/gateway/settle.ts'
import { createSharedCall } from '#core/gateway/shared-call.ts'
import type { SharedCall } from '#core/gateway/shared-call.ts'
import { shareFlow } from '#core/gateway/shared-flow.ts'
import type { SharedFlow } from '#core/gateway/shared-flow.ts'
import type { HeldKey } from '#services/idempotency/key-book.ts'

type Given = Reply | ErrandReply

/** How one kind of request becomes a passage, and what its passage goes through. */
export interface Journey<Anything extends AskedAnything, Answer extends Given> {
  readonly caller: Caller
  open(asked: Anything): Passage<Anything>
  travel(passage: Passage<Anything>): Promise<Answer>
}

/** Every way out of a journey settles its passage. */
export type Once = <Anything extends AskedAnything, Answer extends Given>(
  asked: Anything,
  journey: Journey<Anything, Answer>,
) => Promise<Answer>

/** A call in progress at this instance, with what it gave as soon as that is there. */
interface Running {
  readonly call: SharedCall
  readonly mark: RepeatMark
  readonly given: Promise<Shared>
}

interface Shared {
  readonly given: Given
  /** The same stream for everybody. */
  readonly flow: SharedFlow | undefined
}

export function createOnce(rooms: Rooms): Once {
  const runningByName = new Map<string, Running>()
  const passMarked = async <Anything extends AskedAnything, Answer extends Given>(
    asked: Anything,
    mark: RepeatMark,
    journey: Journey<Anything, Answer>,
  ): Promise<Answer> => {
    const name = rooms.idempotency.nameOf(journey.caller, mark.key)
    const running = runningByName.get(name)
    const answer = running
      ? await repeat(rooms, journey.open(asked), running)
      : await begin(rooms, runningByName, { name, mark, asked, journey })
    // One key and one body are one route, and a route gives one kind of answer.
    return answer as Answer
  }
  return (asked, journey) =>
    asked.mark && rooms.idempotency.settings().isEnabled
      ? passMarked(asked, asked.mark, journey)
      : pass(rooms, asked, journey)
}

async function pass<Anything extends AskedAnything, Answer extends Given>(
  rooms: Rooms,
  asked: Anything,
  journey: Journey<Anything, Answer>,
): Promise<Answer> {
  const passage = journey.open(asked)
  try {
    return await journey.travel(passage)
  } catch (thrown) {
    throw settleRefused(rooms, passage, thrown)
  }
}

interface FirstCall<Anything extends AskedAnything> {
  readonly name: string
  readonly mark: RepeatMark
  readonly asked: Anything
  readonly journey: Journey<Anything, Given>
}

/** The first under its key at this instance: its call goes on for as long as anybody waits for the answer. */
async function begin<Anything extends AskedAnything>(
  rooms: Rooms,
  runningByName: Map<string, Running>,
  { name, mark, asked, journey }: FirstCall<Anything>,
): Promise<Given> {
  const call = createSharedCall({
    lingerMs: rooms.idempotency.settings().lingerMs,
    pause: (durationMs, signal) => rooms.pause(durationMs, signal),
    over: () => runningByName.delete(name),
  })
  const passage = journey.open({ ...asked, signal: call.signal })
  const given = carryOut(rooms, { name, mark, passage, journey, call })
  runningByName.set(name, { call, mark, given })
  const leave = call.enter(asked.signal)
  const { given: own, flow } = await call.outcomeFor(given, asked.signal)
  return flow ? { kind: 'stream', events: flow.open(asked.signal, leave), receipt: own.receipt } : own
}

interface Carrying<Anything extends AskedAnything> {
  readonly name: string
  readonly mark: RepeatMark
  readonly passage: Passage<Anything>
  readonly journey: Journey<Anything, Given>
  readonly call: SharedCall
}

async function carryOut<Anything extends AskedAnything>(
  rooms: Rooms,
  { name, mark, passage, journey, call }: Carrying<Anything>,
): Promise<Shared> {
  const { receipt, asked } = passage
  let held: HeldKey | undefined
  try {
    const { fingerprint } = mark
    const claim = await rooms.idempotency.claim({
      name,
      fingerprint,
      requestId: asked.requestId,
      signal: call.signal,
    })
    if (claim.kind === 'kept') return giveKept(rooms, passage, claim.given, call)
    held = claim.held
    const given = await journey.travel(passage)
    if ('kind' in given && given.kind === 'stream') {
      return { given, flow: shareStream(rooms, { held, call, receipt, events: given.events }) }
    }
    await conclude(rooms, held, { receipt, problem: undefined, given: () => given })
    call.end()
    return { given, flow: undefined }
  } catch (thrown) {
    const problem = settleRefused(rooms, passage, thrown)
    if (held) await conclude(rooms, held, { receipt, problem, given: undefined })
    call.end()
    throw problem
  }
}

function giveKept(rooms: Rooms, passage: Passage, kept: unknown, call: SharedCall): Shared {
  const given = givenEarlier(kept)
  settleRepeat(rooms, passage, given.receipt)
  call.end()
  const { receipt } = passage
  if (!('events' in given)) return { given: { ...given, receipt }, flow: undefined }
  // All who waited here together read it, each from its beginning.
  const open = () => replay(given.events)
  return { given: { kind: 'stream', events: open(), receipt }, flow: { open } }
}

interface StreamToShare {
  readonly held: HeldKey
  readonly call: SharedCall
  readonly receipt: Receipt
  readonly events: EventFlow
}

function shareStream(rooms: Rooms, { held, call, receipt, events }: StreamToShare): SharedFlow {
  return shareFlow(events, {
    call,
    bytesMax: rooms.idempotency.settings().streamBytesMax,
    async ended(problem, batches) {
      const given = batches && (() => ({ kind: 'stream', events: batches.flat(), receipt }))
      await conclude(rooms, held, { receipt, problem, given })
      call.end()
    },
  })
}

interface Conclusion {
  readonly receipt: Receipt
  readonly problem: Problem | undefined
  /** What may be given again. */
  readonly given: (() => unknown) | undefined
}

/** What cost nothing gives the key back, so that a repetition really asks; everything else is remembered. */
async function conclude(rooms: Rooms, held: HeldKey, { receipt, problem, given }: Conclusion): Promise<void> {
  if (problem && receipt.costNanoUsd === 0) return rooms.idempotency.release(held)
  const { requestId, provider, model, usage, costNanoUsd } = receipt
  const outcome = {
    requestId,
    provider,
    model,
    costNanoUsd,
    status: problem?.status ?? 200,
    problem: problem?.code ?? null,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
  }
  return rooms.idempotency.finish(held, outcome, problem ? undefined : given)
}

/** Somebody who sends again what is running here. */
async function repeat(rooms: Rooms, passage: Passage, { call, mark, given }: Running): Promise<Given> {
  const { asked } = passage
  const leave = call.enter(asked.signal)
  try {
    if (asked.mark?.fingerprint !== mark.fingerprint) throw new Problem('idempotency_key_reused')
    const { given: first, flow } = await call.outcomeFor(given, asked.signal)
    if (!flow) {
      settleRepeat(rooms, passage, first.receipt)
      return { ...first, receipt: passage.receipt }
    }
    adoptReceipt(passage.receipt, first.receipt)
    return {
      kind: 'stream',
      events: joinedFlow(rooms, passage, { flow, first: first.receipt, leave }),
      receipt: passage.receipt,
    }
  } catch (thrown) {
    leave()
    throw settleRefused(rooms, passage, thrown)
  }
}
