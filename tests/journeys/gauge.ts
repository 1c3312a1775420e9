/** Loaded before a service that is measured: collects its rubbish and tells its memory to whoever asks over its line. */
import { setImmediate as turn } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'

process.on('message', () => void tellMemory())
// The line alone must keep nobody running.
process.channel?.unref()

async function tellMemory(): Promise<void> {
  // What the first collection sets free may end other things, which the next ones find.
  for (let round = 0; round < 4; round++) {
    await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' })
    await turn()
  }
  process.send?.({ memory: process.memoryUsage(), codeBytes: codeBytes() })
}

/** Machine code, bytecode and their tables have spaces of their own. */
function codeBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => /code|trusted/.test(name))
  return spaces.reduce((sum, { space_used_size: used }) => sum + used, 0)
}
