/** Turns the figures of all turns into tables and a verdict on the goals. Ratios are formed within a turn. */
import { spreadOf, type Spread } from './samples.ts'
import type { Figures, PhaseName } from './measure.ts'
import type { Target, TargetName } from './targets.ts'

/** One turn: the figures of every target in every phase that ran. */
export type Repetition = Map<TargetName, Partial<Record<PhaseName, Figures>>>

type Column = {
  title: string
  of: (repetition: Repetition, name: TargetName) => number
  show: (spread: Spread) => string
}

/** What Signalbox's figure, divided by another target's, may come to: at most for costs, at least for rates. */
type Goal = {
  sentence: string
  limit: number
  isCeiling: boolean
  other: TargetName
  phase: PhaseName
  key: keyof Figures
}

function figure(repetition: Repetition, name: TargetName, phase: PhaseName, key: keyof Figures): number {
  const value = repetition.get(name)?.[phase]?.[key]
  return typeof value === 'number' ? value : Number.NaN
}

function ratioToBare(phase: PhaseName, key: keyof Figures): Column['of'] {
  return (repetition, name) => figure(repetition, name, phase, key) / figure(repetition, 'bare', phase, key)
}

function added(key: keyof Figures): Column['of'] {
  return (repetition, name) =>
    figure(repetition, name, 'steady', key) - figure(repetition, 'direct', 'steady', key)
}

function withRange(show: (value: number) => string): (spread: Spread) => string {
  return ({ median, min, max }) =>
    Number.isFinite(median) ? `${show(median)} (${show(min)}-${show(max)})` : '-'
}

const inWhole = withRange((value) => Math.round(value).toLocaleString('en-US'))
const inTenths = withRange((value) => value.toFixed(1))
const asRatio = withRange((value) => value.toFixed(2))
const inMs = withRange((value) => (value / 1000).toFixed(2))
const asMedian = ({ median }: Spread): string => (Number.isFinite(median) ? String(Math.round(median)) : '-')

function plain(title: string, phase: PhaseName, key: keyof Figures, show: Column['show']): Column {
  return { title, of: (repetition, name) => figure(repetition, name, phase, key), show }
}

function streamColumns(phase: 'paced' | 'burst'): Column[] {
  return [
    plain('CPU µs/event', phase, 'cpuPerEvent', inTenths),
    { title: '× bare', of: ratioToBare(phase, 'cpuPerEvent'), show: asRatio },
    plain('CPU µs/stream', phase, 'cpuPerRequest', inWhole),
    plain('events/s', phase, 'eventsPerSecond', inWhole),
    plain('first event p50 ms', phase, 'firstEventP50', inMs),
    plain('event delay p50 ms', phase, 'eventDelayP50', inMs),
    plain('event delay p99 ms', phase, 'eventDelayP99', inMs),
    plain('RSS MiB', phase, 'residentMiB', asMedian),
  ]
}

const tables: Array<{ phase: PhaseName; title: string; columns: Column[] }> = [
  {
    phase: 'saturated',
    title: 'Whole answers, core saturated (closed loop, 64 connections, 1,024 bytes each way)',
    columns: [
      plain('requests/s', 'saturated', 'requestsPerSecond', inWhole),
      plain('CPU µs/request', 'saturated', 'cpuPerRequest', inTenths),
      { title: '× bare', of: ratioToBare('saturated', 'cpuPerRequest'), show: asRatio },
      plain('p50 ms', 'saturated', 'latencyP50', inMs),
      plain('p99 ms', 'saturated', 'latencyP99', inMs),
      plain('RSS MiB', 'saturated', 'residentMiB', asMedian),
    ],
  },
  {
    phase: 'steady',
    title:
      'Whole answers at 300 requests/s (open loop); "added" is against asking the provider double directly',
    columns: [
      { title: 'added p50 ms', of: added('latencyP50'), show: inMs },
      { title: 'added p99 ms', of: added('latencyP99'), show: inMs },
      plain('p50 ms', 'steady', 'latencyP50', inMs),
      plain('p99 ms', 'steady', 'latencyP99', inMs),
      plain('CPU µs/request', 'steady', 'cpuPerRequest', inTenths),
    ],
  },
  {
    phase: 'paced',
    title: 'Streams, paced (50 at once, 100 events each, 5 ms apart)',
    columns: streamColumns('paced'),
  },
  {
    phase: 'burst',
    title: 'Streams, burst (32 at once, 100 events in one write)',
    columns: streamColumns('burst'),
  },
]

