/** The relay of usage rows: nothing lost, nothing twice, whatever the shared journal does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, asyncProperty, boolean } from 'fast-check'
import { toNanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Journal } from '#services/analytics-collector/journal.ts'
import { createRelayedJournal } from '#services/analytics-collector/relayed-journal.ts'
import type { Outbox } from '#services/analytics-collector/relayed-journal.ts'

const rowOf = (requestId: string) => ({ requestId, costNanoUsd: toNanoUsd(1) }) as UsageRow

function memoryOutbox(): Outbox & { readonly waiting: UsageRow[] } {
  const waiting: UsageRow[] = []
  return {
    waiting,
    append: (rows) => void waiting.push(...rows),
    oldest: (limit) => waiting.slice(0, limit),
    remove(rows) {
      for (const row of rows) waiting.splice(waiting.indexOf(row), 1)
    },
  }
}

/** Fails as the script says: before the write, or after it when the answer is lost. */
function sharedJournal(script: Array<{ readonly isWritten: boolean; readonly isAnswered: boolean }>) {
  const kept = new Map<string, number>()
  const journal: Journal = {
    append(rows) {
      const step = script.shift() ?? { isWritten: true, isAnswered: true }
      if (step.isWritten) for (const { requestId } of rows) kept.set(requestId, 1)
      if (!step.isWritten || !step.isAnswered) throw new Error('the connection broke')
    },
    totals: () => [],
    latest: () => [],
    charges: () => [],
    prune: () => 0,
  }
  return { journal, kept }
}

test('rows arrive exactly once, however often and wherever the shared journal fails', async () => {
  const step = array(boolean(), { minLength: 2, maxLength: 2 }).map(
    ([isWritten = false, isAnswered = false]) => ({
      isWritten,
      isAnswered,
    }),
  )
  await check(
    asyncProperty(array(step, { maxLength: 6 }), async (script) => {
      const outbox = memoryOutbox()
      const { journal, kept } = sharedJournal([...script])
      const relayed = createRelayedJournal({ outbox, shared: journal, report: () => undefined })
      try {
        for (let number = 0; number < 8; number++) {
          await relayed.append([rowOf(`r${number}`)])
          await relayed.relay().catch(() => undefined)
        }
        await relayed.relay().catch(async () => relayed.relay())
        assert.equal(outbox.waiting.length, 0)
        assert.equal(kept.size, 8)
      } finally {
        relayed.close()
      }
    }),
  )
})

test('an outage is told once and rows go on being kept', async () => {
  const outbox = memoryOutbox()
  const failing = Array.from({ length: 50 }, () => ({ isWritten: false, isAnswered: false }))
  const told: string[] = []
  const relayed = createRelayedJournal({
    outbox,
    shared: sharedJournal(failing).journal,
    report: (_failure, place) => void told.push(place),
  })
  await relayed.append([rowOf('a')])
  await relayed.append([rowOf('b')])
  await assert.rejects(relayed.relay(), /broke/)
  await assert.rejects(async () => relayed.totals({ fromMs: 0, toMs: 1, groupBy: [], limit: 1 }), /broke/)
  relayed.close()
  assert.equal(outbox.waiting.length, 2)
  assert.ok(told.length <= 1)
})
