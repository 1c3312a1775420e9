/** What a process and all its descendants cost, read from Linux's /proc: scheduler run time and resident memory. */
import { readdirSync, readFileSync } from 'node:fs'

/** Run time in nanoseconds of every thread, by `pid/tid`. */
export type ThreadTimes = Map<string, number>

const clockTickNanos = 10_000_000

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** The process and its descendants, parents first. */
export function processTree(rootPid: number): number[] {
  const tree = [rootPid]
  for (const pid of tree) {
    for (const tid of threadsOf(pid)) {
      const children = readOrEmpty(`/proc/${pid}/task/${tid}/children`).trim()
      if (children) tree.push(...children.split(' ').map(Number))
    }
  }
  return tree
}

/** Nanoseconds from the scheduler; in ticks of 10 ms where the kernel keeps no schedstat. */
function threadNanos(pid: number, tid: string): number {
  const schedstat = readOrEmpty(`/proc/${pid}/task/${tid}/schedstat`)
  if (schedstat) return Number(schedstat.split(' ')[0])
  const stat = readOrEmpty(`/proc/${pid}/task/${tid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * clockTickNanos
}

/** Run time so far of every living thread of the tree. Empty where there is no /proc. */
export function threadTimes(rootPid: number): ThreadTimes {
  const times: ThreadTimes = new Map()
  for (const pid of processTree(rootPid)) {
    for (const tid of threadsOf(pid)) times.set(`${pid}/${tid}`, threadNanos(pid, tid))
  }
  return times
}

/** CPU between two readings, in microseconds; NaN where there is no /proc. */
export function cpuMicrosBetween(before: ThreadTimes, after: ThreadTimes): number {
  if (after.size === 0) return Number.NaN
  let nanos = 0
  for (const [thread, time] of after) nanos += time - (before.get(thread) ?? 0)
  return nanos / 1000
}

/** Resident memory of the tree, in MiB; NaN where there is no /proc. */
export function residentMiB(rootPid: number): number {
  let kib = Number.NaN
  for (const pid of processTree(rootPid)) {
    const line = /VmRSS:\s+(\d+)/.exec(readOrEmpty(`/proc/${pid}/status`))
    if (line) kib = (Number.isNaN(kib) ? 0 : kib) + Number(line[1])
  }
  return kib / 1024
}

/** Busy time of one core since boot, in microseconds, from everything that ran on it. */
export function coreBusyMicros(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readOrEmpty('/proc/stat'))?.[1]
  if (!line) return Number.NaN
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.split(' ').map(Number)
  return ((user + nice + system + irq + softIrq) * clockTickNanos) / 1000
}

/** Cores that this process may use. */
export function allowedCores(): number[] {
  const list = /Cpus_allowed_list:\s+(\S+)/.exec(readOrEmpty('/proc/self/status'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number)
    if (first === undefined || last === undefined || Number.isNaN(first)) return []
    return Array.from({ length: last - first + 1 }, (_, step) => first + step)
  })
}
