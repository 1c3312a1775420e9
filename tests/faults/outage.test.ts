/** Targets that are dead for minutes: every caller is answered, few ask in vain, and the target is found again. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { runOutage } from '#tests/faults/outage.ts'
import { outages } from '#tests/faults/outages.ts'
import { isSoak, tell } from '#tests/money/soak.ts'

/** With every change: one that refuses connections, one that refuses requests, and one that says nothing. */
const always = ['connection refused', 'status 529', 'silent before the first word']
const chosen = outages().filter(({ name }) => isSoak || always.includes(name))

/** The longest time that a target is left alone, with its jitter, and a request. */
const longestWaitMs = 34_000

for (const plan of chosen) {
  it(`an outage by ${plan.name} costs nobody an answer`, { timeout: 600_000 }, async () => {
    const report = await runOutage(plan)
    tell(JSON.stringify(report))
    assert.equal(report.failures, 0)
    assert.ok(report.recoveryMs !== undefined, 'the target is found again')
    assert.ok(
      (report.recoveryMs ?? longestWaitMs) < longestWaitMs,
      `found again after ${report.recoveryMs} ms`,
    )
    assert.ok(report.wasted > 0, 'it was asked')
    assert.ok(report.wastedShare < 0.2, `${report.wasted} attempts in vain`)
  })
}
