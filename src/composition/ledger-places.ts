/** Where in Redis money and limits lie: one place on a single server, one for each part of the ledger in a Cluster. */
import { ledgerParts, partOfScope, partOfTenant, spanningPart } from '#core/domain/ledger-part.ts'
import { isAboutTarget } from '#core/domain/limit-rule.ts'
import { createPartitionedLedger } from '#services/budget-manager/shared-ledger/partitioned-ledger.ts'
import type { SharedLedger } from '#services/budget-manager/shared-ledger/shared-ledger.ts'
import { createRedisDesks } from '#stores/redis/buckets.ts'
import type { BucketPlace, RedisBucketsSettings, RedisDesks } from '#stores/redis/buckets.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'

export interface LedgerPlace {
  /** The hash tag of the money. */
  readonly tag: string
  readonly limits: BucketPlace
}

export function placesIn(connection: RedisConnection, keyPrefix: string): readonly LedgerPlace[] {
  const at = (tag: string, limitsTag: string): LedgerPlace => ({
    tag,
    limits: { tag: limitsTag, desks: createRedisDesks(connection) },
  })
  if (!connection.isCluster) return [at(`${keyPrefix}:ledger`, `${keyPrefix}:limits`)]
  const tags = Array.from({ length: ledgerParts }, (_, number) => `${keyPrefix}:ledger:${number}`)
  return tags.map((tag) => at(tag, tag))
}

/** The limits of a tenant lie with its money, those of a target with what counts several tenants together. */
export function placeOfLevels(places: readonly LedgerPlace[]): RedisBucketsSettings['placeOf'] {
  const [first, ...others] = places
  if (!first) throw new Error('limits lie nowhere')
  if (others.length === 0) return () => first.limits
  return (level, tenantId) =>
    (places[isAboutTarget(level) ? spanningPart : partOfTenant(tenantId)] ?? first).limits
}

/** What a ledger at one place is told of it. */
export interface OwnPlace {
  readonly tag: string
  readonly desks: RedisDesks
  readonly isOwn?: (scope: string) => boolean
  readonly mark?: string
}

/** A shared ledger over all places. */
export function ledgerOver(
  places: readonly LedgerPlace[],
  open: (place: OwnPlace) => SharedLedger,
): SharedLedger {
  const [first, ...others] = places
  if (!first) throw new Error('money lies nowhere')
  if (others.length === 0) return open({ tag: first.tag, desks: first.limits.desks })
  return createPartitionedLedger(
    places.map(({ tag, limits }, number) =>
      open({
        tag,
        desks: limits.desks,
        isOwn: (scope) => partOfScope(scope) === number,
        // One request has a hold at its tenant's part and another beside it.
        mark: number === spanningPart ? ' across tenants' : '',
      }),
    ),
  )
}
