/**
 * Measures Signalbox beside a bare proxy and a peer, interleaved, and prints the tables.
 *
 * node bin/run.cjs bench/run.ts [--quick] [--only=whole|stream] [--targets=a,b] [--repetitions=N] [--write]
 * node bin/run.cjs bench/run.ts --profile[=signalbox|bare|portkey] [--only=whole|stream]
 * node bin/run.cjs bench/run.ts --only=dialects [--quick] [--repetitions=N] [--write]
 * node bin/run.cjs bench/run.ts --only=money [--quick] [--repetitions=N] [--write]
 * node bin/run.cjs bench/run.ts --only=refusals [--quick] [--repetitions=N] [--write]
 */
import { writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureDialects } from './dialects.ts'
import { placeDriver, type Placement } from './launch.ts'
import { phases, type Figures, type Phase } from './measure.ts'
import { measureMoneyStep } from '#tests/money/money-step.ts'
import { profileTarget } from './profile.ts'
import { measureRefusals } from './refusals.ts'
import { renderReport, type Repetition } from './report.ts'
import { targets, type Target } from './targets.ts'
import { measureByTurns, type Setting, turnsPerPhase } from './turns.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const repetitionsUsual = 5
const repetitionsQuick = 2

type Wish = {
  repetitions: number
  phases: readonly Phase[]
  targets: readonly Target[]
  write: boolean
  profile: Target | undefined
  isQuick: boolean
  comparesDialects: boolean
  measuresMoney: boolean
  measuresRefusals: boolean
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(2)
}

