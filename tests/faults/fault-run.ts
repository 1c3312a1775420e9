/** Runs cases side by side, lets the clock leap where all are waiting for it, and checks everything after them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

import { meetFault } from '#tests/faults/fault-case.ts'
import type { FaultCase, Shown } from '#tests/faults/fault-case.ts'
import { judgeRows, judgeShown } from '#tests/faults/fault-judge.ts'
import type { Became } from '#tests/faults/fault-judge.ts'
import { markIn } from '#tests/faults/fault-stage.ts'
import type { FaultStage } from '#tests/faults/fault-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
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
  const shown = await meetAll(stage, cases)
  const judged = cases.map((one, at) => {
    const seen = shown[at]
    if (!seen) return { one, became: 'unclear' as const, findings: ['it never ended'] }
    return { one, ...judge.shown(one, seen) }
  })
  const afterwards = await checkAfter(stage, judged, judge)
  return judged.map((result, at) => ({
    ...result,
    findings: [...result.findings, ...(afterwards[at] ?? [])],
  }))
}

/** A case that never ends is undefined. */
async function meetAll(
  stage: FaultStage,
  cases: readonly FaultCase[],
): Promise<ReadonlyArray<Shown | undefined>> {
  const pending = new Set<string>()
  const shown: Array<Shown | undefined> = []
  const leaving = AbortSignal.timeout(patienceMs)
  const running = cases.map(async (one, at) => {
    pending.add(one.mark)
    try {
      shown[at] = await meetFault(stage, one, leaving)
    } catch {
      shown[at] = undefined
    } finally {
      pending.delete(one.mark)
    }
  })
  while (pending.size > 0) {
    await sleep(5)
    if (!isWaitingForTime(stage, pending)) continue
    stage.clock.leap(leapMs)
    // The gateway looks at its deadlines a few times a second.
    await sleep(200)
  }
  await Promise.all(running)
  return shown
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

/** Findings for each case: its rows, its sockets, and what the books say after all of them. */
async function checkAfter(
  stage: FaultStage,
  judged: readonly CaseResult[],
  judge: FaultJudge,
): Promise<ReadonlyArray<readonly string[]>> {
  const marks = judged.map(({ one }) => one.mark)
  const rows = await endedRows(stage, marks)
  const open = await openExchanges(stage)
  const books = await booksAtRest(stage)
  return judged.map(({ one, became }) => {
    const { mark } = one
    const own = rows.get(mark) ?? []
    const about = books.filter((finding) => finding.includes(`${mark}.`) || !/\bm\d+\./.test(finding))
    const held = open.has(mark) ? ['a socket to the provider stays open'] : []
    return [...judge.rows(one, became, own), ...held, ...about]
  })
}

/** The rows of each mark, once every request has its end; what is missing after long patience stays missing. */
async function endedRows(
  { house }: FaultStage,
  marks: readonly string[],
): Promise<ReadonlyMap<string, readonly KeptRow[]>> {
  const read = () => {
    const database = new DatabaseSync(join(house.dataDir, 'signalbox.db'), { readOnly: true })
    try {
      const find = database.prepare('SELECT * FROM usage_rows WHERE request_id >= ? AND request_id < ?')
      return new Map(marks.map((mark) => [mark, find.all(`${mark}.`, `${mark}/`) as unknown as KeptRow[]]))
    } finally {
      database.close()
    }
  }
  try {
    return await eventually(() => {
      const rows = read()
      for (const own of rows.values()) assert.ok(own.some(({ kind }) => kind !== 'failed'))
      return rows
    })
  } catch {
    return read()
  }
}

/** Marks of exchanges that are neither closed nor free for the next request. */
async function openExchanges({ provider, fallback }: FaultStage): Promise<ReadonlySet<string>> {
  const open = () =>
    new Set(
      [...provider.heard, ...fallback.heard]
        .filter(({ isIdle, isClosed }) => !isIdle && !isClosed)
        .map(({ request }) => markIn(request)),
    )
  try {
    await eventually(() => assert.equal(open().size, 0))
  } catch {
    // Told with the case.
  }
  return open()
}

/** What the ledger check finds once nothing is held and nobody is being answered. */
async function booksAtRest({ house }: FaultStage): Promise<readonly string[]> {
  try {
    return await eventually(async () => {
      const response = await house.get('/health/detailed')
      const { in_flight: inFlight } = (await response.json()) as { readonly in_flight?: number }
      assert.equal(inFlight, 0)
      const { findings } = checkMoney(readFileBooks(house.dataDir))
      assert.deepEqual(findings, [])
      return findings
    })
  } catch (complaint) {
    const { findings } = checkMoney(readFileBooks(house.dataDir))
    return findings.length > 0 ? findings : [String(complaint)]
  }
}
