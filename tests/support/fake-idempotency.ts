/** Idempotency as it is, over a book in memory, for tests of the corridor. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#core/domain/clock.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import { createIdempotency } from '#services/idempotency/idempotency.ts'
import type { Idempotency, IdempotencySettings } from '#services/idempotency/idempotency.ts'
import type { KeyBook } from '#services/idempotency/key-book.ts'
import { createAnswerSeal } from '#services/idempotency/sealed-answer.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteKeyBook } from '#stores/sqlite/key-book.ts'

const usualSettings: IdempotencySettings = {
  isEnabled: true,
  rememberMs: 86_400_000,
  leaseMs: 1_000_000,
  waitMs: 1_000_000,
  waitingMax: 10,
  streamBytesMax: 1_000_000,
  lingerMs: 0,
  answersKeptMs: 0,
  answersHandedMs: 10_000,
  answerBytesMax: 1_000_000,
}

export const memoryKeyBook = (): KeyBook => createSqliteKeyBook(openDatabase({ file: ':memory:' }))

export function fakeIdempotency(
  clock: Clock,
  changes: Partial<IdempotencySettings> = {},
  book: KeyBook = memoryKeyBook(),
): Idempotency {
  const settings = { ...usualSettings, ...changes }
  const ports = {
    book,
    clock,
    seal: createAnswerSeal(Buffer.from('secret of this test')),
    report: (failure: unknown) => {
      throw new Error('nothing should have to be reported', { cause: failure })
    },
    async pause(_durationMs: number, signal: LeaveSignal) {
      await sleep(1)
      if (signal.aborted) throw new Problem('caller_left')
    },
  }
  return createIdempotency(ports, () => settings)
}

/** For requests without a key, which ask for nothing here. */
export const unaskedIdempotency: Idempotency = {
  settings: () => usualSettings,
  nameOf: () => '',
  claim: () => Promise.reject(new Error('nobody claims a key in this test')),
  finish: () => Promise.reject(new Error('nobody holds a key in this test')),
  release: () => Promise.reject(new Error('nobody holds a key in this test')),
  renew: () => Promise.resolve(),
  prune: () => Promise.resolve(),
}
