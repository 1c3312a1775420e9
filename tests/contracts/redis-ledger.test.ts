/** The contract of the ledger over a real Redis server. */
import { after, test } from 'node:test'
import { openRedis } from '#stores/redis/connection.ts'
import { startRedis, whyNoRedis } from '../support/real-redis.ts'
import { clockAt, openLedgerEnd } from '../support/shared-ledger.ts'
import { ledgerContract } from './ledger-contract.ts'
import { rollingContract } from './rolling-contract.ts'

const reason = whyNoRedis()
if (reason !== undefined) {
  test('the ledger in Redis', { skip: reason })
} else {
  const server = await startRedis()
  const connection = await openRedis(
    { url: server.url, commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 },
    (failure) => {
      throw failure
    },
  )
  let opened = 0
  for (const contract of [ledgerContract, rollingContract]) {
    contract('redis', () => {
      opened += 1
      return openLedgerEnd(connection, { keyPrefix: `test${opened}`, clock: clockAt({ nowMs: 0 }) })
    })
  }
  after(async () => {
    await connection.close()
    await server.stop()
  })
}
