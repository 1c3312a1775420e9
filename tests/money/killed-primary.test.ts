/** The primary of a shared ledger is killed while two instances are busy: its replica has not heard everything. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertSettled, callOnce, counterOf, emptyTally, openEnd } from '#tests/money/failover-stage.ts'
import type { StageEnd, Tally } from '#tests/money/failover-stage.ts'
import { assertNothingOverspent } from '#tests/money/kept-limits.ts'
import { rounds, tell } from '#tests/money/soak.ts'
import { whyNoRedis } from '#tests/support/real-redis.ts'
import { startSentinels } from '#tests/support/redis-topologies.ts'
import type { WatchedRedis } from '#tests/support/redis-topologies.ts'

/** Room for 166 answers, each held at 100. */
const limit = 10_000
const call = { amount: 100, spent: 60, takesMs: 5 }
const callersPerEnd = 4
const answersBeforeTheKill = 40
const patienceMs = 60_000
const pauseMs = 10
const callsPerRoundMax = 1_000_000
/** What the primary grants while its replicas hear nothing, no replica knows. */
const deafMs = 200

describe('a primary that is killed under Sentinel', { skip: whyNoRedis() ?? false }, () => {
  let servers: WatchedRedis
  let ends: readonly StageEnd[]
  before(async () => {
    servers = await startSentinels()
    const wish = { keyPrefix: 'killed-primary' }
    ends = [await openEnd(servers.url, wish), await openEnd(servers.url, wish)]
  })
  after(async () => {
    for (const end of ends) await end.close()
    await servers.stop()
  })

  /** Calls again and again until the limit refuses; whoever is told to come later does. */
  async function spendAll(end: StageEnd, tally: Tally, scope: string, isOver: () => boolean): Promise<void> {
    const scopes = [counterOf(scope, limit)]
    const refusedBefore = tally.refused
    while (tally.refused === refusedBefore && !isOver()) {
      await callOnce(end, tally, { ...call, scopes })
      await sleep(pauseMs)
    }
  }

  test(`${rounds(1, 30)} times: everything that was billed is counted, and no limit is passed`, async () => {
    let unavailable = 0
    let unheardInAll = 0
    for (let round = 0; round < rounds(1, 30); round += 1) {
      const scope = `tenant:round-${round}`
      // Holds are named by their calls: no round may count from the beginning again.
      const tallies = ends.map(() => ({ ...emptyTally(), calls: round * callsPerRoundMax }))
      const sumOf = (name: keyof Tally) => tallies.reduce((sum, tally) => sum + tally[name], 0)
      let isOver = false
      const callers = ends.flatMap((end, position) => {
        const tally = tallies[position]
        assert.ok(tally)
        return Array.from({ length: callersPerEnd }, () => spendAll(end, tally, scope, () => isOver))
      })
      await eventually(() => assert.ok(sumOf('answered') >= answersBeforeTheKill), patienceMs)
      const killed = await servers.primary()
      const replicas = servers.servers.filter(({ port }) => port !== killed.port)
      for (const replica of replicas) replica.freeze()
      const answeredBefore = sumOf('answered')
      await sleep(deafMs)
      const unheard = sumOf('answered') - answeredBefore
      await killed.kill()
      for (const replica of replicas) replica.thaw()
      await eventually(async () => assert.notEqual((await servers.primary()).port, killed.port), patienceMs)
      await servers.revive(killed)
      await eventually(() => assert.ok(tallies.every(({ refused }) => refused > 0)), patienceMs)
      isOver = true
      await Promise.all(callers)

      const billed = sumOf('billed')
      assert.ok(billed <= limit, `${billed} billed in round ${round}`)
      for (const end of ends) await assertSettled(end, scope, billed)
      const { url } = await servers.primary()
      await assertNothingOverspent(url, 'killed-primary', [{ scope, limit, billed }])
      unavailable += sumOf('unavailable')
      unheardInAll += unheard
      tell(`round ${round}: ${sumOf('answered')} answered, ${billed} billed of ${limit}`)
    }
    tell(`${unavailable} calls were told to come later, ${unheardInAll} answers unheard by any replica`)
  })
})
