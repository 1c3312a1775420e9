/** A real Redis server for tests, on a free port of the loopback; undefined, with the reason, where none is installed. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, untilOpen } from './real-server.ts'

export interface RealRedis {
  readonly port: number
  readonly url: string
  /** Ends the process as a lost machine would, and keeps its files; nothing is saved on the way. */
  kill(): Promise<void>
  /** Starts it again on the same port and with the same files, after `kill`. */
  revive(...options: readonly string[]): Promise<void>
  /** Freezes the process: connections stay open and nobody answers. */
  freeze(): void
  thaw(): void
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

/** What to tell instead of running a test; undefined when a server can be started. */
export function whyNoRedis(): string | undefined {
  const found = spawnSync('redis-server', ['--version'])
  return found.status === 0 ? undefined : 'redis-server is not installed (apt-get install redis-server)'
}

interface Running {
  readonly server: ChildProcess
  readonly exited: Promise<unknown>
}

/** Throws when the server does not come up within ten seconds. */
export async function startRedis(...options: readonly string[]): Promise<RealRedis> {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-redis-'))
  const usual = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory]
  const unsaved = ['--save', '', '--appendonly', 'no']
  const launch = async (given: readonly string[]): Promise<Running> => {
    const server = spawn('redis-server', [...usual, ...unsaved, ...given], { stdio: 'ignore' })
    const exited = once(server, 'exit')
    await untilOpen(port)
    return { server, exited }
  }
  let running = await launch(options)
  const kill = async () => {
    running.server.kill('SIGKILL')
    await running.exited
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    async revive(...others) {
      running = await launch([...options, ...others])
    },
    freeze: () => void running.server.kill('SIGSTOP'),
    thaw: () => void running.server.kill('SIGCONT'),
    async stop() {
      await kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
