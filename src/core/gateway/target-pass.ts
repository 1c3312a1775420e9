/** The pass of a target: a place among what it answers at once and the way through its breaker, given back together. */
import type { Soon } from '#core/domain/soon.ts'
import { targetName } from '#core/domain/target.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import type { Destination } from '#core/gateway/approach.ts'
import type { Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { Slot } from '#services/load-control/target-gate.ts'
import type { PassEnding, TargetPass } from '#services/resilience/target-watch.ts'

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
      return new SlottedPass(rooms.resilience.enter(target, terms), slot)
    } catch (thrown) {
      slot.leave()
      throw thrown
    }
  }
  return entering instanceof Promise ? entering.then(enter) : enter(entering)
}

/** Failures that say that the target has too much to do. */
const crowdedCodes: ReadonlySet<ProblemCode> = new Set(['provider_rate_limited', 'provider_overloaded'])

/** A class, because each request has one and a function for each of its members costs more than what they do. */
class SlottedPass implements TargetPass {
  readonly row: TargetPass['row']
  readonly sent: TargetPass['sent']
  readonly #pass: TargetPass
  readonly #slot: Slot

  constructor(pass: TargetPass, slot: Slot) {
    this.row = pass.row
    this.sent = pass.sent
    this.#pass = pass
    this.#slot = slot
  }

  keyReplaced(): void {
    this.#pass.keyReplaced()
  }

  began(firstTokenMs: number): void {
    this.#slot.answered(firstTokenMs)
    this.#pass.began(firstTokenMs)
  }

  close(ending: PassEnding, tookMs?: number): void {
    if (ending === 'success') this.#slot.answered(undefined)
    else if (typeof ending === 'object' && crowdedCodes.has(ending.code)) this.#slot.refused()
    this.#slot.leave()
    this.#pass.close(ending, tookMs)
  }
}
