/** How long it takes to be turned away by an instance that has too much to do: `batch` requests beside a saturating load. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryDirectory, type Placement } from './launch.ts'
import { startLoad } from './load.ts'
import type { RefusalTimes } from './refusal-clock.ts'
import { spreadOf } from './samples.ts'
import { prepareShedding } from './signalbox-target.ts'
import { startTarget, type Target } from './targets.ts'
import type { Upstream } from './upstream.ts'

type Setting = { upstream: Upstream; placement: Placement; say: (line: string) => void }
type Round = RefusalTimes & { answersPerSecond: number }

const warmUpMs = 8_000
const windowMs = 8_000
const refusalsPerSecond = 300

async function measureOnce({ upstream, placement }: Setting): Promise<Round> {
  const directory = temporaryDirectory()
  const file = join(directory, 'refusal-times.json')
  const shedding: Target = {
    name: 'signalbox',
    label: 'Signalbox, shedding',
    unavailable: () => undefined,
    prepare: (place) => {
      const prepared = prepareShedding(place)
      return { ...prepared, environment: { ...prepared.environment, REFUSAL_TIMES_FILE: file } }
    },
  }
  const clock = join(import.meta.dirname, 'refusal-clock.ts')
  const nodeArguments = ['--import', clock]
  const running = await startTarget(shedding, { upstreamPort: upstream.port, placement, nodeArguments })
  const { port, path, headerLines } = running.subject
  const usual = startLoad({ port, path, headerLines, kind: 'whole', connections: 64 })
  await sleep(warmUpMs)
  const batch = startLoad({
    port,
    path,
    headerLines: [...headerLines, 'x-signalbox-priority: batch'],
    kind: 'whole',
    connections: 32,
    requestsPerSecond: refusalsPerSecond,
  })
  usual.openWindow()
  await sleep(windowMs)
  const { answers, seconds } = usual.closeWindow()
  batch.stop()
  usual.stop()
  await running.stop()
  const times = JSON.parse(readFileSync(file, 'utf8')) as RefusalTimes
  rmSync(directory, { recursive: true, force: true })
  return { ...times, answersPerSecond: answers / seconds }
}

/** The table as Markdown. */
export async function measureRefusals(repetitions: number, setting: Setting): Promise<string> {
  const rounds: Round[] = []
  for (let round = 0; round < repetitions; round++) {
    const measured = await measureOnce(setting)
    setting.say(`repetition ${round + 1} of ${repetitions}: ${JSON.stringify(measured)}`)
    rounds.push(measured)
  }
  const row = (label: string, figureOf: (round: Round) => number, digits: number) => {
    const { median, min, max } = spreadOf(rounds.map(figureOf))
    return `| ${label} | ${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)}) |`
  }
  return [
    '| figure | median (range) |',
    '| --- | --- |',
    row('requests turned away', ({ count }) => count, 0),
    row('time inside the server, p50, ms', ({ p50Ms }) => p50Ms, 2),
    row('time inside the server, p99, ms', ({ p99Ms }) => p99Ms, 2),
    row('longest, ms', ({ mostMs }) => mostMs, 2),
    row('under 5 ms, %', ({ under5MsShare }) => under5MsShare * 100, 2),
    row('answers given beside them, per second', ({ answersPerSecond }) => answersPerSecond, 0),
  ].join('\n')
}
