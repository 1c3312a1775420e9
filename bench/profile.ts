/** Runs a target under V8's sampling profiler and says where its time goes, by package or folder and by function. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runPhase, type Phase } from './measure.ts'
import { startTarget, type Surroundings, type Target } from './targets.ts'

type CallFrame = { functionName: string; url: string; lineNumber: number }
type CpuProfile = {
  nodes: Array<{ id: number; callFrame: CallFrame }>
  samples: number[]
  timeDeltas: number[]
}

const functionsShown = 30
const samplingMicros = 200
const root = join(import.meta.dirname, '..')

/** What a frame belongs to: a package, `node:http` and the like, a folder of src/, the engine itself. */
export function groupOf({ functionName, url }: CallFrame): string {
  if (url === '') {
    if (functionName === '(garbage collector)') return 'garbage collection'
    if (functionName === '(program)') return 'native code and kernel outside JavaScript'
    if (functionName === '(idle)') return ''
    return 'built-in and native functions'
  }
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1]
  if (inPackage) return inPackage
  if (url.startsWith('node:')) return nodeModuleGroup(url)
  if (url.startsWith('wasm:')) return 'undici (llhttp in wasm)'
  const path = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url
  const folders = path.split('/')
  return path.startsWith('src/services/')
    ? folders.slice(0, 3).join('/')
    : folders.slice(0, Math.max(1, Math.min(3, folders.length - 1))).join('/')
}

function nodeModuleGroup(url: string): string {
  const name = url.replace('node:', '').replace('internal/', '')
  if (name.startsWith('_http') || name.startsWith('http')) return 'node:http'
  if (name.startsWith('streams') || name.startsWith('stream')) return 'node:stream'
  if (name.startsWith('net') || name.startsWith('stream_base')) return 'node:net'
  if (name.startsWith('webstreams') || name.startsWith('deps/undici')) return 'web streams and built-in fetch'
  return `node:${name.split('/')[0] ?? name}`
}

type Times = Map<string, number>

function add(times: Times, key: string, micros: number): void {
  times.set(key, (times.get(key) ?? 0) + micros)
}

function placeOf({ functionName, url, lineNumber }: CallFrame): string {
  const short = url
    .replace(/^file:\/\//, '')
    .replace(`${root}/`, '')
    .replace(/^.*node_modules\//, '')
  return `${functionName || '(anonymous)'} ${short}${short ? `:${lineNumber + 1}` : ''}`
}

/** Self time in microseconds by group and by function; idle time is left out. */
export function selfTimes(profile: CpuProfile): { groups: Times; functions: Times } {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const groups: Times = new Map()
  const functions: Times = new Map()
  profile.samples.forEach((id, at) => {
    const frame = frames.get(id)
    const micros = profile.timeDeltas[at] ?? 0
    const group = frame ? groupOf(frame) : ''
    if (!frame || group === '') return
    add(groups, group, micros)
    add(functions, placeOf(frame), micros)
  })
  return { groups, functions }
}

function renderTimes(times: Times, limit: number): string[] {
  const total = [...times.values()].reduce((sum, micros) => sum + micros, 0)
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([name, micros]) => `${((100 * micros) / total).toFixed(1).padStart(6)} %  ${name}`)
}

function readProfiles(directory: string): CpuProfile[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as CpuProfile)
}

/** Profiles one target in one phase, from its start to its end, and returns the lines to print. */
export async function profileTarget(
  target: Target,
  phase: Phase,
  surroundings: Surroundings,
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-profile-'))
  const nodeArguments = ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-interval=${samplingMicros}`]
  try {
    const running = await startTarget(target, { ...surroundings, nodeArguments })
    try {
      await runPhase(running.subject, { ...phase, windowMs: 2 * phase.windowMs }, surroundings.placement)
    } finally {
      await running.stop()
    }
    const profiles = readProfiles(directory)
    if (profiles.length === 0)
      return `${target.label}, ${phase.name}: no profile was written (did it end by itself?)`
    const blocks = profiles.map((profile) => {
      const { groups, functions } = selfTimes(profile)
      return [...renderTimes(groups, 25), '', ...renderTimes(functions, functionsShown)].join('\n')
    })
    return blocks
      .map(
        (block, at) => `\n${target.label}, ${phase.name}, thread ${at + 1} (share of busy time)\n\n${block}`,
      )
      .join('\n')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
