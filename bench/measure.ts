/** One measurement: load on a target for a while, its CPU, memory and answers in a window. */
import { setTimeout as sleep } from 'node:timers/promises'
import { chunksPerStream, type Kind } from './conversation.ts'
import type { LoadPlan, Tally } from './connection.ts'
import type { Placement } from './launch.ts'
import { startLoad, type Load } from './load.ts'
import {
  coreBusyMicros,
  cpuMicrosBetween,
  residentMiB,
  threadTimes,
  type ThreadTimes,
} from './process-tree.ts'

/** Where requests go, and whose CPU is counted. */
export type Subject = {
  port: number
  path: string
  headerLines: readonly string[]
  /** Undefined when the provider double is asked directly. */
  pid?: number
  spoken?: LoadPlan['spoken']
}

export type PhaseName = 'saturated' | 'steady' | 'paced' | 'burst'

export type Phase = {
  name: PhaseName
  kind: Kind
  connections: number
  requestsPerSecond?: number
  warmUpMs: number
  /** The warm-up goes on until this many answers came, so that a slow target is compiled as well as a fast one. */
  warmUpAnswers: number
  windowMs: number
}

/** Figures of one window. Times in microseconds; NaN where a figure does not exist. */
export type Figures = {
  requestsPerSecond: number
  eventsPerSecond: number
  cpuPerRequest: number
  cpuPerEvent: number
  latencyP50: number
  latencyP99: number
  firstEventP50: number
  eventDelayP50: number
  eventDelayP99: number
  residentMiB: number
  wrongAnswers: number
  /** What went wrong, such as `lost 3, status 1`; empty when nothing did. */
  wrongKinds: string
  /** Share of the target's core that something else used. */
  foreignShare: number
  /** Share of its core that the load generator with the provider double used; near 1 it is the limit itself. */
  driverShare: number
  /** Share of the driver's core that something else used. */
  driverForeignShare: number
}

export const phases: readonly Phase[] = [
  {
    name: 'saturated',
    kind: 'whole',
    connections: 64,
    warmUpMs: 2500,
    warmUpAnswers: 40_000,
    windowMs: 700,
  },
  {
    name: 'steady',
    kind: 'whole',
    connections: 32,
    requestsPerSecond: 300,
    warmUpMs: 500,
    warmUpAnswers: 0,
    windowMs: 1500,
  },
  { name: 'paced', kind: 'paced', connections: 50, warmUpMs: 1500, warmUpAnswers: 400, windowMs: 1000 },
  { name: 'burst', kind: 'burst', connections: 32, warmUpMs: 1000, warmUpAnswers: 3_000, windowMs: 700 },
]

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : Number.NaN
}

type CoreReading = { target: number; driver: number; own: number }

/** Busy microseconds so far of both cores and of this process; NaN where nothing is pinned. */
function readCores(placement: Placement): CoreReading {
  const { user, system } = process.cpuUsage()
  return {
    target: placement ? coreBusyMicros(placement.targetCore) : Number.NaN,
    driver: placement ? coreBusyMicros(placement.driverCore) : Number.NaN,
    own: user + system,
  }
}

function sharesOf(before: CoreReading, after: CoreReading, window: { targetCpu: number; seconds: number }) {
  const micros = window.seconds * 1e6
  const own = after.own - before.own
  const targetCpu = Number.isNaN(window.targetCpu) ? 0 : window.targetCpu
  return {
    foreignShare: (after.target - before.target - targetCpu) / micros,
    driverShare: own / micros,
    driverForeignShare: (after.driver - before.driver - own) / micros,
  }
}

function figuresOf(tally: Tally, kind: Kind, cpu: number) {
  const requests = kind === 'whole' ? tally.answers : tally.events / chunksPerStream
  return {
    requestsPerSecond: requests / tally.seconds,
    eventsPerSecond: tally.events / tally.seconds,
    cpuPerRequest: share(cpu, requests),
    cpuPerEvent: share(cpu, tally.events),
    latencyP50: tally.latency.quantile(0.5),
    latencyP99: tally.latency.quantile(0.99),
    firstEventP50: tally.firstEvent.quantile(0.5),
    eventDelayP50: tally.eventDelay.quantile(0.5),
    eventDelayP99: tally.eventDelay.quantile(0.99),
    wrongAnswers: [...tally.wrong.values()].reduce((sum, count) => sum + count, 0),
    wrongKinds: [...tally.wrong].map(([wrong, count]) => `${wrong} ${count}`).join(', '),
  }
}

const warmUpMsMost = 20_000

/** Lets the load run until the target's code is compiled, within bounds: what is measured runs for days elsewhere. */
async function warmUp(load: Load, { warmUpMs, warmUpAnswers }: Phase): Promise<void> {
  const answersSoFar = () => Math.max(load.peek().answers, load.peek().events / chunksPerStream)
  const checkMs = 100
  for (let waitedMs = 0; waitedMs < warmUpMsMost; waitedMs += checkMs) {
    if (waitedMs >= warmUpMs && answersSoFar() >= warmUpAnswers) return
    await sleep(checkMs)
  }
}

/** Runs one phase against a subject that is ready. */
export async function runPhase(subject: Subject, phase: Phase, placement: Placement): Promise<Figures> {
  const { port, path, headerLines, pid, spoken } = subject
  const { kind, connections, requestsPerSecond } = phase
  const rate = requestsPerSecond === undefined ? {} : { requestsPerSecond }
  const load = startLoad({
    port,
    path,
    headerLines,
    kind,
    connections,
    ...rate,
    ...(spoken ? { spoken } : {}),
  })
  try {
    await warmUp(load, phase)
    const coresBefore = readCores(placement)
    const timesBefore: ThreadTimes = pid === undefined ? new Map() : threadTimes(pid)
    load.openWindow()
    await sleep(phase.windowMs)
    const tally = load.closeWindow()
    const targetCpu = pid === undefined ? Number.NaN : cpuMicrosBetween(timesBefore, threadTimes(pid))
    return {
      ...figuresOf(tally, kind, targetCpu),
      ...sharesOf(coresBefore, readCores(placement), { targetCpu, seconds: tally.seconds }),
      residentMiB: pid === undefined ? Number.NaN : residentMiB(pid),
    }
  } finally {
    load.stop()
  }
}
