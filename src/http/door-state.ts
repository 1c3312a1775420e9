/** What the door knows about itself while it is open. */
import { createCrowd } from '#core/domain/crowd.ts'
import type { Crowd } from '#core/domain/crowd.ts'
import type { Leaving } from '#core/domain/leave-signal.ts'

export interface DoorState {
  /** One for each inference request being answered now; aborting it with a Problem ends the request with that. */
  readonly attended: Crowd<Leaving>
  /** Balancers are told to look elsewhere; what still comes is answered and its connection then closed. */
  isLeaving: boolean
  /** The time for running requests is over: they were ended, and nothing more is answered. */
  isClosed: boolean
}

export function createDoorState(): DoorState {
  return { attended: createCrowd(), isLeaving: false, isClosed: false }
}
