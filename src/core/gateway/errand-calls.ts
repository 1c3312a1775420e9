/** The calls of one errand, a few side by side. */
import type { HttpCall, WholeReply } from '#services/llm-adapters/adapter.ts'

export interface CallSending {
  /** Sends one call and reads its reply. Throws a Problem, also for a refusal. */
  readonly send: (call: HttpCall) => Promise<WholeReply>
  /** Called after each reply. */
  readonly note: () => void
}

const callsAtOnceMax = 4

/**
 * Fills in the replies that are missing, in the order of their calls. Throws the first failure once nothing runs any
 * more: no call is begun after it, and those that run already may end, because they are paid for.
 */
export async function sendMissing(
  calls: readonly HttpCall[],
  replies: Array<WholeReply | undefined>,
  { send, note }: CallSending,
): Promise<readonly WholeReply[]> {
  const missing = calls.flatMap((call, position) => (replies[position] ? [] : [{ call, position }]))
  const failures: unknown[] = []
  let next = 0
  const work = async () => {
    for (let turn = missing[next++]; turn && failures.length === 0; turn = missing[next++]) {
      try {
        replies[turn.position] = await send(turn.call)
        note()
      } catch (thrown) {
        failures.push(thrown)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(callsAtOnceMax, missing.length) }, work))
  if (failures.length > 0) throw failures[0]
  return replies as readonly WholeReply[]
}
