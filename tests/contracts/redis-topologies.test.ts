/** The contract of the shared ledger over a primary that Sentinels watch, and over a Cluster. */
import { after, before, describe } from 'node:test'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { ledgerContract } from '#tests/contracts/ledger-contract.ts'
import { whyNoRedis } from '#tests/support/real-redis.ts'
import { clockAt, openLedgerEnd } from '#tests/support/shared-ledger.ts'
import { startCluster, startSentinels } from '#tests/support/redis-topologies.ts'

const kinds = [
  ['a primary under Sentinel', startSentinels],
  ['a Cluster', startCluster],
] as const

for (const [name, start] of kinds) {
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
    ledgerContract(name, () => {
      opened += 1
      return openLedgerEnd(connection, { keyPrefix: `test${opened}`, clock: clockAt({ nowMs: 0 }) })
    })
  })
}
