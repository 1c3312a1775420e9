/**
 * Ticks at the very beginning. Node makes an object for each `process.nextTick`, of which every request costs several,
 * and V8 learns from the first ones how such objects are made. When few come while much else is being loaded it ends up
 * with a general way that takes several times as long, for as long as the process lives.
 */
const rounds = 60
/** Few at a time: of objects that wait long V8 learns to make all later ones as if they would stay. */
const ticksPerRound = 50

const nothing = (): void => undefined

/** To be awaited before anything else is done; takes a few milliseconds. */
export async function takeEarlyTicks(): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (let count = 0; count < ticksPerRound; count++) process.nextTick(nothing)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
