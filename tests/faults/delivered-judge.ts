/** Judges cases under the product's own policy of rescue: what breaks off may be gone on with, and is told otherwise. */
import { expectationOfCase } from '#tests/faults/fault-case.ts'
import type { FaultCase } from '#tests/faults/fault-case.ts'
import { judgeRows, judgeShown } from '#tests/faults/fault-judge.ts'
import type { Became } from '#tests/faults/fault-judge.ts'
import type { FaultJudge } from '#tests/faults/fault-run.ts'
import { forgetfulSettings } from '#tests/faults/fault-stage.ts'
import { soundInAnyCase } from '#tests/faults/fuzzed-sockets.ts'

/** As of the other cases, but for the policy, which is left to the product. */
export const deliveredSettings = forgetfulSettings.replace('rescue: {policy: error}\n', '')

const breaksOff = (one: FaultCase): boolean => expectationOfCase(one).outcome === 'breaks'

/** Whole by somebody else where a fallback was named, and told as broken: both are right. */
const isRight = (one: FaultCase, became: Became): boolean =>
  became === 'broken' || (one.isArmed && became === 'rescued')

export const asDelivered: FaultJudge = {
  shown(one, shown) {
    if (!breaksOff(one)) return judgeShown(one, shown)
    const { became, findings } = soundInAnyCase.shown(one, shown)
    const wrong = isRight(one, became) ? [] : [`${became}: ${shown.status} ${shown.text.slice(-600)}`]
    return { became, findings: [...wrong, ...findings] }
  },
  rows: (one, became, rows) =>
    (breaksOff(one) ? soundInAnyCase : { rows: judgeRows }).rows(one, became, rows),
}
