/** What the door knows about itself while it is open. */

export interface DoorState {
  /** Inference requests being answered now. */
  inFlight: number
  /** Balancers are told to look elsewhere; what still comes is answered and its connection then closed. */
  isLeaving: boolean
  /** New requests are refused; what has begun goes on to its end. */
  isClosed: boolean
}

export function createDoorState(): DoorState {
  return { inFlight: 0, isLeaving: false, isClosed: false }
}
