/** Signalbox's beginning and end: reads the command, opens the house, hears signals, sets the exit code. */
import { runCommand } from '#cli/command.ts'
import { serve } from '#composition/serve.ts'
import { refusalText } from '#composition/refusal.ts'

/** A terminal, npm and a launcher may each pass on the same Ctrl-C; only a later one means "now". */
const impatientAfterMs = 1_000

async function main(words: readonly string[]): Promise<number> {
  const command = await runCommand(words)
  if (command.kind === 'done') return command.exitCode
  const service = await serve(command.configFile)
  return new Promise((resolve) => {
    let stoppingSince: number | undefined
    const stop = () => {
      const now = performance.now()
      if (stoppingSince === undefined) {
        stoppingSince = now
        service.stop().then(
          () => resolve(0),
          () => resolve(1),
        )
      } else if (now - stoppingSince > impatientAfterMs) resolve(130)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    process.on('SIGHUP', () => service.reload())
  })
}

try {
  process.exit(await main(process.argv.slice(2)))
} catch (failure) {
  process.stderr.write(`${refusalText(failure)}\n`)
  process.exit(1)
}
