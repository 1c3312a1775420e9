/**
 * Spoils recorded traffic and feeds it to everything that takes bytes from outside.
 *
 *   npm run fuzz                                             100,000 runs of each subject
 *   npm run fuzz -- --runs=5000 --seed=monday                fewer, with a seed of one's own
 *   npm run fuzz -- --only="cohere-chat stream,request"      subjects whose names have one of these in them
 *   npm run fuzz -- --seed=S --only=SUBJECT --from=N --runs=1   one run again
 *
 * Exits with 1 at a finding: something thrown that is no Problem, a broken rule, a run that never ends, memory that grows.
 */
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'

import { fuzz } from '#tests/fuzz/fuzz-run.ts'
import type { FuzzReport } from '#tests/fuzz/fuzz-run.ts'
import type { FuzzSubject } from '#tests/fuzz/fuzz-subject.ts'
import { fuzzSubjects } from '#tests/fuzz/fuzz-subjects.ts'

interface FuzzOrder {
  readonly seed: string
  readonly runs: number
  readonly from: number
  readonly subjects: readonly string[]
  /** Number of the subject, and of its run, as 32-bit integers. */
  readonly progress: SharedArrayBuffer
}

/** No input of these sizes takes anywhere near as long, on any machine. */
const hangMs = 60_000
/** What the heap may have grown by between the tenth part of the runs and the last. */
const heapGrowthMax = 64 * 1_048_576

function readOrder(args: readonly string[]): FuzzOrder {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '100000' },
      from: { type: 'string', default: '0' },
      seed: { type: 'string', default: 'signalbox' },
      only: { type: 'string', default: '' },
    },
  })
  const words = values.only.split(',').map((word) => word.trim())
  const subjects = fuzzSubjects
    .map(({ name }) => name)
    .filter((name) => words.some((word) => name.includes(word)))
  const [runs, from] = [Number(values.runs), Number(values.from)]
  if (subjects.length === 0 || !Number.isInteger(runs) || runs < 1 || !Number.isInteger(from) || from < 0) {
    process.stderr.write(`Subjects are ${fuzzSubjects.map(({ name }) => name).join(', ')}.\n`)
    process.exit(2)
  }
  return { seed: values.seed, runs, from, subjects, progress: new SharedArrayBuffer(8) }
}

/** Watches the worker: the one thing that a run cannot say itself is that it never ends. */
function watch(order: FuzzOrder): void {
  const worker = new Worker(new URL(import.meta.url), { workerData: order })
  const progress = new Int32Array(order.progress)
  let seen = ''
  let seenAt = performance.now()
  const timer = setInterval(() => {
    const now = progress.join(' ')
    if (now !== seen) {
      seen = now
      seenAt = performance.now()
    } else if (performance.now() - seenAt > hangMs) {
      const subject = order.subjects[progress[0] ?? 0] ?? ''
      say(`\nA run never ends. Again: ${command(order.seed, subject, progress[1] ?? 0)}`)
      process.exitCode = 1
      clearInterval(timer)
      void worker.terminate()
    }
  }, 1_000)
  worker.on('message', (line: string) => say(line))
  worker.on('error', (error: unknown) => {
    process.exitCode = 1
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  })
  worker.on('exit', (code) => {
    clearInterval(timer)
    if (code !== 0) process.exitCode = 1
  })
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const command = (seed: string, subject: string, run: number) =>
  `npm run fuzz -- --seed=${seed} --only="${subject}" --from=${run} --runs=1`

function work(order: FuzzOrder): void {
  const tell = (line: string) => {
    // A worker's port has no origin to name.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    parentPort?.postMessage(line)
  }
  tell(`seed ${order.seed}, ${order.runs} runs each\n`)
  tell('| subject | runs | MB | s | slowest, CPU ms (KB, run) | heap growth MB | outcomes |')
  tell('| --- | ---: | ---: | ---: | --- | ---: | --- |')
  let isSound = true
  for (const [place, name] of order.subjects.entries()) {
    const subject = fuzzSubjects.find((one) => one.name === name)
    if (subject) isSound = runSubject(subject, place, order, tell) && isSound
  }
  if (!isSound) process.exitCode = 1
}

type Tell = (line: string) => void

/** Whether nothing was found. */
function runSubject(subject: FuzzSubject, place: number, order: FuzzOrder, tell: Tell): boolean {
  const progress = new Int32Array(order.progress)
  const settled = order.from + Math.floor(order.runs / 10)
  let heapBytes = 0
  const startedAt = performance.now()
  const report = fuzz(subject, {
    seed: order.seed,
    from: order.from,
    runs: order.runs,
    onRun(run) {
      progress[0] = place
      progress[1] = run
      if (run === settled) heapBytes = heapInUse()
    },
  })
  const growth = heapInUse() - heapBytes
  tell(rowOf(report, (performance.now() - startedAt) / 1_000, growth))
  const { finding } = report
  if (finding) {
    tell(`\nFOUND by ${subject.name}: ${finding.sentence}`)
    tell(`Again: ${command(order.seed, subject.name, finding.run)}`)
    tell(`The smallest input found (base64): ${finding.input.toString('base64')}`)
    tell(`As text: ${JSON.stringify(finding.input.toString())}\n`)
  }
  const leaks = order.runs >= 1_000 && growth > heapGrowthMax
  if (leaks) tell(`\nThe heap grew by ${Math.round(growth / 1_048_576)} MB while ${subject.name} ran.\n`)
  return !finding && !leaks
}

function rowOf(
  { subject, runs, bytes, slowest, outcomes }: FuzzReport,
  seconds: number,
  growth: number,
): string {
  const words = [...outcomes].sort(([, a], [, b]) => b - a).map(([word, count]) => `${word} ${count}`)
  const longest = `${slowest.ms.toFixed(0)} (${Math.ceil(slowest.bytes / 1_024)}, ${slowest.run})`
  const megabytes = (count: number) => (count / 1_048_576).toFixed(count < 10_485_760 ? 1 : 0)
  return `| ${subject} | ${runs} | ${megabytes(bytes)} | ${seconds.toFixed(0)} | ${longest} | ${megabytes(growth)} | ${words.join(', ')} |`
}

/** After collecting everything that nobody holds. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

if (isMainThread) watch(readOrder(process.argv.slice(2)))
else work(workerData as FuzzOrder)
