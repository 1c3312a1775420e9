/**
 * Targets that run at the same time and are asked by turns, in short windows: what the machine does meanwhile falls on all
 * of them, and a ratio is formed of windows that are seconds apart.
 */
import type { Placement } from './launch.ts'
import { runPhase, type Figures, type Phase } from './measure.ts'
import type { Repetition } from './report.ts'
import { startTarget, type RunningTarget, type Target } from './targets.ts'

export const turnsPerPhase = 9
/** Connections are opened and the code is compiled; paced streams must overlap as they do for long. */
const turnWarmUpMs = 300

export type Setting = {
  upstreamPort: number
  placement: Placement
  phases: readonly Phase[]
  /** Told of each window. */
  onWindow: (target: Target, phase: Phase, figures: Figures) => void
}

type Running = { target: Target; running: RunningTarget }

/** Starts every target anew; the figures of each turn, in which every target was asked once in every phase. */
export async function measureByTurns(targets: readonly Target[], setting: Setting): Promise<Repetition[]> {
  const all: Running[] = []
  try {
    for (const target of targets) all.push({ target, running: await startTarget(target, setting) })
    const turns: Repetition[] = Array.from({ length: turnsPerPhase }, () => new Map())
    for (const phase of setting.phases) await measurePhase(all, phase, { turns, setting })
    return turns
  } finally {
    for (const { running } of all) await running.stop()
  }
}

async function measurePhase(
  all: readonly Running[],
  phase: Phase,
  { turns, setting }: { turns: readonly Repetition[]; setting: Setting },
): Promise<void> {
  const { placement, onWindow } = setting
  for (const { running } of all) await runPhase(running.subject, { ...phase, windowMs: 1 }, placement)
  const warmUpMs = phase.kind === 'paced' ? phase.warmUpMs : turnWarmUpMs
  for (const [number, turn] of turns.entries()) {
    for (const { target, running } of rotated(all, number)) {
      const figures = await runPhase(running.subject, { ...phase, warmUpMs, warmUpAnswers: 0 }, placement)
      turn.set(target.name, { ...turn.get(target.name), [phase.name]: figures })
      onWindow(target, phase, figures)
    }
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const from = by % items.length
  return [...items.slice(from), ...items.slice(0, from)]
}
