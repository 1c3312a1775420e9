/** Questions at random at a steady pace, through every door to targets that fail or not, by readers of whom some leave. */
import { setTimeout as sleep } from 'node:timers/promises'

import { caseName, meetFault, understand } from '#tests/faults/fault-case.ts'
import type { FaultCase, FaultDoorstep, Shown } from '#tests/faults/fault-case.ts'
import { faultDoors } from '#tests/faults/fault-doors.ts'
import { becameOf } from '#tests/faults/fault-judge.ts'
import type { Became } from '#tests/faults/fault-judge.ts'
import { passes } from '#tests/faults/fault-mode.ts'
import type { FaultMode } from '#tests/faults/fault-mode.ts'
import { faultModes } from '#tests/faults/fault-modes.ts'
import { soundReply } from '#tests/faults/spoken.ts'
import type { Chance } from '#tests/fuzz/chance.ts'
import { dialects } from '#tests/support/adapters.ts'

export interface LoadAccount {
  readonly counts: Map<Became | 'left', number>
  readonly findings: string[]
  /** Requests whose answer began, by their marks. */
  readonly answered: string[]
  /** Sound targets that did not answer: a machine that is too busy, when nothing else. */
  soundFailures: number
}

export const emptyAccount = (): LoadAccount => ({
  counts: new Map(),
  findings: [],
  answered: [],
  soundFailures: 0,
})

export interface LoadPlan {
  readonly chance: Chance
  readonly requestsPerSecond: number
  readonly durationMs: number
  readonly account: LoadAccount
  /** The number of the first request. */
  readonly from: number
}

const sound: FaultMode = { name: 'no fault', phase: 'harmless', wire: soundReply, expect: passes }
const light = faultModes.filter(({ isHeavy }) => !isHeavy)
const heavy = faultModes.filter(({ isHeavy }) => isHeavy)

const soundShare = 0.4
const heavyShare = 0.002
const leavingShare = 0.15
const leaveWithinMs = 400
/** Far beyond all deadlines that the load runs with. */
const patienceMs = 60_000

/** Asks until the time is over, and waits for the last answer. Gives the number of the next request. */
export async function askSteadily(stage: FaultDoorstep, plan: LoadPlan): Promise<number> {
  const { chance, requestsPerSecond, durationMs, account, from } = plan
  const running = new Set<Promise<void>>()
  const startedAtMs = performance.now()
  let number = from
  for (;;) {
    const dueAtMs = startedAtMs + ((number - from) * 1_000) / requestsPerSecond
    if (dueAtMs > startedAtMs + durationMs) break
    await sleep(Math.max(0, dueAtMs - performance.now()))
    const asking = askOnce(stage, randomCase(chance, number), { chance, account }).finally(() =>
      running.delete(asking),
    )
    running.add(asking)
    number += 1
  }
  await Promise.all(running)
  return number
}

function randomCase(chance: Chance, number: number): FaultCase {
  const mode = chance.isTrue(soundShare) ? sound : chance.pick(chance.isTrue(heavyShare) ? heavy : light)
  const kind = chance.pick(mode.kinds ?? (['whole', 'stream'] as const))
  return {
    mark: `m${number}`,
    mode,
    dialect: chance.pick(mode.dialects ?? dialects),
    door: chance.pick(faultDoors.filter((door) => door.kind === kind)),
    isArmed: chance.isTrue(0.5),
  }
}

async function askOnce(
  stage: FaultDoorstep,
  one: FaultCase,
  { chance, account }: Pick<LoadPlan, 'chance' | 'account'>,
): Promise<void> {
  const leaving = new AbortController()
  const leaves = chance.pick(chance.isTrue(leavingShare) ? (['at once', 'later'] as const) : [undefined])
  const afterMs = leaves === 'later' ? chance.below(leaveWithinMs) : patienceMs
  const timer = setTimeout(() => leaving.abort(), afterMs)
  try {
    const shown = await meetFault(stage, one, leaving.signal, () => {
      if (leaves === 'at once') leaving.abort()
    })
    account.answered.push(one.mark)
    judge(one, shown, leaving.signal.aborted, account)
  } catch (failure) {
    count(account, 'left')
    if (leaves === undefined) account.findings.push(`${caseName(one)}: ${String(failure)}`)
  } finally {
    clearTimeout(timer)
  }
}

function judge(one: FaultCase, shown: Shown, hasLeft: boolean, account: LoadAccount): void {
  if (hasLeft) return count(account, 'left')
  const became = becameOf(understand(one, shown))
  count(account, became)
  if (one.mode === sound && became !== 'passed') account.soundFailures += 1
  const isWrong =
    became === 'shown as success' || became === 'unclear' || shown.text.includes('internal_error')
  if (isWrong) account.findings.push(`${caseName(one)}: ${became}, ${shown.status} ${shown.text.slice(-300)}`)
  return undefined
}

const count = ({ counts }: LoadAccount, what: Became | 'left'): void =>
  void counts.set(what, (counts.get(what) ?? 0) + 1)
