/** Which rules a request counts against. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '#core/domain/caller.ts'
import type { LimitRule } from '#core/domain/limit-rule.ts'
import { createLevelsOf } from '#services/rate-limiter/limit-levels.ts'
import { fakeTarget } from '#tests/support/fake-rooms.ts'

const caller: Caller = {
  tenantId: 'acme',
  keyId: 'k1',
  role: 'user',
  permissions: new Set(['inference']),
  teamId: 'red',
  projectId: 'apollo',
}
const subject = { caller, userId: 'ann', endUserId: 'visitor' }

function rule(
  level: LimitRule['level'],
  changes: Partial<LimitRule> & { requests?: number; tokens?: number },
) {
  const { requests, tokens, ...rest } = changes
  const amounts = { requests, tokens, concurrentRequests: undefined }
  return { level, id: undefined, tenantId: undefined, window: 'minute', amounts, ...rest } as const
}

const levelsOf = (...rules: LimitRule[]) => createLevelsOf({ perUser: {}, perKey: {}, perTenant: {}, rules })
const keysOf = (...rules: LimitRule[]) =>
  levelsOf(...rules)
    .ofCaller(subject)
    .map(({ key, requests, tokens }) => [key, requests, tokens])

test('each level has a key of its own, and each window another one', () => {
  const levels = ['tenant', 'team', 'project', 'user', 'key', 'end_user'] as const
  assert.deepEqual(
    keysOf(...levels.map((level) => rule(level, { requests: 1 }))).map(([key]) => key),
    [
      'tenant:acme',
      'team:acme/red',
      'project:acme/apollo',
      'user:acme/ann',
      'key:k1',
      'end_user:acme/visitor',
    ],
  )
  const windows = ['second', 'minute', 'hour', 'day'] as const
  const found = levelsOf(...windows.map((window) => rule('user', { window, requests: 1 }))).ofCaller(subject)
  assert.deepEqual(
    found.map(({ key, windowMs }) => [key, windowMs]),
    [
      ['user:acme/ann second', 1_000],
      ['user:acme/ann', 60_000],
      ['user:acme/ann hour', 3_600_000],
      ['user:acme/ann day', 86_400_000],
    ],
  )
})

test('a rule that names somebody counts before the one for each, and leaves what it does not say', () => {
  const general = rule('user', { requests: 10, tokens: 100 })
  assert.deepEqual(keysOf(rule('user', { id: 'ann', requests: 5 }), general), [['user:acme/ann', 5, 100]])
  assert.deepEqual(keysOf(general, rule('user', { id: 'bob', requests: 5 })), [['user:acme/ann', 10, 100]])
  const ofOther = rule('user', { id: 'ann', tenantId: 'beta', requests: 1 })
  const ofOwn = rule('user', { id: 'ann', tenantId: 'acme', requests: 2 })
  assert.deepEqual(keysOf(ofOther, ofOwn, rule('user', { id: 'ann', requests: 3 })), [
    ['user:acme/ann', 2, undefined],
  ])
  assert.deepEqual(keysOf(ofOther), [])
})

test('a level that the request has nobody for does not count', () => {
  const levels = levelsOf(rule('team', { requests: 1 }), rule('user', { requests: 1 }))
  const { teamId: _, ...withoutTeam } = caller
  assert.deepEqual(levels.ofCaller({ caller: withoutTeam, userId: undefined }), [])
})

test('limits of a model and a provider count for everybody together', () => {
  const target = fakeTarget('gpt-x')
  const levels = levelsOf(
    rule('model', { requests: 3 }),
    rule('model', { id: 'gpt-x', window: 'day', tokens: 50 }),
    rule('provider', { id: 'another', requests: 1 }),
  )
  assert.equal(levels.limitsTargets, true)
  assert.deepEqual(
    levels.ofTarget(target).map(({ key, requests, tokens }) => [key, requests, tokens]),
    [
      ['model:gpt-x', 3, undefined],
      ['model:gpt-x day', undefined, 50],
    ],
  )
  assert.deepEqual(levels.ofCaller(subject), [])
  assert.equal(levelsOf().limitsTargets, false)
})

test("a key's own limits hold in the minute also where the settings say nothing of keys", () => {
  const limited = { ...subject, caller: { ...caller, limits: { tokensPerMinute: 7 } } }
  assert.deepEqual(
    levelsOf(rule('key', { window: 'day', requests: 9 }))
      .ofCaller(limited)
      .map(({ key, requests, tokens }) => [key, requests, tokens]),
    [
      ['key:k1 day', 9, undefined],
      ['key:k1', undefined, 7],
    ],
  )
})
