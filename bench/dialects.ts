/**
 * What each API costs, at a target of its own API and at one of another: CPU per whole request and per streamed event,
 * as ratios to chat completions in the same process. Chat completions are measured again after all the others, so that
 * it shows whether other APIs at work make them slower.
 */
import { phases, runPhase, type Figures, type Phase, type PhaseName } from './measure.ts'
import type { Placement } from './launch.ts'
import { spreadOf } from './samples.ts'
import { allDialects, bare, startTarget, type RunningTarget } from './targets.ts'
import type { Upstream } from './upstream.ts'
import { voiceOf, type VoiceName } from './voices.ts'

type Pair = { label: string; door: VoiceName; target: VoiceName }

const chat: VoiceName = 'openai-chat'
const own = (name: VoiceName): Pair => ({ label: `${name}, own target`, door: name, target: name })
const other = (door: VoiceName, target: VoiceName): Pair => ({ label: `${door} -> ${target}`, door, target })

const first: Pair = own(chat)
const pairs: readonly Pair[] = [
  first,
  own('openai-responses'),
  own('anthropic-messages'),
  own('gemini-generate'),
  own('cohere-chat'),
  other(chat, 'anthropic-messages'),
  other('openai-responses', 'anthropic-messages'),
  other('anthropic-messages', chat),
  other('gemini-generate', chat),
  other('cohere-chat', chat),
  { ...first, label: `${chat}, own target, after all the others` },
]
const bareLabel = 'bare proxy, chat completions'

export type DialectsWish = { repetitions: number; isQuick: boolean }

type Measured = Map<string, Partial<Record<PhaseName, Figures>>>

const wanted: readonly PhaseName[] = ['saturated', 'paced', 'burst']

/** The usual phases, but each shorter: there are many pairs, and ratios need less than absolute figures. */
function shortPhases(isQuick: boolean): readonly Phase[] {
  const share = isQuick ? 0.3 : 0.6
  return phases
    .filter(({ name }) => wanted.includes(name))
    .map((phase) => ({
      ...phase,
      warmUpMs: Math.round(phase.warmUpMs * share),
      warmUpAnswers: Math.round(phase.warmUpAnswers * share * 0.5),
      windowMs: isQuick ? 750 : 1_500,
    }))
}

type Setting = {
  upstream: Upstream
  placement: Placement
  phases: readonly Phase[]
  say: (line: string) => void
}

async function measurePairs(running: RunningTarget, setting: Setting, measured: Measured): Promise<void> {
  const key = running.subject.headerLines[0]?.replace('authorization: Bearer ', '') ?? ''
  for (const { label, door, target } of pairs) {
    const voice = voiceOf(door)
    const byPhase: Partial<Record<PhaseName, Figures>> = {}
    for (const phase of setting.phases) {
      const model = `bench-${target}`
      const subject = {
        ...running.subject,
        path: voice.path(model, phase.kind),
        headerLines: voice.headerLines(key),
        spoken: { request: voice.request(phase.kind, model), ending: voice.ending },
      }
      byPhase[phase.name] = await runPhase(subject, phase, setting.placement)
    }
    measured.set(label, byPhase)
    setting.say(`  ${label.padEnd(48)} ${phaseLine(byPhase)}`)
  }
}

function phaseLine(byPhase: Partial<Record<PhaseName, Figures>>): string {
  return wanted
    .map((name) => {
      const figures = byPhase[name]
      const cpu = (name === 'saturated' ? figures?.cpuPerRequest : figures?.cpuPerEvent) ?? Number.NaN
      const wrong = figures && figures.wrongAnswers > 0 ? ` WRONG ${figures.wrongKinds}` : ''
      return `${name} ${cpu.toFixed(1)}${wrong}`
    })
    .join(', ')
}

async function measureOnce(setting: Setting): Promise<Measured> {
  const { upstream, placement } = setting
  const measured: Measured = new Map()
  const surroundings = { upstreamPort: upstream.port, placement }
  const proxy = await startTarget(bare, surroundings)
  try {
    const byPhase: Partial<Record<PhaseName, Figures>> = {}
    for (const phase of setting.phases) byPhase[phase.name] = await runPhase(proxy.subject, phase, placement)
    measured.set(bareLabel, byPhase)
    setting.say(`  ${bareLabel.padEnd(48)} ${phaseLine(byPhase)}`)
  } finally {
    await proxy.stop()
  }
  const running = await startTarget(allDialects, surroundings)
  try {
    await measurePairs(running, setting, measured)
  } finally {
    await running.stop()
  }
  return measured
}

/** Measures every pair and gives the table as Markdown. */
export async function measureDialects(wish: DialectsWish, setting: Omit<Setting, 'phases'>): Promise<string> {
  const repetitions: Measured[] = []
  for (let round = 0; round < wish.repetitions; round++) {
    setting.say(`repetition ${round + 1} of ${wish.repetitions}`)
    repetitions.push(await measureOnce({ ...setting, phases: shortPhases(wish.isQuick) }))
  }
  return renderDialects(repetitions)
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function renderDialects(repetitions: readonly Measured[]): string {
  const heads = [
    'door and target',
    'CPU µs/request',
    '× chat',
    'CPU µs/event, paced',
    '× chat',
    'CPU µs/event, burst',
    '× chat',
    'wrong',
  ]
  const labels = [bareLabel, ...pairs.map(({ label }) => label)]
  const rows = labels.map((label) =>
    row([label, ...wanted.flatMap((phase) => cells(repetitions, label, phase)), wrongOf(repetitions, label)]),
  )
  return [row(heads), row(heads.map(() => '---')), ...rows].join('\n')
}

function cpuOf(measured: Measured, label: string, phase: PhaseName): number {
  const figures = measured.get(label)?.[phase]
  return (phase === 'saturated' ? figures?.cpuPerRequest : figures?.cpuPerEvent) ?? Number.NaN
}

/** The figure, and its ratio to chat completions in the same repetition: medians, and the ratio's range. */
function cells(repetitions: readonly Measured[], label: string, phase: PhaseName): readonly string[] {
  const figures = spreadOf(repetitions.map((measured) => cpuOf(measured, label, phase)))
  const ratios = spreadOf(
    repetitions.map((measured) => cpuOf(measured, label, phase) / cpuOf(measured, first.label, phase)),
  )
  const ratio = `${ratios.median.toFixed(2)} (${ratios.min.toFixed(2)}-${ratios.max.toFixed(2)})`
  return [figures.median.toFixed(1), ratio]
}

function wrongOf(repetitions: readonly Measured[], label: string): string {
  const all = repetitions.flatMap((measured) => Object.values(measured.get(label) ?? {}))
  const wrong = all.filter(({ wrongAnswers }) => wrongAnswers > 0).map(({ wrongKinds }) => wrongKinds)
  return wrong.length === 0 ? '0' : wrong.join('; ')
}
