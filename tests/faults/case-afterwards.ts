/** What is looked at as soon as a single case is over, while others still run: the process, its money, its sockets, its rows. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { FaultCase } from '#tests/faults/fault-case.ts'
import type { Became } from '#tests/faults/fault-judge.ts'
import type { FaultJudge } from '#tests/faults/fault-run.ts'
import { markIn } from '#tests/faults/fault-stage.ts'
import type { FaultStage } from '#tests/faults/fault-stage.ts'
import { followOpenHolds } from '#tests/faults/open-holds.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import type { KeptRow } from '#tests/journeys/records.ts'

export interface CaseWatch {
  /** What is wrong after this case; what is still to come is waited for. */
  findingsAfter(one: FaultCase, became: Became): Promise<readonly string[]>
  close(): void
}

/** `stillAsking` counts the cases whose callers have no end yet. */
export function watchCases(
  stage: FaultStage,
  judge: FaultJudge,
  stillAsking: () => number,
  withinMs?: number,
): CaseWatch {
  const database = new DatabaseSync(join(stage.house.dataDir, 'signalbox.db'), { readOnly: true })
  const holds = followOpenHolds(database)
  const find = database.prepare('SELECT * FROM usage_rows WHERE request_id >= ? AND request_id < ?')
  const rowsOf = (mark: string) => find.all(`${mark}.`, `${mark}/`) as unknown as readonly KeptRow[]

  const complaint = (probe: () => void | Promise<void>) => complaintOf(probe, withinMs)

  return {
    async findingsAfter(one, became) {
      const { mark } = one
      const alive = await complaint(() => assertAlive(stage, stillAsking))
      const ended = await complaint(() => {
        const ends = rowsOf(mark).filter(({ kind }) => kind !== 'failed')
        assert.ok(ends.length > 0, 'no row says how it ended')
      })
      const held = await complaint(() => {
        const own = [...holds.read()].filter((id) => id.startsWith(`${mark}.`))
        assert.deepEqual(own, [], 'money stays held')
      })
      const open = await complaint(() => assert.ok(isLetGo(stage, mark), 'a socket to a provider stays open'))
      return [...alive, ...ended, ...held, ...open, ...judge.rows(one, became, rowsOf(mark))]
    },
    close: () => database.close(),
  }
}

/** It answers, and attends to nobody whose caller has gone. */
async function assertAlive({ house }: FaultStage, stillAsking: () => number): Promise<void> {
  const asking = stillAsking()
  const response = await house.get('/health/detailed')
  const { in_flight: inFlight } = (await response.json()) as { readonly in_flight: number }
  assert.ok(inFlight <= asking, `${inFlight} requests are attended to and ${asking} callers wait`)
}

/** Whether each of its exchanges is closed or free for the next request. */
const isLetGo = ({ provider, fallback }: FaultStage, mark: string): boolean =>
  [...provider.heard, ...fallback.heard].every(
    ({ request, isIdle, isClosed }) => isIdle || isClosed || markIn(request) !== mark,
  )

/** What the probe still complains of after long patience. */
export async function complaintOf(
  probe: () => void | Promise<void>,
  withinMs?: number,
): Promise<readonly string[]> {
  try {
    await eventually(probe, withinMs)
    return []
  } catch (complaint) {
    return [complaint instanceof Error ? complaint.message : String(complaint)]
  }
}
