/**
 * The slices of a shelf in Redis, for the operator: who holds what ahead, and what a dead instance held given back. It
 * speaks in a session of its own, and asks for no hold.
 */
import type { GivenBack, HeldSlice, SliceList } from '#core/domain/held-slice.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { keysOf, memberMs } from '#stores/redis/ledger-shelf.ts'
import { writtenName } from '#stores/redis/epoch-name.ts'
import { createScript } from '#stores/redis/script.ts'
import { releaseScript } from '#stores/redis/slice-script.ts'
import type { Session } from '#services/budget-manager/shared-ledger/shelf.ts'

export interface SliceDesk {
  list(): Promise<SliceList>
  /**
   * Gives back the slices of an instance whose lease ended longer ago than any request may run. `alive`: it gave a sign
   * of life lately. Undefined: epoch or session are others.
   */
  release(session: Session, instance: string, runningMsMax: number): Promise<GivenBack | 'alive' | undefined>
}

export interface SliceDeskSettings {
  readonly tag: string
  /** Who speaks. */
  readonly speaker: string
}

const scanStep = 1_000
const slicePattern = 'slice.*'
const slicesPerStep = 200

export function createSliceDesk(connection: RedisConnection, settings: SliceDeskSettings): SliceDesk {
  const keys = keysOf(settings.tag)
  const run = createScript(connection, releaseScript)
  return {
    list: () => listSlices(connection, keys),
    async release(session, instance, runningMsMax) {
      const isOf = (id: string) => id.startsWith(`slice.${instance}.`)
      const charged = (await sliceIdsIn(connection, keys.lates)).filter(isOf)
      const stamp = [writtenName(session.epoch), settings.speaker, session.number]
      const terms = [instance, memberMs, runningMsMax]
      const sum = { count: 0, amount: 0, kept: 0 }
      for (let from = 0; from < charged.length; from += slicesPerStep) {
        const some = charged.slice(from, from + slicesPerStep)
        const touched = [keys.epoch, keys.lates, keys.members, ...some.map(keys.expired)]
        const answer = await run({ keys: touched, args: [...stamp, ...terms, ...some] })
        if (answer === null) return undefined
        if (answer === 'alive') return answer
        const [count = 0, amount = 0, kept = 0] = listOf(answer).map(Number)
        sum.count += count
        sum.amount += amount
        sum.kept += kept
      }
      const open = (await sliceIdsIn(connection, keys.expiries)).filter(isOf)
      return { count: sum.count, amount: toNanoUsd(sum.amount), kept: sum.kept + open.length }
    },
  }
}

type Keys = ReturnType<typeof keysOf>

async function listSlices(connection: RedisConnection, keys: Keys): Promise<SliceList> {
  const slices: HeldSlice[] = []
  const read = async (id: string, isCharged: boolean) => {
    const slice = await readSlice(connection, keys, { id, isCharged })
    if (slice) slices.push(slice)
  }
  for (const id of await sliceIdsIn(connection, keys.expiries)) await read(id, false)
  for (const id of await sliceIdsIn(connection, keys.lates)) await read(id, true)
  const time = listOf(await connection.call('TIME'))
  const since = Number(time[0]) * 1_000 - memberMs
  const living = await connection.call('ZRANGEBYSCORE', keys.members, since, '+inf')
  return { slices, living: listOf(living).map(String) }
}

/** Undefined when it was settled in the meantime. */
async function readSlice(
  connection: RedisConnection,
  keys: Keys,
  { id, isCharged }: { readonly id: string; readonly isCharged: boolean },
): Promise<HeldSlice | undefined> {
  const key = isCharged ? keys.expired(id) : keys.hold(id)
  const [amount, counter, owner, end] = listOf(await connection.call('HMGET', key, 'a', 'c', 'o', 'x'))
  if (typeof amount !== 'string' || typeof counter !== 'string') return undefined
  // A slice touches one counter; the window is the last word of its name.
  const name = counter.slice(keys.counter('', '').trimEnd().length)
  const at = name.lastIndexOf(' ')
  return {
    instance: String(owner),
    scope: name.slice(0, at),
    window: name.slice(at + 1),
    amount: toNanoUsd(Number(amount)),
    endsAtMs: Number(end),
    isCharged,
  }
}

/** Every slice that a sorted set names; a long set is read piece by piece, so that others are served in between. */
async function sliceIdsIn(connection: RedisConnection, key: string): Promise<readonly string[]> {
  const ids = new Set<string>()
  let cursor = '0'
  do {
    const answer = await connection.call('ZSCAN', key, cursor, 'MATCH', slicePattern, 'COUNT', scanStep)
    const [next, found] = listOf(answer)
    cursor = String(next)
    const pairs = listOf(found)
    for (let at = 0; at < pairs.length; at += 2) ids.add(String(pairs[at]))
  } while (cursor !== '0')
  return [...ids]
}

function listOf(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer
  throw new Problem('store_unavailable', { detail: 'Redis gave an answer that cannot be read.' })
}
