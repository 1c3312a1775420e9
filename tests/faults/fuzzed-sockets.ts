/** Cases of streams that are cut or spoilt at random and come in random pieces over a real socket. */
import type { FaultCase } from '#tests/faults/fault-case.ts'
import { understand } from '#tests/faults/fault-case.ts'
import { faultDoors } from '#tests/faults/fault-doors.ts'
import { becameOf } from '#tests/faults/fault-judge.ts'
import { fails } from '#tests/faults/fault-mode.ts'
import type { FaultJudge } from '#tests/faults/fault-run.ts'
import { blankBytes, completeFrom, soundInputs } from '#tests/faults/fuzzed-chunks.ts'
import { streamHead } from '#tests/faults/spoken.ts'
import { breathe, chunk, fin, lastChunk, rst, write } from '#tests/faults/wire-step.ts'
import type { WireStep } from '#tests/faults/wire-step.ts'
import { createChance } from '#tests/fuzz/chance.ts'
import type { Chance } from '#tests/fuzz/chance.ts'
import { mutateStream } from '#tests/fuzz/frame-mutations.ts'
import { piecesOf } from '#tests/support/recording-verdict.ts'
import { dialects } from '#tests/support/adapters.ts'

export interface FuzzedCase extends FaultCase {
  readonly chunks: number
  /** Cut before the answer was said to be finished: it must never be taken for whole. */
  readonly isShort: boolean
}

/** The same number always gives the same case of the same seed. */
export function fuzzedCase(seed: string, number: number): FuzzedCase {
  const chance = createChance(`${seed}/socket/${number}`)
  const dialect = chance.pick(dialects)
  const input = chance.pick(soundInputs(dialect))
  const isCut = chance.isTrue(0.5)
  const bytes = isCut ? input.subarray(0, chance.below(input.length)) : mutateStream(input, chance)
  const sizes = Array.from({ length: 4 }, () => 1 + chance.below(chance.pick([16, 200, 2_000])))
  const pieces = [...piecesOf(bytes, sizes)]
  const steps = stepsOf(pieces, chance)
  return {
    mark: `m${number}`,
    dialect,
    door: chance.pick(faultDoors.filter(({ kind }) => kind === 'stream')),
    isArmed: chance.isTrue(0.5),
    chunks: pieces.length,
    isShort: isCut && bytes.length < completeFrom(dialect, input) - blankBytes,
    mode: { name: `fuzzed ${number}`, phase: 'in mid-answer', wire: () => steps, expect: fails() },
  }
}

function stepsOf(pieces: readonly Uint8Array[], chance: Chance): readonly WireStep[] {
  const steps: WireStep[] = [write(streamHead)]
  for (const piece of pieces) {
    steps.push(write(chunk(piece)))
    if (chance.isTrue(0.05)) steps.push(breathe)
  }
  return [...steps, chance.pick([write(lastChunk), write(lastChunk), fin, rst])]
}

/** What must hold of any answer, whatever the provider sent. */
export const soundInAnyCase: FaultJudge = {
  shown(one, shown) {
    const understood = understand(one, shown)
    const became = becameOf(understood)
    const findings: string[] = []
    if (understood.as === 'open')
      findings.push(`neither whole nor broken: ${shown.status} ${shown.text.slice(-300)}`)
    const isWhole = understood.as === 'answer' && became !== 'rescued'
    if (isWhole && 'isShort' in one && one.isShort === true) findings.push('a cut answer was told as whole')
    if (shown.status >= 500 && shown.text.includes('internal_error')) findings.push(shown.text)
    return { became, findings }
  },
  rows(_, became, rows) {
    const findings: string[] = []
    const ends = rows.filter(({ kind }) => kind === 'charge' || kind === 'refused' || kind === 'cached')
    if (ends.length !== 1) findings.push(`${ends.length} ends of one request`)
    // A door that shows calls only when they are whole may have shown nothing of an answer that had begun.
    const isRefusal = ends[0]?.kind === 'refused' || (became === 'refused' && ends[0]?.problem !== null)
    if (isRefusal !== (became === 'refused')) findings.push(`${ends[0]?.kind ?? 'no row'} when ${became}`)
    const attempts = rows.filter(({ attempt }) => attempt > 0).map(({ attempt }) => attempt)
    if (new Set(attempts).size !== attempts.length) findings.push('two rows for one attempt')
    if (rows.some(({ problem }) => problem === 'internal_error')) findings.push('an internal error')
    return findings
  },
}
