/** Keys: what they prove, for how long, and that nobody can give away more than they have. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  asyncProperty,
  assert as check,
  constantFrom,
  integer,
  option,
  record,
  string,
  subarray,
} from 'fast-check'
import type { Caller, CallerRole, Permission } from '#core/domain/caller.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { createAccessControl } from '#services/access-control/access-control.ts'
import type { AccessControlSettings } from '#services/access-control/access-control.ts'
import type { Directory, KeyRecord } from '#services/access-control/directory.ts'
import { keyIdOf } from '#services/access-control/key-form.ts'

function open(settings: Partial<AccessControlSettings> = {}) {
  const kept = new Map<string, KeyRecord>()
  const time = { nowMs: 1_000_000 }
  const lookUps = { count: 0, isAway: false }
  const directory: Directory = {
    addKey: (keyRecord) => void kept.set(keyRecord.keyId, keyRecord),
    findKey(keyId) {
      lookUps.count += 1
      if (lookUps.isAway) throw new Problem('store_unavailable')
      return kept.get(keyId)
    },
    revokeKey(keyId, atMs) {
      const known = kept.get(keyId)
      if (!known) return undefined
      kept.set(keyId, { ...known, revokedAtMs: atMs })
      return kept.get(keyId)
    },
    listKeys: ({ tenantId }) =>
      [...kept.values()].filter((key) => (tenantId ?? key.tenantId) === key.tenantId),
  }
  const access = createAccessControl(
    { directory, clock: { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs } },
    {
      requireKey: true,
      developmentTenant: 'default',
      adminKey: 'the-operator-key',
      failedKeysPerMinute: 5,
      pepper: Buffer.alloc(32, 7),
      ...settings,
    },
  )
  const authenticate = async (
    secret: string | undefined,
    permission: Permission = 'inference',
    peer = '10.0.0.1',
  ) => access.authenticate({ secret, peerAddress: peer }, permission)
  const operator = async () => authenticate('the-operator-key', 'admin')
  return { access, authenticate, operator, kept, time, lookUps }
}

const rejectsWith = (code: ProblemCode, work: () => Promise<unknown>) =>
  assert.rejects(work, (thrown) => thrown instanceof Problem && thrown.code === code)

test('a new key proves its caller, and nothing stored or listed can be used as one', async () => {
  const { access, authenticate, operator, kept } = open()
  const { key, info } = await access.createKey(await operator(), {
    name: 'app',
    tenantId: 'acme',
    userId: 'ann',
  })
  assert.match(key, /^sbk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
  const caller = await authenticate(key)
  assert.deepEqual(
    [caller.tenantId, caller.userId, caller.keyId, caller.role, [...caller.permissions]],
    ['acme', 'ann', info.keyId, 'user', ['public', 'inference']],
  )
  const secretPart = key.slice(17)
  const listed = await access.listKeys(await operator(), {})
  assert.ok(!JSON.stringify([info, listed, ...kept.values()]).includes(secretPart))
  assert.ok(!JSON.stringify([info, listed]).includes('digest'))
  for (const { digest } of kept.values()) await rejectsWith('invalid_key', () => authenticate(digest))
})

test('without a key, with a wrong key and with a changed key nobody comes in', async () => {
  const { access, authenticate, operator } = open({ failedKeysPerMinute: 1_000 })
  const { key } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme' })
  await rejectsWith('missing_key', () => authenticate(undefined))
  await rejectsWith('missing_key', () => authenticate(''))
  for (let i = 0; i < key.length; i += 1) {
    const changed = key.slice(0, i) + (key[i] === 'a' ? 'b' : 'a') + key.slice(i + 1)
    await rejectsWith('invalid_key', () => authenticate(changed))
  }
})

test('a key with another secret and a right checksum is as invalid as an unknown one', async () => {
  const one = open()
  const other = open()
  const { key } = await one.access.createKey(await one.operator(), { name: 'app', tenantId: 'acme' })
  const [known] = one.kept.values()
  assert.ok(known)
  await rejectsWith('invalid_key', () => other.authenticate(key))
  other.kept.set(known.keyId, { ...known, digest: Buffer.alloc(32).toString('base64url') })
  other.time.nowMs += 6_000
  await rejectsWith('invalid_key', () => other.authenticate(key))
})

test('another pepper makes every stored digest worthless', async () => {
  const one = open()
  const other = open({ pepper: Buffer.alloc(32, 8) })
  const { key } = await one.access.createKey(await one.operator(), { name: 'app', tenantId: 'acme' })
  for (const [keyId, known] of one.kept) other.kept.set(keyId, known)
  await one.authenticate(key)
  await rejectsWith('invalid_key', () => other.authenticate(key))
})

test('a key revoked here is refused at once, one revoked elsewhere within ten seconds', async () => {
  const { access, authenticate, operator, kept, time } = open()
  const actor = await operator()
  const { key, info } = await access.createKey(actor, { name: 'app', tenantId: 'acme' })
  await authenticate(key)
  await access.revokeKey(actor, info.keyId)
  await rejectsWith('revoked_key', () => authenticate(key))

  const second = await access.createKey(actor, { name: 'app', tenantId: 'acme' })
  await authenticate(second.key)
  const known = kept.get(second.info.keyId)
  assert.ok(known)
  kept.set(known.keyId, { ...known, revokedAtMs: time.nowMs })
  time.nowMs += 10_000
  await rejectsWith('revoked_key', () => authenticate(second.key))
})

test('a key that was believed is believed for a quarter of an hour while the directory is away', async () => {
  const { access, authenticate, operator, lookUps, time } = open()
  const { key } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme' })
  const unseen = await access.createKey(await operator(), { name: 'other', tenantId: 'acme' })
  await authenticate(key)
  lookUps.isAway = true
  time.nowMs += 899_999
  assert.equal((await authenticate(key)).tenantId, 'acme')
  await rejectsWith('store_unavailable', () => authenticate(unseen.key))
  time.nowMs += 1
  await rejectsWith('store_unavailable', () => authenticate(key))
})

test('a key that the directory took back is not believed when it is away afterwards', async () => {
  const { access, authenticate, operator, kept, lookUps, time } = open()
  const { key, info } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme' })
  await authenticate(key)
  const known = kept.get(info.keyId)
  assert.ok(known)
  kept.set(info.keyId, { ...known, revokedAtMs: time.nowMs })
  time.nowMs += 10_000
  await rejectsWith('revoked_key', () => authenticate(key))
  lookUps.isAway = true
  time.nowMs += 5_000
  await rejectsWith('store_unavailable', () => authenticate(key))
})

test('a key is refused from the moment of its end, remembered or not', async () => {
  const { access, authenticate, operator, time } = open()
  const expiresAtMs = time.nowMs + 3_000
  const { key } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme', expiresAtMs })
  await authenticate(key)
  time.nowMs = expiresAtMs
  await rejectsWith('expired_key', () => authenticate(key))
})

test('a key that was seen lately costs no look into the directory', async () => {
  const { access, authenticate, operator, lookUps } = open()
  const { key } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme' })
  for (let i = 0; i < 10; i += 1) await authenticate(key)
  for (let i = 0; i < 10; i += 1) await rejectsWith('invalid_key', () => authenticate(`${key}x`))
  assert.equal(lookUps.count, 1)
})

test('an address that keeps guessing is told to wait; known keys from there still work', async () => {
  const { access, authenticate, operator, time } = open()
  const { key } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme' })
  await authenticate(key)
  for (let i = 0; i < 5; i += 1) await rejectsWith('invalid_key', () => authenticate(`guess ${i}`))
  await rejectsWith('too_many_failed_keys', () => authenticate('guess 6'))
  await rejectsWith('invalid_key', () => authenticate('guess 7', 'inference', '10.0.0.2'))
  await authenticate(key)
  time.nowMs += 12_000
  await rejectsWith('invalid_key', () => authenticate('guess 8'))
})

test('a route that a key may not use is refused by the name of the permission', async () => {
  const { access, authenticate, operator } = open()
  const { key } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme' })
  await authenticate(key, 'public')
  await assert.rejects(
    () => authenticate(key, 'admin'),
    (thrown) => thrown instanceof Problem && thrown.details.facts?.['permission'] === 'admin',
  )
})

test('development mode takes no key and foreign keys, but no wrong Signalbox key', async () => {
  const { access, authenticate, operator } = open({ requireKey: false })
  assert.equal((await authenticate(undefined, 'admin')).keyId, 'development')
  assert.equal((await authenticate('sk-anything')).tenantId, 'default')
  await rejectsWith('invalid_key', () => authenticate('sbk_wrong'))
  const { key } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme' })
  assert.equal((await authenticate(key)).tenantId, 'acme')
})

test('a tenant cannot see or end the keys of another', async () => {
  const { access, authenticate, operator } = open()
  const actor = await operator()
  const theirs = await access.createKey(actor, { name: 'theirs', tenantId: 'other' })
  const admin = await access.createKey(actor, { name: 'admin', tenantId: 'acme', role: 'tenant_admin' })
  const tenantAdmin = await authenticate(admin.key, 'admin')
  assert.deepEqual(
    (await access.listKeys(tenantAdmin, {})).map(({ keyId }) => keyId),
    [admin.info.keyId],
  )
  assert.deepEqual(await access.listKeys(tenantAdmin, { tenantId: 'other' }), [])
  await rejectsWith('not_found', () => access.revokeKey(tenantAdmin, theirs.info.keyId))
})

const rights = record({
  tenantId: constantFrom('acme', 'other'),
  role: constantFrom<CallerRole>('user', 'tenant_admin', 'operator'),
  permissions: subarray<Permission>(['public', 'inference', 'analytics', 'metrics', 'admin']),
  userId: option(constantFrom('ann', 'bob'), { nil: undefined }),
  allowedModels: option(subarray(['gpt-*', 'gpt-4o', 'claude-*', '*']), { nil: undefined }),
  limits: option(record({ requestsPerMinute: integer({ min: 1, max: 5 }) }), { nil: undefined }),
})

test('no key is ever given more rights than its giver has', async () => {
  const { access } = open()
  const rank = { user: 0, tenant_admin: 1, operator: 2 }
  let given = 0
  await check(
    asyncProperty(rights, rights, async (own, wished) => {
      const actor: Caller = { ...own, keyId: 'actor', permissions: new Set(own.permissions) }
      const created = await access.createKey(actor, { name: 'new', ...wished }).catch((thrown: unknown) => {
        assert.ok(thrown instanceof Problem && thrown.code === 'not_permitted', String(thrown))
      })
      if (!created) return
      given += 1
      const { info } = created
      assert.ok(actor.permissions.has('admin'))
      assert.ok(own.role === 'operator' || info.tenantId === own.tenantId)
      assert.ok(rank[info.role] <= rank[own.role])
      assert.ok(info.permissions.every((permission) => actor.permissions.has(permission)))
      assert.ok(own.userId === undefined || info.userId === own.userId)
      if (own.limits) assert.ok((info.limits?.requestsPerMinute ?? Infinity) <= own.limits.requestsPerMinute)
      const { allowedModels } = own
      if (allowedModels && !allowedModels.includes('*')) {
        const covered = (model: string) =>
          allowedModels.includes(model) || (model.startsWith('gpt-') && allowedModels.includes('gpt-*'))
        assert.ok(info.allowedModels?.every(covered))
      }
    }),
    { numRuns: 3_000 },
  )
  assert.ok(given > 20, `only ${given} keys were given`)
})

test('a field of a new key that is wrong is named', async () => {
  const { access, operator } = open()
  const actor = await operator()
  const fine = { name: 'app', tenantId: 'acme' }
  const wrong = [
    [{ ...fine, tenantId: 'a/b' }, 'tenantId'],
    [{ ...fine, tenantId: '' }, 'tenantId'],
    [{ ...fine, name: '' }, 'name'],
    [{ ...fine, userId: 'line\nbreak' }, 'userId'],
    [{ ...fine, limits: { requestsPerMinute: 0 } }, 'limits.requestsPerMinute'],
    [{ ...fine, expiresAtMs: 5 }, 'expiresAtMs'],
  ] as const
  for (const [request, param] of wrong) {
    await assert.rejects(
      access.createKey(actor, request),
      (thrown) =>
        thrown instanceof Problem && thrown.code === 'invalid_value' && thrown.details.param === param,
    )
  }
})

test('nothing but a whole key has the form of one', async () => {
  const { access, operator } = open()
  const { key, info } = await access.createKey(await operator(), { name: 'app', tenantId: 'acme' })
  assert.equal(keyIdOf(key), info.keyId)
  await check(
    asyncProperty(string({ unit: 'binary', maxLength: 80 }), async (text) => {
      assert.equal(keyIdOf(text), undefined)
      assert.equal(keyIdOf(key + text), text === '' ? info.keyId : undefined)
    }),
  )
})