const goals: Goal[] = [
  {
    sentence: 'CPU per request at most 2.3 times that of the bare proxy',
    limit: 2.3,
    isCeiling: true,
    other: 'bare',
    phase: 'saturated',
    key: 'cpuPerRequest',
  },
  {
    sentence: 'CPU per paced event at most 1.6 times that of the bare proxy',
    limit: 1.6,
    isCeiling: true,
    other: 'bare',
    phase: 'paced',
    key: 'cpuPerEvent',
  },
  {
    sentence: 'CPU per burst event at most 1.6 times that of the bare proxy',
    limit: 1.6,
    isCeiling: true,
    other: 'bare',
    phase: 'burst',
    key: 'cpuPerEvent',
  },
  {
    sentence: 'requests/s at least 5 times those of @portkey-ai/gateway',
    limit: 5,
    isCeiling: false,
    other: 'portkey',
    phase: 'saturated',
    key: 'requestsPerSecond',
  },
]

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function renderTable(
  columns: readonly Column[],
  measured: readonly Target[],
  repetitions: readonly Repetition[],
): string {
  const rows = measured.map(({ label, name }) =>
    markdownRow([
      label,
      ...columns.map(({ of, show }) => show(spreadOf(repetitions.map((repetition) => of(repetition, name))))),
    ]),
  )
  const heads = ['target', ...columns.map(({ title }) => title)]
  return [markdownRow(heads), markdownRow(heads.map(() => '---')), ...rows].join('\n')
}

/** Wrong answers over all phases and repetitions, by target. */
function renderWrong(measured: readonly Target[], repetitions: readonly Repetition[]): string {
  const lines = measured.map(({ label, name }) => {
    const all = repetitions.flatMap((repetition) => Object.entries(repetition.get(name) ?? {}))
    const wrong = all.filter(([, figures]) => figures.wrongAnswers > 0)
    const said = wrong.map(([phase, figures]) => `${phase}: ${figures.wrongKinds}`).join('; ')
    return `- ${label}: ${said === '' ? 'none' : said}`
  })
  return lines.join('\n')
}

function wrongCount(repetitions: readonly Repetition[], name: TargetName): number {
  return repetitions
    .flatMap((repetition) => Object.values(repetition.get(name) ?? {}))
    .reduce((sum, figures) => sum + figures.wrongAnswers, 0)
}

function renderGoals(repetitions: readonly Repetition[]): string {
  if (!repetitions.some((repetition) => repetition.has('signalbox')))
    return 'Not judged: Signalbox was not measured.'
  const lines = goals.map((goal) => {
    const { sentence, limit, isCeiling, other, phase, key } = goal
    const valuesOf = (name: TargetName) =>
      repetitions.map((repetition) => figure(repetition, name, phase, key))
    const [own, others] = [valuesOf('signalbox'), valuesOf(other)]
    const spread = spreadOf(own.map((value, turn) => value / (others[turn] ?? Number.NaN)))
    if (!Number.isFinite(spread.median)) return `- not judged: ${sentence}`
    const isMet = isCeiling ? spread.median <= limit : spread.median >= limit
    return `- ${isMet ? 'met' : 'NOT MET'}: ${sentence}: ${asRatio(spread)}; in the best window of each ${(bestOf(own, goal) / bestOf(others, goal)).toFixed(2)}`
  })
  const wrong = wrongCount(repetitions, 'signalbox')
  lines.push(
    `- ${wrong === 0 ? 'met' : 'NOT MET'}: no answer cut, crossed or wrong, no event lost, doubled or out of order: ${wrong}`,
  )
  return lines.join('\n')
}

/** What else a machine does only ever makes a window worse. */
function bestOf(values: readonly number[], { isCeiling }: Goal): number {
  const { min, max } = spreadOf(values)
  return isCeiling ? min : max
}

function renderNoise(repetitions: readonly Repetition[]): string {
  const all = repetitions.flatMap((repetition) =>
    [...repetition.values()].flatMap((byPhase) => Object.values(byPhase)),
  )
  const said = (sentence: string, key: 'foreignShare' | 'driverForeignShare' | 'driverShare'): string => {
    const { median, max } = spreadOf(all.map((figures) => figures[key]))
    const percent = (share: number): string => `${Math.max(0, share * 100).toFixed(0)} %`
    return `- ${sentence}: ${Number.isFinite(median) ? `${percent(median)} in the median window, at most ${percent(max)}` : 'not known'}.`
  }
  return [
    said("Other work on the target's core", 'foreignShare'),
    said("Other work on the load generator's core", 'driverForeignShare'),
    said(
      'Load generator and provider double used of their core (all of it when rates are kept by watching the clock)',
      'driverShare',
    ),
  ].join('\n')
}

/** The whole report as Markdown. Only phases and targets that ran appear in it. */
export function renderReport(measured: readonly Target[], repetitions: readonly Repetition[]): string {
  const ran = tables.filter(({ phase }) =>
    repetitions.some((repetition) => [...repetition.values()].some((byPhase) => byPhase[phase])),
  )
  const sections = ran.map(
    ({ title, columns }) => `## ${title}\n\n${renderTable(columns, measured, repetitions)}`,
  )
  sections.push(`## Wrong answers\n\n${renderWrong(measured, repetitions)}`)
  sections.push(`## Goals\n\n${renderGoals(repetitions)}`)
  sections.push(`## Noise\n\n${renderNoise(repetitions)}`)
  return sections.join('\n\n')
}
