/** Serving: the house opened from its configuration, its door listening, and the way to close both gently. */
import { loadConfig } from '#config/load.ts'
import { keepConfig } from '#config/reload.ts'
import type { ReloadReport } from '#config/reload.ts'
import { systemSource } from '#config/system-source.ts'
import { openHouse } from '#composition/house.ts'
import { createLog, failureFields } from '#composition/log.ts'
import type { Log } from '#composition/log.ts'
import { listenProblem } from '#composition/refusal.ts'
import { systemChance, systemClock } from '#composition/weather.ts'
import { welcomeText } from '#composition/welcome.ts'

export interface Service {
  /** Refuses new requests, lets the running ones end, closes everything. */
  stop(): Promise<void>
  /** Reads the configuration again; a faulty one changes nothing. */
  reload(): void
}

/** Throws a Problem that says why it cannot be done. */
export async function serve(configFile: string | undefined): Promise<Service> {
  const source = systemSource(configFile)
  const config = loadConfig(source)
  const log = createLog(config.log.level)
  const house = await openHouse({ config, log, clock: systemClock, chance: systemChance })
  const { host, port } = config.server
  let address: string
  try {
    address = await house.listen(host, port)
  } catch (failure) {
    await house.close()
    throw listenProblem(failure, host, port)
  }
  const keeper = keepConfig({
    source,
    initial: config,
    check: (next) => house.check(next),
    report: (report) => tellReload(log, report),
  })
  keeper.subscribe((next) => {
    log.level = next.log.level
    house.apply(next)
  })
  process.stdout.write(welcomeText({ address, config, status: house.status() }))

  return {
    async stop() {
      log.info({ drainMs: config.server.drainMs }, 'stopping: running requests may end')
      keeper.close()
      await house.close()
      log.info({}, 'stopped')
    },
    reload: () => tellReload(log, keeper.reload()),
  }
}

function tellReload(log: Log, report: ReloadReport): void {
  if (report.kind === 'refused') {
    log.error(
      { code: report.problem.code },
      `the changed configuration was refused: ${report.problem.message}`,
    )
    return
  }
  if (report.kind === 'unchanged') return
  log.info({ waitingForRestart: report.waitingForRestart }, 'the changed configuration holds now')
  for (const problem of report.problems) log.error(failureFields(problem, 'reload'), problem.message)
}
