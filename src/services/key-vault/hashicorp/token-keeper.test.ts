import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { Problem } from '#core/domain/problem.ts'
import type { Grant } from '#services/key-vault/hashicorp/login.ts'
import { createTokenKeeper } from '#services/key-vault/hashicorp/token-keeper.ts'
import { Secret } from '#services/key-vault/secret.ts'

const hourMs = 3_600_000

/** A keeper at a server that a test makes up; every login gives another token. */
function house(wish: Partial<{ leaseMs: number | undefined; isRenewable: boolean; isSame: boolean }> = {}) {
  const time = { ms: 0 }
  const server = {
    logins: 0,
    renewals: 0,
    isAway: false,
    knows: true,
    /** What a renewal grants. */
    renewsForMs: hourMs as number | undefined,
  }
  const failures: unknown[] = []
  const warnings: string[] = []
  const grant = (leaseMs: number | undefined): Grant => ({
    token: new Secret(`token-${wish.isSame === true ? 1 : server.logins}`),
    leaseMs,
    isRenewable: wish.isRenewable ?? true,
  })
  const keeper = createTokenKeeper({
    clock: { nowMs: () => time.ms, monotonicMs: () => time.ms },
    chance: { fraction: () => 0.5, uniqueId: () => 'id' },
    async logIn() {
      server.logins++
      await Promise.resolve()
      if (server.isAway) throw new Problem('store_unavailable')
      return grant('leaseMs' in wish ? wish.leaseMs : hourMs)
    },
    async renew() {
      server.renewals++
      await Promise.resolve()
      if (server.isAway) throw new Problem('store_unavailable')
      return server.renewsForMs === undefined ? undefined : grant(server.renewsForMs)
    },
    isKnown: () => Promise.resolve(server.knows),
    restMs: () => 5_000,
    report: (failure) => failures.push(failure),
    warn: (sentence) => warnings.push(sentence),
  })
  const tendAt = async (ms: number) => {
    time.ms = ms
    keeper.tend()
    await settled()
  }
  const token = async () => (await keeper.obtain()).reveal()
  return { keeper, server, time, failures, warnings, tendAt, token }
}

test('however many wait for a token, there is one login', async () => {
  const { server, token } = house()
  assert.deepEqual(await Promise.all([token(), token(), token()]), ['token-1', 'token-1', 'token-1'])
  assert.equal(server.logins, 1)
})

test('a token is renewed before its lease ends, again and again', async () => {
  const { server, tendAt, token } = house()
  await token()
  await tendAt(hourMs / 2)
  assert.equal(server.renewals, 0)
  await tendAt(hourMs * 0.65)
  await tendAt(hourMs * 0.7)
  assert.equal(server.renewals, 1)
  await tendAt(hourMs * 1.4)
  assert.equal(server.renewals, 2)
  assert.equal(await token(), 'token-1')
  assert.equal(server.logins, 1)
})

test('a token that is not renewed any more, or hardly, is replaced by a login before it ends', async () => {
  for (const renewsForMs of [undefined, hourMs / 10]) {
    const { server, tendAt, token } = house()
    await token()
    server.renewsForMs = renewsForMs
    await tendAt(hourMs * 0.65)
    assert.equal(server.logins, 2)
    assert.equal(await token(), 'token-2')
  }
})

test('a token that cannot be renewed is never tried to be, and replaced before it ends', async () => {
  const { server, tendAt, token } = house({ isRenewable: false })
  await token()
  await tendAt(hourMs * 0.65)
  assert.equal(server.renewals, 0)
  assert.equal(await token(), 'token-2')
})

test('a server that is away keeps the token until its end, is told of once, and then logged in at anew', async () => {
  const { server, tendAt, token, failures, time } = house()
  await token()
  server.isAway = true
  for (let share = 0.65; share < 1; share += 0.05) await tendAt(hourMs * share)
  assert.ok(server.renewals > 1)
  assert.equal(failures.length, 1)
  assert.equal(await token(), 'token-1')
  time.ms = hourMs
  await assert.rejects(token(), { code: 'store_unavailable' })
  server.isAway = false
  time.ms += 5_000
  assert.equal(await token(), `token-${server.logins}`)
})

test('a login that failed is not tried again for a while, whoever asks', async () => {
  const { server, token, time } = house()
  server.isAway = true
  await assert.rejects(token())
  await assert.rejects(token())
  assert.equal(server.logins, 1)
  time.ms = 5_000
  await assert.rejects(token())
  assert.equal(server.logins, 2)
})

test('what was forbidden is asked again with another token only if the token was to blame', async () => {
  const { keeper, server, time } = house()
  const first = await keeper.obtain()
  server.knows = false
  assert.equal(await keeper.replace(first), undefined, 'a token of a moment ago is not to blame')
  time.ms = 5_000
  server.knows = true
  assert.equal(await keeper.replace(first), undefined)
  server.knows = false
  const second = await keeper.replace(first)
  assert.equal(second?.reveal(), 'token-2')
  assert.equal((await keeper.replace(first))?.reveal(), 'token-2', 'who comes late gets the new one')
  assert.equal(server.logins, 2)
})

test('a given token that cannot be renewed is warned of once, and used to its end', async () => {
  const { tendAt, token, warnings } = house({ isRenewable: false, isSame: true })
  await token()
  await tendAt(hourMs * 0.65)
  await tendAt(hourMs * 1.5)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /VAULT_TOKEN_FILE/)
  assert.equal(await token(), 'token-1')
})

test('a token without an end is neither renewed nor replaced', async () => {
  const { server, tendAt, token } = house({ leaseMs: undefined })
  await token()
  await tendAt(1_000 * hourMs)
  assert.deepEqual([server.logins, server.renewals, await token()], [1, 0, 'token-1'])
})
