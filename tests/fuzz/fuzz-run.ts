/** Runs a subject over spoilt inputs, each made from the seed, the subject's name and the number of the run alone. */
import { createChance } from './chance.ts'
import type { FuzzSubject } from './fuzz-subject.ts'

export interface FuzzWish {
  readonly seed: string
  /** The first run's number, to run one again. */
  readonly from?: number
  readonly runs: number
  /** Called before each run. */
  readonly onRun?: (run: number) => void
}

export interface FuzzReport {
  readonly subject: string
  readonly runs: number
  readonly bytes: number
  /** How often each word was the outcome. */
  readonly outcomes: ReadonlyMap<string, number>
  /** The run that took longest, in milliseconds of this thread's CPU time: what else the machine does is not counted. */
  readonly slowest: { readonly run: number; readonly ms: number; readonly bytes: number }
  readonly finding: Finding | undefined
}

export interface Finding {
  readonly run: number
  readonly sentence: string
  /** The smallest input found on which the same happens. */
  readonly input: Buffer
}

/** Stops at the first finding. */
export function fuzz(subject: FuzzSubject, wish: FuzzWish): FuzzReport {
  const outcomes = new Map<string, number>()
  const from = wish.from ?? 0
  let bytes = 0
  let slowest = { run: from, ms: 0, bytes: 0 }
  for (let run = from; run < from + wish.runs; run += 1) {
    wish.onRun?.(run)
    const input = inputOf(subject, wish.seed, run)
    bytes += input.length
    const startedAtMs = cpuMs()
    const { word, sentence } = outcomeOf(subject, input, { seed: wish.seed, run })
    const ms = cpuMs() - startedAtMs
    if (ms > slowest.ms) slowest = { run, ms, bytes: input.length }
    if (sentence !== undefined) {
      const smallest = minimised(subject, input, { seed: wish.seed, run, sentence })
      const finding = { run, sentence, input: smallest }
      return { subject: subject.name, runs: run - from + 1, bytes, outcomes, slowest, finding }
    }
    outcomes.set(word, (outcomes.get(word) ?? 0) + 1)
  }
  return { subject: subject.name, runs: wish.runs, bytes, outcomes, slowest, finding: undefined }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Repetition of repetitions grows without end; more than this takes long and shows nothing more. */
const inputBytesMax = 4 * 1_048_576

/** The input of one run. */
export function inputOf(subject: FuzzSubject, seed: string, run: number): Buffer {
  const chance = createChance(`${seed}/${subject.name}/${run}`)
  return subject.mutate(chance.pick(subject.inputs), chance).subarray(0, inputBytesMax)
}

interface RunName {
  readonly seed: string
  readonly run: number
}

function outcomeOf(subject: FuzzSubject, input: Buffer, { seed, run }: RunName) {
  try {
    return {
      word: subject.run(input, createChance(`${seed}/${subject.name}/${run}/reading`)),
      sentence: undefined,
    }
  } catch (thrown) {
    return { word: '', sentence: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

const attemptsMax = 3_000

/** Takes away spans, halving their size, as long as the same is still said about the rest. */
function minimised(
  subject: FuzzSubject,
  input: Buffer,
  failing: RunName & { readonly sentence: string },
): Buffer {
  const kind = kindOf(failing.sentence)
  let smallest = input
  let attempts = 0
  for (let size = Math.ceil(input.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length && attempts < attemptsMax; attempts += 1) {
      const rest = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)])
      const { sentence } = outcomeOf(subject, rest, failing)
      if (sentence !== undefined && kindOf(sentence) === kind) smallest = rest
      else at += size
    }
  }
  return smallest
}

/** Numbers and quotations differ from input to input. */
const kindOf = (sentence: string) => sentence.split('\n', 2).join(' ').replaceAll(/\d+/g, '0').slice(0, 60)
