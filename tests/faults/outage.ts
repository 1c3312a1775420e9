/**
 * An outage from its beginning to its end: a target that fails in one way for a while and is sound again, under a steady
 * stream of requests with a fallback, in the time of a clock that leaps from one request to the next and stands in between.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { Dialect } from '#core/domain/chat.ts'
import { meetAnswer, understand } from '#tests/faults/fault-case.ts'
import { faultDoors } from '#tests/faults/fault-doors.ts'
import { becameOf } from '#tests/faults/fault-judge.ts'
import type { Became } from '#tests/faults/fault-judge.ts'
import type { FaultMode, Material, ReplyKind } from '#tests/faults/fault-mode.ts'
import { createLeapingClock } from '#tests/faults/leaping-clock.ts'
import { markIn, openFaultStage, targetModel } from '#tests/faults/fault-stage.ts'
import type { FaultStage } from '#tests/faults/fault-stage.ts'
import { soundReply } from '#tests/faults/spoken.ts'
import type { WireStep } from '#tests/faults/wire-step.ts'
import { eventually } from '#tests/journeys/eventually.ts'

export interface OutagePlan {
  readonly name: string
  readonly kind: ReplyKind
  readonly dialect: Dialect
  /** How the target fails meanwhile; a target that is `gone` refuses every connection. */
  readonly fails: FaultMode['wire'] | 'gone'
}

export interface OutageReport {
  readonly name: string
  readonly requests: number
  /** Attempts that the dead target was given, and what share of the requests of the outage that is. */
  readonly wasted: number
  readonly wastedShare: number
  /** What callers had of it, other than a whole answer. */
  readonly failures: number
  /** From the target's being sound again to its first answer; undefined when it never came back. */
  readonly recoveryMs: number | undefined
  /** The same to the first of ten answers in a row that it gave. */
  readonly steadyMs: number | undefined
}

const everyMs = 500
const beginsAtMs = 10_000
/** Longer than any target is left alone. */
const watchedForMs = 300_000
const steadyAnswers = 10
/** How long it fails: not always for a multiple of the times for which it is left alone. */
export const outageLengthsMs: readonly number[] = [180_000, 187_000, 194_000]

/** The settings that a house has when nobody sets any; only a busy machine is not to turn its requests away. */
const asDelivered = 'load: {shedding: {enabled: false}}'

export async function runOutage(plan: OutagePlan, lastsMs = 180_000): Promise<OutageReport> {
  const stage = await openFaultStage(asDelivered, 'repeating', createLeapingClock('stands'))
  try {
    return await endure(stage, plan, beginsAtMs + lastsMs)
  } finally {
    await stage.close()
  }
}

interface Asking {
  readonly atMs: number
  became: Became | undefined
}

async function endure(stage: FaultStage, plan: OutagePlan, healsAtMs: number): Promise<OutageReport> {
  const askings: Asking[] = []
  const step = async (nowMs: number) => {
    const asking: Asking = { atMs: nowMs, became: undefined }
    askings.push(asking)
    void ask(stage, plan, `m${askings.length}`).then((became) => {
      asking.became = became
    })
    await settled(stage, askings)
    stage.clock.leap(everyMs)
    // Deadlines are looked at a few dozen times a second.
    if (askings.some((one) => one.became === undefined)) await sleep(25)
  }
  for (let nowMs = 0; nowMs < beginsAtMs; nowMs += everyMs) await step(nowMs)
  await breakDown(stage, plan)
  for (let nowMs = beginsAtMs; nowMs < healsAtMs; nowMs += everyMs) await step(nowMs)
  await heal(stage, plan)
  const backAfter = (answers: number) => {
    const at = firstPassedRow(askings, healsAtMs, answers)
    return at === undefined ? undefined : at - healsAtMs
  }
  for (let nowMs = healsAtMs; nowMs < healsAtMs + watchedForMs; nowMs += everyMs) {
    if (backAfter(steadyAnswers) !== undefined) break
    await step(nowMs)
  }
  await finished(stage, askings)
  const requests = (healsAtMs - beginsAtMs) / everyMs
  const wasted = await failedAttempts(stage, plan, askings.length)
  return {
    name: plan.name,
    requests,
    wasted,
    wastedShare: wasted / requests,
    failures: askings.filter(({ became }) => became !== 'passed' && became !== 'rescued').length,
    recoveryMs: backAfter(1),
    steadyMs: backAfter(steadyAnswers),
  }
}

