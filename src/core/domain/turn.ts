/** A turn of the event loop: what arrives in it is gathered and then handled together, one after the other. */

export interface Turn {
  /** Has `step` taken when the sockets of this turn have been read, in the order of joining. It must not throw. */
  readonly join: (step: () => void) => void
}

/**
 * Under load one turn reads many sockets. Handled at once, each request drags the code of its whole journey through the
 * processor's caches before the next one is parsed; gathered, all are parsed, then all travel. An idle loop waits for
 * nothing: the turn ends as soon as there is no more to read.
 */
export function createTurn(): Turn {
  let steps: (() => void)[] = []
  const end = () => {
    const gathered = steps
    steps = []
    for (const step of gathered) step()
  }
  return {
    join(step) {
      if (steps.push(step) === 1) setImmediate(end)
    },
  }
}
