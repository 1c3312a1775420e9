/** Targets that are dead for minutes: every caller is answered, few ask in vain, and the target is found again. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { runOutage } from '#tests/faults/outage.ts'
import { outages } from '#tests/faults/outages.ts'
import { isSoak, tell } from '#tests/money/soak.ts'

/** With every change: one that refuses connections, and one that says nothing. */
const chosen = outages().filter(
  ({ name }) => isSoak || name === 'connection refused' || name === 'status 529',
)

for (const plan of chosen) {
  it(`an outage by ${plan.name} costs nobody an answer`, { timeout: 600_000 }, async () => {
    const report = await runOutage(plan)
    tell(JSON.stringify(report))
    assert.equal(report.failures, 0)
    assert.ok(report.recoveryMs !== undefined, 'the target is found again')
    assert.ok(report.wasted > 0 && report.wasted < report.requests, `${report.wasted} attempts in vain`)
  })
}