/** When the first of so many requests in a row was asked that the target answered, all of them after this time. */
function firstPassedRow(askings: readonly Asking[], afterMs: number, length: number): number | undefined {
  let row: Asking[] = []
  for (const asking of askings) {
    const isPassed = asking.atMs >= afterMs && asking.became === 'passed'
    row = isPassed ? [...row, asking] : []
    if (row.length === length) return row[0]?.atMs
  }
  return undefined
}

/** Outages of the same kind as one: everything that was asked, and the slowest way back. */
export function togetherOf(reports: readonly OutageReport[]): OutageReport {
  const sum = (of: (report: OutageReport) => number) => reports.reduce((all, one) => all + of(one), 0)
  const slowest = (of: (report: OutageReport) => number | undefined) => {
    const times = reports.map(of)
    return times.includes(undefined) ? undefined : Math.max(...times.map((time) => time ?? 0))
  }
  const [requests, wasted] = [sum((one) => one.requests), sum((one) => one.wasted)]
  return {
    name: reports[0]?.name ?? '',
    requests,
    wasted,
    wastedShare: wasted / requests,
    failures: sum(({ failures }) => failures),
    recoveryMs: slowest(({ recoveryMs }) => recoveryMs),
    steadyMs: slowest(({ steadyMs }) => steadyMs),
  }
}

async function ask(stage: FaultStage, { kind, dialect }: OutagePlan, mark: string): Promise<Became> {
  const door = faultDoors.find((one) => one.kind === kind && one.name.startsWith('openai-chat'))
  if (!door) throw new Error('there is no such door')
  const one = { mark, door, dialect, isArmed: true, model: targetModel(dialect) }
  try {
    return becameOf(understand(one, await meetAnswer(stage, one)))
  } catch {
    return 'unclear'
  }
}

async function breakDown(stage: FaultStage, { fails }: OutagePlan): Promise<void> {
  if (fails === 'gone') await stage.provider.leave()
  else stage.playAlways(fails)
}

async function heal(stage: FaultStage, { fails }: OutagePlan): Promise<void> {
  if (fails === 'gone') await stage.provider.comeBack()
  else stage.playAlways(undefined)
}

/** Waits until every request has its answer, or waits for a time that only a leap brings. */
async function settled({ provider }: FaultStage, askings: readonly Asking[]): Promise<void> {
  const patience = performance.now() + 10_000
  while (performance.now() < patience) {
    const pending = askings.filter(({ became }) => became === undefined).length
    if (pending === 0) return
    const silent = new Set(
      provider.heard
        .filter(({ isSilent, isClosed }) => isSilent && !isClosed)
        .map(({ request }) => markIn(request)),
    )
    if (silent.size >= pending) return
    await sleep(2)
  }
}

/** Lets all time pass that anybody still waits for. */
async function finished(stage: FaultStage, askings: readonly Asking[]): Promise<void> {
  await eventually(async () => {
    stage.clock.leap(everyMs)
    await sleep(10)
    if (askings.some(({ became }) => became === undefined)) throw new Error('requests without an end')
  }, 60_000)
}

/** From the rows: what the target was asked in vain. */
function failedAttempts({ house }: FaultStage, { dialect }: OutagePlan, requests: number): Promise<number> {
  return eventually(() => {
    const database = new DatabaseSync(join(house.dataDir, 'signalbox.db'), { readOnly: true })
    try {
      const count = (where: string, ...values: string[]) =>
        Number(database.prepare(`SELECT count(*) AS n FROM usage_rows WHERE ${where}`).get(...values)?.['n'])
      if (count("kind IN ('charge', 'refused')") < requests) throw new Error('rows are still to come')
      return count("kind <> 'refused' AND problem IS NOT NULL AND provider = ?", targetModel(dialect))
    } finally {
      database.close()
    }
  })
}

/** Fails at every second request, and is sound in between. */
export function flapping(steps: (material: Material) => readonly WireStep[]): FaultMode['wire'] {
  let turn = 0
  return (material) => {
    turn += 1
    return turn % 2 === 0 ? soundReply(material) : steps(material)
  }
}
