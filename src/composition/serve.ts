/** Serving: the house opened from its configuration, its door listening, and the way to close both gently. */
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '#config/load.ts'
import { keepConfig } from '#config/reload.ts'
import type { ReloadReport } from '#config/reload.ts'
import { systemSource } from '#config/system-source.ts'
import { openHouse } from '#composition/house.ts'
import { leaveNoticeMs } from '#composition/leave-notice.ts'
import { watchOwnLoad } from '#composition/load-signals.ts'
import { openLogOutput } from '#composition/log-output.ts'
import { createLog, failureFields } from '#composition/log.ts'
import type { Log } from '#composition/log.ts'
import { listenProblem } from '#composition/refusal.ts'
import { systemChance, systemClock } from '#composition/weather.ts'
import { welcomeText } from '#composition/welcome.ts'
import { Problem } from '#core/domain/problem.ts'

export interface Service {
  /** Tells balancers, lets running requests end, writes and closes everything. Rejects when that cannot be done. */
  stop(): Promise<void>
  /** No more time: running requests are ended now, settled and written. */
  hurry(): void
  /** Reads the configuration again; a faulty one changes nothing. */
  reload(): void
}

/** Throws a Problem that says why it cannot be done. */
export async function serve(configFile: string | undefined): Promise<Service> {
  const source = systemSource(configFile)
  const config = loadConfig(source)
  const output = openLogOutput(config.log.waitingBytesMax)
  const log = createLog(config.log.level, output)
  const ownLoad = watchOwnLoad()
  const house = await openHouse({
    config,
    log,
    clock: systemClock,
    chance: systemChance,
    readLoad: ownLoad.read,
  })
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
  output.write(welcomeText({ address, config, status: house.status() }))

  const haste = new AbortController()
  const { drainMs } = config.server
  const noticeMs = leaveNoticeMs(config)
  return {
    async stop() {
      log.info({ noticeMs, drainMs }, 'stopping: running requests may end')
      keeper.close()
      const timer = setTimeout(() => haste.abort(), noticeMs + drainMs)
      try {
        await Promise.race([house.close(haste.signal), overdue(haste.signal)])
        log.info({}, 'stopped')
      } catch (failure) {
        log.error(failureFields(failure, 'stopping'), 'not everything could be written and closed')
        throw failure
      } finally {
        clearTimeout(timer)
        await output.settle(lastLinesMs)
      }
    },
    hurry: () => haste.abort(),
    reload: () => tellReload(log, keeper.reload()),
  }
}

/** How long ending the requests, writing and closing may take when there is no more time. */
const lastStepsMs = 10_000

/** How long a slow reader of the log has to take its last lines. */
const lastLinesMs = 1_000

/** Rejects when the last steps take too long: a store that hangs must not keep a process alive. */
async function overdue(noMoreTime: AbortSignal): Promise<never> {
  await new Promise((resolve) => {
    noMoreTime.addEventListener('abort', resolve, { once: true })
  })
  await sleep(lastStepsMs, undefined, { ref: false })
  throw new Problem('store_unavailable', { detail: 'Closing took too long and was given up.' })
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
