/**
 * The primary of PostgreSQL dies while calls run, and its standby takes over: every row arrives there, once, and no
 * limit is passed, by the provider's own bill.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '#tests/journeys/eventually.ts'
import { askingOf, expectedCost, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { readDatabaseBooks } from '#tests/money/money-books.ts'
import { keyPrefix, markedPrompt, openMoneyStage } from '#tests/money/money-stage.ts'
import type { MoneyStage } from '#tests/money/money-stage.ts'
import { rounds, tell } from '#tests/money/soak.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import type { RealPostgres, StandbyPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.text && expect.usage,
)
assert.ok(recording?.expect.usage)
const { inputTokens, outputTokens } = recording.expect.usage
const costNanoUsd = expectedCost(asking, recording, recording.expect.usage)
/** As long as what the provider counts, so that each hold covers its bill. */
const words = 'Hello '.repeat(inputTokens)

const callersPerHouse = 3
const callsBefore = 12
/** So few that at any moment somebody is near the limit: whoever is refused goes on as the next user. */
const answersOfOneUser = rounds(7, 100)
const limitNanoUsd = costNanoUsd * answersOfOneUser
/** How long nobody can be written to. */
const awayMs = rounds(1_500, 60_000)
const patienceMs = 60_000
const monthNow = () => new Date().toISOString().slice(0, 7)

describe('a standby that is promoted', { skip: whyNoRedis() ?? whyNoPostgres() ?? false }, () => {
  let redis: RealRedis
  let postgres: RealPostgres
  let standby: StandbyPostgres
  let stage: MoneyStage
  before(async () => {
    redis = await startRedis()
    postgres = await startPostgres()
    standby = await postgres.startStandby()
    const { host } = new URL(postgres.url)
    stage = await openMoneyStage({
      houses: 2,
      redisUrl: redis.url,
      settings: `alerts: {enabled: false}
budget: {limits: [{scope: user, window: month, limit: "${(limitNanoUsd / 1e9).toFixed(9)}"}]}
`,
      environment: {
        DATABASE_URL: `postgres://postgres@127.0.0.1:${standby.port},${host}/postgres`,
        KEY_PEPPER: Buffer.alloc(32, 9).toString('base64'),
      },
    })
    stage.playAlways({ recording, costNanoUsd })
  })
  after(async () => {
    await stage.close()
    await standby.stop()
    await postgres.stop()
    await redis.stop()
  })

  test('while calls run: no call fails, no row is lost or doubled, and nothing is overspent', async () => {
    let answered = 0
    let refused = 0
    let calls = 0
    let user = 0
    const end = { isHere: false }
    const callOnce = async (house: number) => {
      const asUser = user
      const mark = `u${asUser}-c${(calls += 1)}`
      const body = {
        prompt: markedPrompt(mark, words),
        user_id: `u${asUser}`,
        model: asking.model,
        max_tokens: outputTokens,
      }
      const response = await stage.ask({ mark, house, path: '/v1/generate', body })
      await response.arrayBuffer()
      if (response.status === 200) answered += 1
      else {
        assert.equal(response.status, 402)
        refused += 1
        if (user === asUser) user += 1
      }
    }
    const calling = stage.houses.flatMap((_, house) =>
      Array.from({ length: callersPerHouse }, async () => {
        while (!end.isHere) {
          await callOnce(house)
          await sleep(20)
        }
      }),
    )
    const reach = (count: number) => eventually(() => assert.ok(answered >= count), patienceMs)
    await reach(callsBefore)
    await postgres.crash()
    const atCrash = answered
    await sleep(awayMs)
    await reach(atCrash + callsBefore)
    const atPromotion = answered
    standby.promote()
    await reach(atPromotion + callsBefore)
    end.isHere = true
    await Promise.all(calling)

    assert.equal(stage.bills.length, answered)
    const window = monthNow()
    const limits = new Map(
      Array.from({ length: user + 1 }, (_, one) => [`user:default/u${one} ${window}`, limitNanoUsd]),
    )
    const databaseUrl = `postgres://postgres@127.0.0.1:${standby.port}/postgres`
    await eventually(async () => {
      const books = await readDatabaseBooks(redis.url, keyPrefix, databaseUrl)
      const { exact } = assertMoney(books, { limits, bills: stage.bills })
      assert.equal(exact, answered)
      const users = books.counters.filter(({ scope }) => limits.has(`${scope} ${window}`))
      assert.ok(users.length >= user, `${users.length} counters of ${user} users`)
      assert.equal(books.rows.filter(({ kind }) => kind === 'refused').length, refused)
    }, patienceMs)
    for (const [billed, sum] of billedByUser(stage)) {
      assert.ok(sum <= limitNanoUsd, `${billed}: ${sum} on the bill above ${limitNanoUsd}`)
    }
    assert.ok(refused > 0, 'no limit was reached')
    tell(
      `${answered} rows of ${answered} bills, ${awayMs} ms without a primary; ${user} limits reached, ${refused} calls refused, nothing above a limit`,
    )
  })
})

/** What the provider billed, by the user whom each mark names. */
function billedByUser({ bills }: MoneyStage): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { mark, costNanoUsd: cost } of bills) {
    const [user = ''] = mark.split('-')
    sums.set(user, (sums.get(user) ?? 0) + cost)
  }
  return sums
}
