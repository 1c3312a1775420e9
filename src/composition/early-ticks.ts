/**
 * Ticks at the very beginning. Node makes an object for each `process.nextTick`, of which every request costs several,
 * and V8 learns from the first ones how such objects are made. When few come while much else is being loaded it ends up
 * with a general way that takes several times as long, for as long as the process lives.
 */
const ticks = 3_000

const nothing = (): void => undefined

/** To be called before anything else is done; takes a few milliseconds. */
export function takeEarlyTicks(): void {
  for (let count = 0; count < ticks; count++) process.nextTick(nothing)
}
