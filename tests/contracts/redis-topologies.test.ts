/** The contracts of the shared ledger and of the limits over a primary that Sentinels watch, and over a Cluster. */
import { randomUUID } from 'node:crypto'
import { after, before, describe } from 'node:test'
import { placeOfLevels, placesIn } from '#composition/ledger-places.ts'
import { createRedisBuckets } from '#stores/redis/buckets.ts'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { bucketsContract } from '#tests/contracts/buckets-contract.ts'
import { ledgerContract } from '#tests/contracts/ledger-contract.ts'
import { rollingContract } from '#tests/contracts/rolling-contract.ts'
import { whyNoRedis } from '#tests/support/real-redis.ts'
import { clockAt, openLedgerEnd } from '#tests/support/shared-ledger.ts'
import { startCluster, startSentinels } from '#tests/support/redis-topologies.ts'

/** In a Cluster a hold may be larger at one part than at another, so that histories are told over one part. */
const ofOneTenant = ['tenant:a', 'user:a/x', 'user:a/y']
const kinds = [
  ['a primary under Sentinel', startSentinels, undefined],
  ['a Cluster', () => startCluster(), { scopes: ofOneTenant, count: 8 }],
] as const

for (const [name, start, histories] of kinds) {
  describe(name, { skip: whyNoRedis() ?? false }, () => {
    let servers: { readonly url: string; stop(): Promise<void> }
    let connection: RedisConnection
    let opened = 0
    before(async () => {
      servers = await start()
      const settings = { url: servers.url, commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 }
      connection = await openRedis(settings, (failure) => {
        throw failure
      })
    })
    after(async () => {
      await connection.close()
      await servers.stop()
    })
    const openLedger = () => {
      opened += 1
      return openLedgerEnd(connection, { keyPrefix: `test${opened}`, clock: clockAt({ nowMs: 0 }) })
    }
    ledgerContract(name, openLedger, histories)
    rollingContract(name, openLedger)
    bucketsContract(name, () => {
      opened += 1
      const placeOf = placeOfLevels(placesIn(connection, `test${opened}`))
      const settings = { placeOf, placeLeaseMs: 900_000, timeSource: 'caller' } as const
      return createRedisBuckets({ connection, uniqueId: randomUUID }, settings)
    })
  })
}
