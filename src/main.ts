/** Signalbox's beginning and end: reads the command, opens the house, hears signals, sets the exit code. */
import { runCommand } from '#cli/command.ts'
import { takeEarlyTicks } from '#composition/early-ticks.ts'
import { serve } from '#composition/serve.ts'
import type { Service } from '#composition/serve.ts'
import { refusalText } from '#composition/refusal.ts'

/**
 * A terminal, npm and a launcher may each pass on the same Ctrl-C; only a later one means "now", and only one after
 * that means "as it is".
 */
const impatientAfterMs = 1_000

/** The exit code of a program that was interrupted, as shells give it. */
const stoppedEarly = 130

async function main(words: readonly string[]): Promise<number> {
  const command = await runCommand(words)
  if (command.kind === 'done') return command.exitCode
  // Heard from the beginning: whoever reads the line that names the address may send one at once.
  let service: Service | undefined
  process.on('SIGHUP', () => service?.reload())
  const ending = new Promise<number>((resolve) => {
    let stoppingSince: number | undefined
    let isHurried = false
    const stop = () => {
      const now = performance.now()
      if (service === undefined) resolve(stoppedEarly)
      else if (stoppingSince === undefined) {
        stoppingSince = now
        service.stop().then(
          () => resolve(isHurried ? stoppedEarly : 0),
          () => resolve(1),
        )
      } else if (now - stoppingSince > impatientAfterMs) {
        if (isHurried) resolve(stoppedEarly)
        isHurried = true
        stoppingSince = now
        service.hurry()
      }
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
  const serving = serve(command.configFile).then((started) => {
    service = started
    return ending
  })
  return Promise.race([serving, ending])
}

await takeEarlyTicks()
try {
  process.exit(await main(process.argv.slice(2)))
} catch (failure) {
  process.stderr.write(`${refusalText(failure)}\n`)
  process.exit(1)
}
