/** Signalbox as a process of its own, as people start it: what it prints, how it ends, what it leaves behind. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'

/** Several processes that start at once on a busy machine take their time. */
const startPatienceMs = 180_000

const repository = join(import.meta.dirname, '..', '..')

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ChildService {
  readonly pid: number | undefined
  readonly stdout: () => string
  readonly stderr: () => string
  readonly ending: Promise<Ending>
  /** Waits for the line that names it; fails when the process ends first. */
  address(): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** What it holds after a collection of rubbish; only of a service that was started to be measured. */
  measure(): Promise<Holdings>
}

/** What a process holds at one moment. */
export interface Holdings {
  readonly memory: NodeJS.MemoryUsage
  /** Compiled code with what belongs to it, part of `heapUsed`: it grows as long as rare paths are taken for the first time. */
  readonly codeBytes: number
  /** Files and sockets; undefined where the system does not tell. */
  readonly descriptors: number | undefined
}

export interface ChildWish {
  readonly words?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** With a collector that can be called, and a line to the test; nothing of the product knows of it. */
  readonly isMeasured?: boolean
  /** Where standard output goes in place of the test: a descriptor. */
  readonly stdout?: number
}

/** A folder to work in, which is the data directory's parent and holds `settings.yaml` when there are settings. */
export interface Workplace {
  readonly folder: string
  readonly dataDir: string
  readonly settingsFile: string
  writeSettings(yaml: string): void
  /** Starts `bin/run.cjs src/main.ts` here on a free port of the loopback; killed at the end of the test if it still runs. */
  start(wish?: ChildWish): ChildService
  /** Runs a command to its end. */
  run(...words: readonly string[]): Promise<Ending & { readonly stdout: string; readonly stderr: string }>
}

export function openWorkplace(test: TestContext): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-journey-'))
  const children: ChildService[] = []
  test.after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map(({ ending }) => ending))
    rmSync(folder, { recursive: true, force: true })
  })
  const settingsFile = join(folder, 'settings.yaml')
  const dataDir = join(folder, 'data')
  const start = ({ environment = {}, ...wish }: ChildWish = {}) => {
    const child = startChild(folder, {
      ...wish,
      environment: { DATA_DIR: dataDir, PORT: '0', ...environment },
    })
    children.push(child)
    return child
  }
  return {
    folder,
    dataDir,
    settingsFile,
    writeSettings: (yaml) => writeFileSync(settingsFile, yaml),
    start,
    async run(...words) {
      const child = start({ words })
      const ending = await child.ending
      return { ...ending, stdout: child.stdout(), stderr: child.stderr() }
    },
  }
}

/** With an environment of its own: no key of the person who runs the tests gets in. */
/** The C library gives large blocks back as soon as they are free: what it keeps for later is not what a process holds. */
const promptAllocator = {
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_ARENA_MAX: '2',
}

function startChild(
  folder: string,
  { words = [], environment = {}, isMeasured, stdout }: ChildWish,
): ChildService {
  const launcher = [join(repository, 'bin', 'run.cjs'), join(repository, 'src', 'main.ts')]
  const gauge = ['--expose-gc', '--import', join(import.meta.dirname, 'gauge.ts')]
  const child = spawn(process.execPath, [...(isMeasured ? gauge : []), ...launcher, ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...(isMeasured ? promptAllocator : {}), ...environment },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe', ...(isMeasured ? (['ipc'] as const) : [])],
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8')
    child[name]?.on('data', (text: string) => {
      said[name] += text
    })
  }
  let hasEnded = false
  const ending = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true
      resolve({ code, signal })
    })
  })
  return {
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    pid: child.pid,
    ending,
    address: async () => {
      const found = await eventually(() => {
        const address = /listens on (http:\S+)/.exec(said.stdout)?.[1]
        assert.ok(address !== undefined || hasEnded, `not up yet: ${said.stdout}${said.stderr}`)
        return address ?? ''
      }, startPatienceMs)
      assert.notEqual(found, '', `ended at once: ${said.stderr}`)
      return found
    },
    kill(signal) {
      if (!hasEnded) child.kill(signal)
    },
    async measure() {
      child.send('measure')
      const [told] = (await once(child, 'message')) as [Omit<Holdings, 'descriptors'>]
      return { ...told, descriptors: descriptorsOf(child.pid) }
    },
  }
}

function descriptorsOf(pid: number | undefined): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return undefined
  }
}

export const postJson = (url: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
