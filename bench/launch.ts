/** Starts a program on a core of its own, keeps what it says in a file, and stops it for certain. */
import { once } from 'node:events'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allowedCores } from './process-tree.ts'

export type Placement = { driverCore: number; targetCore: number } | undefined

export type Launched = {
  pid: number
  directory: string
  /** The last lines that the program wrote. */
  lastWords: () => string
  hasExited: () => boolean
  /** Ends the program (SIGTERM, after five seconds SIGKILL) and removes its directory. */
  stop: () => Promise<void>
}

const stopTimeoutMs = 5000
const running = new Set<ChildProcess>()

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** Moves this process to the first allowed core and says where targets go; undefined (and why) if that cannot be. */
export function placeDriver(): { placement: Placement; sentence: string } {
  const [driverCore, targetCore] = allowedCores()
  if (driverCore === undefined || targetCore === undefined) {
    return {
      placement: undefined,
      sentence: 'not pinned: fewer than two cores to choose from; figures are coarser',
    }
  }
  const moved = spawnSync('taskset', ['-a', '-p', '-c', String(driverCore), String(process.pid)])
  if (moved.status !== 0) {
    return {
      placement: undefined,
      sentence: 'not pinned: taskset is missing or refused; figures are coarser',
    }
  }
  return {
    placement: { driverCore, targetCore },
    sentence: `load generator and provider double on core ${driverCore}, target on core ${targetCore}`,
  }
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A new temporary directory. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
}

export type LaunchOrder = {
  nodeArguments: readonly string[]
  environment: Record<string, string>
  directory: string
  placement: Placement
}

/** Starts this same Node with `nodeArguments`. The program sees only `environment`, PATH and HOME. */
export function launchNode(order: LaunchOrder): Launched {
  const logPath = join(order.directory, 'output.log')
  const log = openSync(logPath, 'a')
  const pinned = order.placement ? ['taskset', '-c', String(order.placement.targetCore)] : []
  const [command = process.execPath, ...args] = [...pinned, process.execPath, ...order.nodeArguments]
  const child = spawn(command, args, {
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: order.directory,
      NODE_ENV: 'production',
      ...order.environment,
    },
  })
  closeSync(log)
  running.add(child)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(child)
      resolve()
    })
    child.once('error', () => resolve())
  })

  return {
    pid: child.pid ?? -1,
    directory: order.directory,
    lastWords: () => readFileSync(logPath, 'utf8').split('\n').slice(-15).join('\n'),
    hasExited: () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
      await exited
      clearTimeout(timer)
      rmSync(order.directory, { recursive: true, force: true })
    },
  }
}
