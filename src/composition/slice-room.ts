/** What instances hold ahead in the ledger that they share, for the commands that show it and give it back. */
import { operatorPlaces, sessionOf, speaker, untold } from '#composition/operator-places.ts'
import { systemClock } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import type { GivenBack, SliceList } from '#core/domain/held-slice.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { PartCopies } from '#services/budget-manager/shared-ledger/own-book.ts'
import { openPostgres } from '#stores/postgres/database.ts'
import { createPostgresPartCopies } from '#stores/postgres/part-copies.ts'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { createSliceDesk } from '#stores/redis/slice-desk.ts'

export interface SliceRoom {
  list(): Promise<SliceList>
  /** Throws `invalid_value` while the instance gives signs of life. */
  release(instance: string): Promise<GivenBack>
  close(): Promise<void>
}

export interface SliceRoomSettings {
  readonly keyPrefix: string
  /** How long a request may go on after the lease of the slice that paid for it. */
  readonly holdLeaseMs: number
}

/** Windows that ended longer ago are not told. */
const endedToldMs = 86_400_000

/** Works beside running instances. Throws `invalid_value` where nothing is shared, `store_unavailable`. */
export async function openSliceRoom(config: Config): Promise<SliceRoom> {
  const { redis, postgres } = config.storage
  if (!redis) {
    throw new Problem('invalid_value', {
      detail: 'Without Redis no instance holds anything ahead.',
      mend: 'Use the configuration and the REDIS_URL of the instances.',
    })
  }
  const connection = await openRedis(redis, () => undefined)
  const database = postgres && (await openPostgres(postgres, () => undefined))
  const copies = database && createPostgresPartCopies(database)
  const settings = { keyPrefix: redis.keyPrefix, holdLeaseMs: config.budget.holdLeaseMs }
  return {
    ...createSliceDesks(connection, copies, settings),
    async close() {
      await database?.close()
      await connection.close()
    },
  }
}

/** Over every place where money lies. */
export function createSliceDesks(
  connection: RedisConnection,
  copies: PartCopies | undefined,
  { keyPrefix, holdLeaseMs }: SliceRoomSettings,
): Pick<SliceRoom, 'list' | 'release'> {
  const nowMs = () => systemClock.nowMs()
  const places = operatorPlaces(connection, keyPrefix).map((place) => ({
    ...place,
    desk: createSliceDesk(connection, { tag: place.tag, speaker }),
  }))
  const list = async (): Promise<SliceList> => {
    const lists: SliceList[] = []
    for (const { desk } of places) lists.push(await desk.list())
    return {
      slices: lists.flatMap(({ slices }) => slices),
      living: [...new Set(lists.flatMap(({ living }) => living))],
    }
  }
  return {
    list,
    async release(instance) {
      if ((await list()).living.includes(instance)) throw alive(instance)
      // What it was charged while it was cut off stays charged, as far as anybody has heard of it.
      const told = (await copies?.others([], nowMs() - endedToldMs))?.get(instance) ?? []
      const sum = { count: 0, amount: toNanoUsd(0), kept: 0 }
      for (const { shelf, desk, isOwn } of places) {
        const session = await sessionOf(shelf)
        if (
          !(await shelf.tellParts(
            session,
            instance,
            told.filter(({ scope }) => isOwn(scope)),
          ))
        )
          throw untold()
        const given = await desk.release(session, instance, holdLeaseMs)
        if (given === undefined) throw untold()
        if (given === 'alive') throw alive(instance)
        sum.count += given.count
        sum.amount = toNanoUsd(sum.amount + given.amount)
        sum.kept += given.kept
      }
      return sum
    },
  }
}

const alive = (instance: string) =>
  new Problem('invalid_value', {
    detail: `The instance ${instance} gave a sign of life in the last seconds: its slices are in use.`,
    mend: 'Stop it; an instance that ends in order gives its slices back by itself.',
  })
