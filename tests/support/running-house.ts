// A whole Signalbox in this process, on a free port, with its own data directory and the settings that a test wants.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHouse } from '#composition/house.ts'
import type { House } from '#composition/house.ts'
import { systemChance, systemClock } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import { loadConfig } from '#config/load.ts'
import { readTextFile } from '#config/system-source.ts'
import type { Clock } from '#core/domain/clock.ts'
import type { LoadReading } from '#services/load-control/shedding.ts'

export interface RunningHouse {
  /** `http://localhost:<port>` */
  readonly address: string
  readonly house: House
  readonly config: Config
  readonly dataDir: string
  /** Sentences of the log, for tests that look for what must not be in it. */
  readonly logLines: readonly string[]
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  close(): Promise<void>
}

export interface HouseWish {
  /** The admin configuration, as YAML text. */
  readonly yaml?: string
  readonly environment?: Readonly<Record<string, string>>
  /** A directory of an earlier house, kept at its end. */
  readonly dataDir?: string
  /** The system's own, unless a test has one that leaps. */
  readonly clock?: Clock
  /** The signs of load that the house reads; left out: it is always calm, however busy the machine. */
  readonly readLoad?: () => LoadReading
}

const configFile = 'settings-of-this-test.yaml'

export async function startHouse(wish: HouseWish = {}): Promise<RunningHouse> {
  const dataDir = wish.dataDir ?? mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  const loaded = loadConfig({
    file: configFile,
    environment: { HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, ...wish.environment },
    readFile: (path) => (path.endsWith(configFile) ? (wish.yaml ?? '{}') : readTextFile(path)),
  })
  // No balancer stands before a test.
  const leaveNoticeMs = loaded.server.leaveNoticeMs === 'auto' ? 0 : loaded.server.leaveNoticeMs
  const config: Config = { ...loaded, server: { ...loaded.server, leaveNoticeMs } }
  const logLines: string[] = []
  const write = (fields: object, sentence: string) =>
    void logLines.push(`${sentence} ${JSON.stringify(fields)}`)
  const log = { info: write, warn: write, error: write }
  const readLoad = wish.readLoad ?? (() => ({ loopDelayMs: 0, memoryShare: 0 }))
  const house = await openHouse({
    config,
    log,
    clock: wish.clock ?? systemClock,
    chance: systemChance,
    readLoad,
  })
  const address = await house.listen('127.0.0.1', 0)
  return {
    address,
    house,
    config,
    dataDir,
    logLines,
    post: (path, body, headers = {}) =>
      fetch(address + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => fetch(address + path, { headers }),
    async close() {
      await house.close()
      if (wish.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
