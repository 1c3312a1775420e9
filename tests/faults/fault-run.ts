/** Runs cases side by side, lets the clock leap where all are waiting for it, and checks everything after each of them. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

import { complaintOf, watchCases } from '#tests/faults/case-afterwards.ts'
import { meetFault } from '#tests/faults/fault-case.ts'
import type { FaultCase, Shown } from '#tests/faults/fault-case.ts'
import { judgeRows, judgeShown } from '#tests/faults/fault-judge.ts'
import type { Became } from '#tests/faults/fault-judge.ts'
import { markIn } from '#tests/faults/fault-stage.ts'
import type { FaultStage } from '#tests/faults/fault-stage.ts'
import type { KeptRow } from '#tests/journeys/records.ts'
import { checkMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks } from '#tests/money/money-books.ts'

export interface CaseResult {
  readonly one: FaultCase
  readonly became: Became
  readonly findings: readonly string[]
}

/** Below the longest silence that is allowed, so that signs of life count; two make the time for a first word. */
const leapMs = 16_000
const patienceMs = 60_000

/** Who says whether what became of a case is right. */
export interface FaultJudge {
  readonly shown: (one: FaultCase, shown: Shown) => { became: Became; findings: readonly string[] }
  readonly rows: (one: FaultCase, became: Became, rows: readonly KeptRow[]) => readonly string[]
}

const byExpectation: FaultJudge = { shown: judgeShown, rows: judgeRows }

/** Runs these cases at the same time; what is wrong with each is among its findings. */
export async function runCases(
  stage: FaultStage,
  cases: readonly FaultCase[],
  judge = byExpectation,
): Promise<readonly CaseResult[]> {
  stage.provider.forget()
  stage.fallback.forget()
  const pending = new Set(cases.map(({ mark }) => mark))
  const watch = watchCases(stage, judge, () => pending.size)
  try {
    const leaving = AbortSignal.timeout(patienceMs)
    const running = cases.map(async (one): Promise<CaseResult> => {
      const seen = await meetFault(stage, one, leaving).catch(() => undefined)
      pending.delete(one.mark)
      if (!seen) return { one, became: 'unclear', findings: ['it never ended'] }
      const { became, findings } = judge.shown(one, seen)
      return { one, became, findings: [...findings, ...(await watch.findingsAfter(one, became))] }
    })
    await letTimePass(stage, pending)
    const results = await Promise.all(running)
    const faults = await faultsAtRest(stage)
    return results.map((result) => ({
      ...result,
      findings: [...result.findings, ...faults.filter((finding) => isAbout(result.one, finding))],
    }))
  } finally {
    watch.close()
  }
}

/** A finding that names no case is about all of them. */
const isAbout = ({ mark }: FaultCase, finding: string): boolean =>
  finding.includes(`${mark}.`) || !/\bm\d+\./.test(finding)

/** Lets the clock leap whenever all who still ask wait for that. */
async function letTimePass(stage: FaultStage, pending: ReadonlySet<string>): Promise<void> {
  while (pending.size > 0) {
    await sleep(5)
    if (!isWaitingForTime(stage, pending)) continue
    stage.clock.leap(leapMs)
    // The gateway looks at its deadlines a few times a second.
    await sleep(200)
    stage.provider.noteLeap()
  }
}

/** Whether nothing more will happen to any of these before time passes. */
function isWaitingForTime({ provider }: FaultStage, marks: ReadonlySet<string>): boolean {
  if (marks.size === 0) return false
  const silent = new Set<string>()
  for (const { request, isSilent, isClosed } of provider.heard) {
    if (isSilent && !isClosed) silent.add(markIn(request))
  }
  return [...marks].every((mark) => silent.has(mark))
}

/** What is wrong once nobody asks any more: somebody is attended to, a socket is open, or the books do not agree. */
async function faultsAtRest(stage: FaultStage): Promise<readonly string[]> {
  const { house, provider, fallback } = stage
  const complaints = await complaintOf(async () => {
    const response = await house.get('/health/detailed')
    const { in_flight: inFlight } = (await response.json()) as { readonly in_flight?: number }
    assert.equal(inFlight, 0, 'requests that are attended to')
    const open = [...provider.heard, ...fallback.heard].filter(({ isIdle, isClosed }) => !isIdle && !isClosed)
    assert.equal(open.length, 0, 'sockets to the providers that stay open')
    assert.deepEqual(checkMoney(readFileBooks(house.dataDir)).findings, [])
  })
  // Each finding of the books names its own case.
  const { findings } = complaints.length > 0 ? checkMoney(readFileBooks(house.dataDir)) : { findings: [] }
  return findings.length > 0 ? findings : complaints
}
