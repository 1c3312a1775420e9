/** A repetition: what it is given is another request's answer, which that one pays for. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { zeroUsd } from '#core/domain/money.ts'
import { leavingProblem, toProblem } from '#core/domain/problem.ts'
import type { ErrandReply, EventFlow, Receipt, Reply } from '#core/gateway/asked.ts'
import type { Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { closeTimes, settleRefused } from '#core/gateway/settle.ts'
import type { SharedFlow } from '#core/gateway/shared-flow.ts'
import { rowOf, unpaid } from '#core/gateway/usage-row.ts'

/** What was kept of an answer: as it was given, a stream as all of its events. */
export type GivenEarlier =
  | Extract<Reply, { kind: 'whole' }>
  | ErrandReply
  | { readonly kind: 'stream'; readonly events: readonly ChatEvent[]; readonly receipt: Receipt }

/** Only what this program sealed itself can be opened, so it is what it was. */
export const givenEarlier = (kept: unknown): GivenEarlier => kept as GivenEarlier

/** Who answered the first, on the receipt of the one who repeats it; of a repetition, the one that it repeats itself. */
export function adoptReceipt(own: Passage['receipt'], first: Receipt): void {
  const { requestId } = own
  Object.assign(own, first, {
    requestId,
    repeatOf: first.repeatOf ?? first.requestId,
    attempts: 0,
    costNanoUsd: zeroUsd,
    limits: undefined,
  })
}

/** Ends a request that was given another's answer: nothing is held and nothing charged, and its row says so. */
export function settleRepeat(rooms: Rooms, passage: Passage, first: Receipt): void {
  if (passage.isClosed) return
  passage.isClosed = true
  const { receipt, asked } = passage
  adoptReceipt(receipt, first)
  // All of its time was spent waiting for the other one's provider.
  passage.upstreamMs = rooms.clock.monotonicMs() - asked.startedAtMs
  closeTimes(rooms, passage)
  rooms.analyticsCollector.record(
    rowOf(rooms, passage, {
      kind: 'cached',
      attempt: 0,
      status: 200,
      problem: undefined,
      finish: 'stop',
      priceVersion: null,
      latencyMs: receipt.latencyMs,
      used: unpaid(receipt),
    }),
  )
}

/** The shared stream for one who joined it: its own end, break or leaving settles its own request. */
export function joinedFlow(
  rooms: Rooms,
  passage: Passage,
  { flow, first, leave }: { readonly flow: SharedFlow; readonly first: Receipt; readonly leave: () => void },
): EventFlow {
  const { signal } = passage.asked
  const shared = flow.open(signal, leave)
  const refuse = (thrown: unknown) => settleRefused(rooms, passage, thrown)
  const left = () => void refuse(leavingProblem(signal))
  signal.addEventListener('abort', left, { once: true })
  const joined: EventFlow = {
    [Symbol.asyncIterator]: () => joined,
    async next() {
      try {
        const step = await shared.next()
        if (step.done === true && !signal.aborted) settleRepeat(rooms, passage, first)
        return step
      } catch (thrown) {
        throw refuse(toProblem(thrown))
      }
    },
    async return() {
      signal.removeEventListener('abort', left)
      left()
      return (await shared.return?.()) ?? { value: undefined, done: true }
    },
  }
  return joined
}
