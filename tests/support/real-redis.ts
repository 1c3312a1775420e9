/** A real Redis server for tests, on a free port of the loopback; undefined, with the reason, where none is installed. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, untilOpen } from './real-server.ts'

export interface RealRedis {
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

/** What to tell instead of running a test; undefined when a server can be started. */
export function whyNoRedis(): string | undefined {
  const found = spawnSync('redis-server', ['--version'])
  return found.status === 0 ? undefined : 'redis-server is not installed (apt-get install redis-server)'
}

/** Throws when the server does not come up within ten seconds. */
export async function startRedis(...options: readonly string[]): Promise<RealRedis> {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-redis-'))
  const usual = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    directory,
  ]
  const server = spawn('redis-server', [...usual, ...options], { stdio: 'ignore' })
  const exited = once(server, 'exit')
  await untilOpen(port)
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill('SIGKILL')
      await exited
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
