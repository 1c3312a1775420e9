/** The pass of a target: a place among what it answers at once and the way through its breaker, given back together. */
import type { Soon } from '#core/domain/soon.ts'
import { targetName } from '#core/domain/target.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import type { Destination } from '#core/gateway/approach.ts'
import type { Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { Slot } from '#services/load-control/target-gate.ts'
import type { TargetPass } from '#services/resilience/target-watch.ts'

/**
 * Waits for a place where the target has enough to do. Throws `target_busy`, `deadline_exceeded`, `caller_left`,
 * `circuit_open`, holding nothing then.
 */
export function openPass(
  rooms: Rooms,
  passage: Passage,
  { target, tried, mayMoveOn }: Destination,
): Soon<TargetPass> {
  const { asked, caller, receipt, workload } = passage
  const { priority, signal, deadlineMs, startedAtMs } = asked
  const dueAtMs = deadlineMs === undefined ? undefined : startedAtMs + deadlineMs
  const wish = { tenantId: caller.tenantId, priority, dueAtMs, signal }
  const entering = rooms.loadControl.enter(targetName(target), wish)
  const enter = (slot: Slot): TargetPass => {
    receipt.queuedMs += slot.waitedMs
    try {
      const { isStreamed, estimate } = workload
      const terms = { isStreamed, tried, mayMoveOn, inputTokens: estimate.likely }
      return withSlot(rooms.resilience.enter(target, terms), slot)
    } catch (thrown) {
      slot.leave()
      throw thrown
    }
  }
  return entering instanceof Promise ? entering.then(enter) : enter(entering)
}

/** Failures that say that the target has too much to do. */
const crowdedCodes: ReadonlySet<ProblemCode> = new Set(['provider_rate_limited', 'provider_overloaded'])

function withSlot(pass: TargetPass, slot: Slot): TargetPass {
  return {
    row: pass.row,
    sent: (stop) => pass.sent(stop),
    keyReplaced: () => pass.keyReplaced(),
    began(firstTokenMs) {
      slot.answered(firstTokenMs)
      pass.began(firstTokenMs)
    },
    close(ending, tookMs) {
      if (ending === 'success') slot.answered(undefined)
      else if (typeof ending === 'object' && crowdedCodes.has(ending.code)) slot.refused()
      slot.leave()
      pass.close(ending, tookMs)
    },
  }
}
