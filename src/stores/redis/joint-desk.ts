/**
 * Where the two steps of one request meet, one for its limits and one for its money, so that they go to the server as
 * one script. The step of the limits waits here for that of the money, and goes alone when none comes.
 */
import type { RunScript, ScriptCall } from '#stores/redis/script.ts'

/** A step of the limits that waits for company. */
export interface Offer {
  readonly call: ScriptCall
  resolve(answer: unknown): void
  reject(failure: unknown): void
  /** Sends it without company: the other step was not done. */
  goAlone(): void
}

export interface JointDesk {
  /** The answer to this step, whether it goes alone or not. Throws `store_unavailable`. */
  offer(requestId: string, call: ScriptCall): Promise<unknown>
  /** The step that waits for this request's other one; its answer is now owed by whoever claims it. */
  claim(requestId: string): Offer | undefined
}

/** `wait` calls back when nobody can come any more. */
export function createJointDesk(runAlone: RunScript, wait: (over: () => void) => void): JointDesk {
  const offers = new Map<string, Offer>()
  return {
    offer(requestId, call) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const goAlone = () => void runAlone(call).then(resolve, reject)
      const offer: Offer = { call, resolve, reject, goAlone }
      offers.get(requestId)?.goAlone()
      offers.set(requestId, offer)
      wait(() => {
        if (offers.get(requestId) !== offer) return
        offers.delete(requestId)
        goAlone()
      })
      return promise
    },
    claim(requestId) {
      const offer = offers.get(requestId)
      if (offer) offers.delete(requestId)
      return offer
    },
  }
}