function readWish(args: readonly string[]): Wish {
  const withProfile = args.map((arg) => (arg === '--profile' ? '--profile=signalbox' : arg))
  const { values } = parseArgs({
    args: withProfile,
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      only: { type: 'string' },
      targets: { type: 'string' },
      repetitions: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const { only } = values
  if (only !== undefined && !['whole', 'stream', 'dialects', 'money', 'refusals'].includes(only)) {
    refuse('--only is whole, stream, dialects, money or refusals')
  }
  const repetitions = Number(values.repetitions ?? (values.quick ? repetitionsQuick : repetitionsUsual))
  if (!Number.isInteger(repetitions) || repetitions < 1) refuse('--repetitions is a whole number from 1')
  const wanted = values.targets?.split(',')
  const unknown = wanted?.find((name) => !targets.some((target) => target.name === name))
  if (unknown !== undefined)
    refuse(`--targets knows ${targets.map(({ name }) => name).join(', ')}, not ${unknown}`)
  const profile = targets.find(({ name }) => name === values.profile && name !== 'direct')
  if (values.profile !== undefined && !profile) refuse('--profile is signalbox, bare or portkey')
  return {
    repetitions,
    phases: phases.filter(({ kind }) => only === undefined || (only === 'whole') === (kind === 'whole')),
    targets: wanted ? targets.filter(({ name }) => wanted.includes(name)) : targets,
    write: values.write,
    profile,
    isQuick: values.quick,
    comparesDialects: only === 'dialects',
    measuresMoney: only === 'money',
    measuresRefusals: only === 'refusals',
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Why each missing target is missing goes to `missing`; the others are returned. */
function availableTargets(wanted: readonly Target[], missing: string[]): Target[] {
  return wanted.filter((target) => {
    const reason = target.unavailable()
    if (reason !== undefined) missing.push(`${target.label}: ${reason}`)
    return reason === undefined
  })
}

function windowLine(target: Target, phase: Phase, figures: Figures): string {
  const cpu = phase.kind === 'whole' ? figures.cpuPerRequest : figures.cpuPerEvent
  const unit = phase.kind === 'whole' ? 'request' : 'event'
  const cpuSaid = Number.isFinite(cpu) ? `${cpu.toFixed(1).padStart(8)} µs CPU/${unit}` : ''
  const foreign =
    figures.foreignShare > 0.05 ? `, ${(figures.foreignShare * 100).toFixed(0)} % other work on the core` : ''
  const wrong = figures.wrongAnswers > 0 ? `, WRONG: ${figures.wrongKinds}` : ''
  return (
    `  ${target.name.padEnd(9)} ${phase.name.padEnd(9)} ${figures.requestsPerSecond.toFixed(0).padStart(7)}/s ` +
    `${cpuSaid}${foreign}${wrong}`
  )
}

const sayWindow: Setting['onWindow'] = (target, phase, figures) => say(windowLine(target, phase, figures))

type Circumstances = {
  title: string
  sentence: string
  order: string
  wish: Wish
  missing: readonly string[]
}

function header({ title, sentence, order, wish, missing }: Circumstances): string {
  const [cpu] = cpus()
  const lines = [
    `# ${title}`,
    '',
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Machine: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${process.platform} ${release()}`,
    `- Node.js: ${process.version} for every target`,
    `- Command: \`npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}\``,
    `- Placement: ${sentence}`,
    `- ${wish.repetitions} repetitions, ${order}; median (min-max)`,
    ...missing.map((reason) => `- Not measured: ${reason}`),
  ]
  return lines.join('\n')
}

async function compareDialects(
  wish: Wish,
  sentence: string,
  place: { upstream: Upstream; placement: Placement },
) {
  const table = await measureDialects(wish, { ...place, say })
  const title = 'The APIs of Signalbox beside each other'
  const order = 'one process of Signalbox in each, asked through one API after the other'
  const report = `${header({ title, sentence, order, wish, missing: [] })}\n\n${table}\n`
  say(`\n${report}`)
  if (wish.write) writeFileSync(join(import.meta.dirname, 'RESULTS-DIALECTS.md'), report)
}

async function compareRefusals(
  wish: Wish,
  sentence: string,
  place: { upstream: Upstream; placement: Placement },
) {
  const table = await measureRefusals(wish.repetitions, { ...place, say })
  const title = 'Being turned away by a busy instance'
  const order = 'one process in each, `batch` requests beside 64 connections that saturate it'
  const report = `${header({ title, sentence, order, wish, missing: [] })}\n\n${table}\n`
  say(`\n${report}`)
  if (wish.write) writeFileSync(join(import.meta.dirname, 'RESULTS-REFUSALS.md'), report)
}

async function measureMoney(wish: Wish) {
  const table = await measureMoneyStep(wish, say)
  const title = 'The step of limits and money by itself'
  const sentence = 'one process, nothing else in it'
  const report = `${header({ title, sentence, order: 'the parts by turns in each', wish, missing: [] })}\n\n${table}\n`
  say(`\n${report}`)
  if (wish.write) writeFileSync(join(import.meta.dirname, 'RESULTS-MONEY.md'), report)
}

async function main(): Promise<void> {
  const wish = readWish(process.argv.slice(2))
  if (wish.measuresMoney) {
    await measureMoney(wish)
    return
  }
  const { placement, sentence } = placeDriver()
  const upstream = await startUpstream()
  try {
    if (wish.profile) {
      const reason = wish.profile.unavailable()
      if (reason !== undefined) refuse(`${wish.profile.label}: ${reason}`)
      for (const phase of wish.phases.filter(({ name }) => name !== 'steady')) {
        say(await profileTarget(wish.profile, phase, { upstreamPort: upstream.port, placement }))
      }
      return
    }
    if (wish.comparesDialects) {
      await compareDialects(wish, sentence, { upstream, placement })
      return
    }
    if (wish.measuresRefusals) {
      await compareRefusals(wish, sentence, { upstream, placement })
      return
    }
    const missing: string[] = []
    const measured = availableTargets(wish.targets, missing)
    if (measured.length === 0) refuse(`Nothing to measure. ${missing.join('; ')}`)
    const turns: Repetition[] = []
    for (let round = 0; round < wish.repetitions; round++) {
      say(`repetition ${round + 1} of ${wish.repetitions}`)
      const setting = { upstreamPort: upstream.port, placement, phases: wish.phases, onWindow: sayWindow }
      turns.push(...(await measureByTurns(measured, setting)))
    }
    const circumstances = {
      title: 'Signalbox beside a bare proxy and a peer',
      sentence,
      order: `all targets started anew in each and asked by turns in windows that are seconds apart, ${turnsPerPhase} of each`,
      wish,
      missing,
    }
    const report = `${header(circumstances)}\n\n${renderReport(measured, turns)}\n`
    say(`\n${report}`)
    if (wish.write) writeFileSync(join(import.meta.dirname, 'RESULTS.md'), report)
  } finally {
    await upstream.close()
  }
}

await main()
