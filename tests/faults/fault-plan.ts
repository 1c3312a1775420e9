/** Which cases are run: all of them, or so few that each fault meets each dialect once, and every door some of them. */
import { faultDoors } from '#tests/faults/fault-doors.ts'
import type { FaultDoor } from '#tests/faults/fault-doors.ts'
import type { FaultCase } from '#tests/faults/fault-case.ts'
import { materialOf, targetWords } from '#tests/faults/fault-stage.ts'
import type { FaultMode, ReplyKind } from '#tests/faults/fault-mode.ts'
import { faultModes } from '#tests/faults/fault-modes.ts'
import { dialects } from '#tests/support/adapters.ts'

type Draft = Omit<FaultCase, 'mark'>

const bothKinds: readonly ReplyKind[] = ['whole', 'stream']

const doorsFor = (kind: ReplyKind): readonly FaultDoor[] => faultDoors.filter((door) => door.kind === kind)
const dialectsOf = (mode: FaultMode) => mode.dialects ?? dialects

/** Every fault at every target through every door, with a fallback and without; heavy ones as in the covering cases. */
export function everyCase(): readonly FaultCase[] {
  return marked(
    faultModes.flatMap((mode, turn) =>
      (mode.kinds ?? bothKinds).flatMap((kind) =>
        mode.isHeavy ? coveringOf(mode, kind, turn) : productOf(mode, kind),
      ),
    ),
  )
}

const productOf = (mode: FaultMode, kind: ReplyKind): readonly Draft[] =>
  dialectsOf(mode).flatMap((dialect) =>
    doorsFor(kind).flatMap((door) => [false, true].map((isArmed) => ({ mode, dialect, door, isArmed }))),
  )

/** Each fault with each dialect, doors and fallbacks by turns; heavy ones once. */
export function coveringCases(): readonly FaultCase[] {
  return marked(
    faultModes.flatMap((mode, turn) =>
      (mode.kinds ?? bothKinds).flatMap((kind) => coveringOf(mode, kind, turn)),
    ),
  )
}

function coveringOf(mode: FaultMode, kind: ReplyKind, turn: number): readonly Draft[] {
  const doors = doorsFor(kind)
  const spoken = dialectsOf(mode)
  const chosen = mode.isHeavy ? spoken.slice(turn % spoken.length).slice(0, 1) : spoken
  return chosen.flatMap((dialect, at) => {
    const door = doors[(at * 3 + turn) % doors.length]
    return door
      ? [{ mode, dialect, door, isArmed: (at + turn + Math.floor(turn / doors.length)) % 2 === 0 }]
      : []
  })
}

const marked = (drafts: readonly Draft[]): readonly FaultCase[] =>
  drafts.map((draft, at) => ({ ...draft, mark: `m${at + 1}` }))

/** Cases that go well together: those that wait for time leap together, heavy ones come two at a time. */
export function batchesOf(cases: readonly FaultCase[]): ReadonlyArray<readonly FaultCase[]> {
  const groups = Map.groupBy(cases, groupOf)
  return [...groups].flatMap(([group, members]) => sliced(members, batchSizes[group]))
}

type CaseGroup = 'heavy' | 'waiting' | 'trickling' | 'connecting' | 'ordinary'

/** Those that only wait cost next to nothing side by side. */
const batchSizes: Readonly<Record<CaseGroup, number>> = {
  heavy: 2,
  waiting: 200,
  trickling: 60,
  connecting: 150,
  ordinary: 24,
}

function groupOf({ mode, dialect, door }: FaultCase): CaseGroup {
  if (mode.isHeavy) return 'heavy'
  if (mode.phase === 'connecting') return 'connecting'
  const steps = mode.wire(materialOf(dialect, door.kind, targetWords))
  const last = steps.at(-1)?.do
  if (last === 'repeat') return 'trickling'
  const isWaiting = last === 'silence' || steps.some((step) => step.do === 'await-leap')
  return isWaiting ? 'waiting' : 'ordinary'
}

function sliced<T>(items: readonly T[], size: number): ReadonlyArray<readonly T[]> {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  )
}
