/** Waiting for something that must come true, without guessing how long it takes on this machine. */
import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 15
const patienceMs = 20_000

/** What the probe gives as soon as it does not throw. After the deadline its own last complaint is thrown. */
export async function eventually<T>(probe: () => T | Promise<T>, withinMs = patienceMs): Promise<T> {
  const dueAtMs = performance.now() + withinMs
  for (;;) {
    try {
      return await probe()
    } catch (complaint) {
      if (performance.now() > dueAtMs) throw complaint
    }
    await sleep(pollMs)
  }
}
