/** The scorecard: what became of every fault, in numbers, as the page shows them. */
import type { FaultPhase } from '#tests/faults/fault-mode.ts'
import { faultModes } from '#tests/faults/fault-modes.ts'
import type { Became } from '#tests/faults/fault-judge.ts'
import type { CaseResult } from '#tests/faults/fault-run.ts'
import type { OutageReport } from '#tests/faults/outage.ts'

export const phases: readonly FaultPhase[] = [...new Set(faultModes.map(({ phase }) => phase))]

/** What is counted of each phase, in the order of the columns. */
const counted: ReadonlyArray<readonly [heading: string, became: readonly Became[]]> = [
  ['answered', ['passed']],
  ['rescued', ['rescued']],
  ['refused cleanly', ['refused']],
  ['told as broken', ['broken']],
  ['shown as success', ['shown as success', 'unclear']],
]

export interface Tour {
  readonly results: readonly CaseResult[]
  readonly command: string
}

/** A row for each phase, and one for all. */
export function tourTable({ results, command }: Tour): string {
  const lineOf = (title: string, own: readonly CaseResult[]) => {
    const modes = new Set(own.map(({ one }) => one.mode)).size
    const counts = counted.map(([, became]) => own.filter((result) => became.includes(result.became)).length)
    const wrong = own.filter(({ findings }) => findings.length > 0).length
    return `| ${[title, modes, own.length, ...counts, wrong].join(' | ')} |`
  }
  return [
    `\`${command}\``,
    '',
    `| strikes | faults | cases | ${counted.map(([heading]) => heading).join(' | ')} | otherwise than it should be |`,
    `|---${'|---:'.repeat(counted.length + 3)}|`,
    ...phases.map((phase) =>
      lineOf(
        phase,
        results.filter(({ one }) => one.mode.phase === phase),
      ),
    ),
    lineOf('**all**', results),
  ].join('\n')
}

export function outageTable(reports: readonly OutageReport[]): string {
  return [
    '| the target for three minutes | requests | attempts at it in vain | of the requests | callers without an answer | back after | steady after |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...reports.map(({ name, requests, wasted, wastedShare, failures, recoveryMs, steadyMs }) => {
      const [back, steady] = [recoveryMs, steadyMs].map((timeMs) =>
        timeMs === undefined ? 'not within 5 min' : `${timeMs / 1_000} s`,
      )
      const share = `${(wastedShare * 100).toFixed(1)} %`
      return `| ${[name, requests, wasted, share, failures, back, steady].join(' | ')} |`
    }),
  ].join('\n')
}
