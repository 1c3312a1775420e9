/** Judges cases under the product's own policy of rescue: what breaks off may be gone on with, and is told otherwise. */
import { expectationOfCase } from '#tests/faults/fault-case.ts'
import type { FaultCase } from '#tests/faults/fault-case.ts'
import { judgeRows, judgeShown } from '#tests/faults/fault-judge.ts'
import type { Became } from '#tests/faults/fault-judge.ts'
import type { FaultJudge } from '#tests/faults/fault-run.ts'
import { forgetfulSettings } from '#tests/faults/fault-stage.ts'
import type { KeptRow } from '#tests/journeys/records.ts'
import { soundInAnyCase } from '#tests/faults/fuzzed-sockets.ts'

/** As of the other cases, but for the policy, which is left to the product. */
export const deliveredSettings = forgetfulSettings.replace('rescue: {policy: error}\n', '')

const breaksOff = (one: FaultCase): boolean => expectationOfCase(one).outcome === 'breaks'

/**
 * Whole by somebody else where a fallback was named, whole by the target itself, which may have been asked to go on, and
 * told as broken: all are right.
 */
const isRight = (one: FaultCase, became: Became): boolean =>
  became === 'broken' || became === 'passed' || (one.isArmed && became === 'rescued')

/** What is whole all the same has been gone on with, or else a break was hidden. */
function hiddenBreak(became: Became, rows: readonly KeptRow[]): readonly string[] {
  const isHidden = became === 'passed' && !rows.some(({ kind }) => kind === 'rescued')
  return isHidden ? ['a break was not told, and nobody went on'] : []
}

export const asDelivered: FaultJudge = {
  shown(one, shown) {
    if (!breaksOff(one)) return judgeShown(one, shown)
    const { became, findings } = soundInAnyCase.shown(one, shown)
    const wrong = isRight(one, became) ? [] : [`${became}: ${shown.status} ${shown.text.slice(-600)}`]
    return { became, findings: [...wrong, ...findings] }
  },
  rows: (one, became, rows) =>
    breaksOff(one)
      ? [...soundInAnyCase.rows(one, became, rows), ...hiddenBreak(became, rows)]
      : judgeRows(one, became, rows),
}
