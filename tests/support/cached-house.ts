/** A house for tests of the corridor with the real cache in it. */
import assert from 'node:assert/strict'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { createResponseCache } from '#services/response-cache/response-cache.ts'
import { createMemoryEntries } from '#stores/memory/entries.ts'
import { askedFor, caller, fakeHouse, fakeTarget } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-rooms.ts'

export const answer: Behaviour = { does: 'answer', pieces: 3, saysUsage: true }
export const nothingHeld = { permits: 0, money: 0, passes: 0, replies: 0 }

/** `pause` never ends by itself unless patience is over at once. */
export function openCached(
  steps: readonly Behaviour[] = [answer],
  { waitMs = 1_000, isPatient = true, gate = Promise.resolve() } = {},
) {
  const house = fakeHouse(new Map<Target, readonly Behaviour[]>([[fakeTarget('model'), steps]]))
  const settings = {
    isEnabled: true,
    defaultTtlMs: 60_000,
    entryBytesMax: 100_000,
    sameQuestionWaitMs: waitMs,
  }
  const responseCache = createResponseCache({
    entries: createMemoryEntries({ entriesMax: 10, bytesMax: 1_000_000 }, house.rooms.clock),
    settings: () => settings,
    report: (failure) => assert.fail(String(failure)),
  })
  const pause = (_durationMs: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (!isPatient) resolve()
      signal.addEventListener('abort', () => reject(new Problem('caller_left')), { once: true })
    })
  let ids = 0
  const gateway = createGateway({
    ...house.rooms,
    responseCache,
    pause,
    transport: {
      async send(...call) {
        await gate
        return house.rooms.transport.send(...call)
      },
    },
  })
  return {
    ...house,
    ask: (changes = {}, who = caller, isStreamed = false) =>
      gateway.ask(who, askedFor({ requestId: `request-${++ids}`, ...changes }, isStreamed)),
  }
}
