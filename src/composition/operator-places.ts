/** The places of a shared ledger as an operator's command steps up to them: beside the instances, in a session of its own. */
import { placesIn } from '#composition/ledger-places.ts'
import { systemClock } from '#composition/weather.ts'
import { partOfScope } from '#core/domain/ledger-part.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Session, Shelf } from '#services/budget-manager/shared-ledger/shelf.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { createRedisShelf } from '#stores/redis/ledger-shelf.ts'

export interface OperatorPlace {
  readonly tag: string
  readonly shelf: Shelf
  /** Whether a counter lies here. */
  readonly isOwn: (scope: string) => boolean
}

/** The name of all commands: of two at once, the earlier is told to try again. */
export const speaker = 'command-line'

export function operatorPlaces(connection: RedisConnection, keyPrefix: string): readonly OperatorPlace[] {
  const nowMs = () => systemClock.nowMs()
  const places = placesIn(connection, keyPrefix)
  return places.map(({ tag }, number) => ({
    tag,
    shelf: createRedisShelf(connection, { tag, instance: speaker, timeSource: 'server', nowMs }),
    isOwn: (scope) => places.length === 1 || partOfScope(scope) === number,
  }))
}

/** Throws `store_unavailable` while the ledger is being told anew. */
export async function sessionOf(shelf: Shelf): Promise<Session> {
  const { epoch, server, session } = await shelf.look()
  if (!epoch?.isOpen || epoch.server !== server) throw untold()
  return { epoch, number: session }
}

export const untold = () =>
  new Problem('store_unavailable', {
    detail: 'The shared ledger is being told anew, or another command is at it at this moment.',
    mend: 'Try again shortly.',
  })
