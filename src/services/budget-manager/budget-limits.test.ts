/** Which budgets a request counts against. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '#core/domain/caller.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Target } from '#core/domain/target.ts'
import { createScopesOf } from '#services/budget-manager/budget-limits.ts'
import type { BudgetLimit, BudgetSubject } from '#services/budget-manager/budget-limits.ts'
import { createSightings } from '#services/budget-manager/budget-sightings.ts'

const caller: Caller = { tenantId: 'acme', keyId: 'k', role: 'user', permissions: new Set(['inference']) }
const target = { provider: { name: 'p' }, card: { name: 'm' }, model: 'm' } as unknown as Target
const nowMs = Date.UTC(2026, 10, 22)
const limitNanoUsd = toNanoUsd(5)

function limitsOf(limits: readonly BudgetLimit[], subject: Partial<BudgetSubject> = {}) {
  const scopesOf = createScopesOf(limits, createSightings(), new Map([['acme', 'holding']]))
  const scopes = scopesOf({ caller, userId: undefined, tags: [], target, ...subject }, nowMs)
  return scopes.filter(({ limit }) => limit !== undefined).map(({ scope, window }) => `${scope} ${window}`)
}

test('a limit of an organisation holds for its tenants and for nobody else', () => {
  const limits = [{ scope: 'organisation', window: 'month', limitNanoUsd }] as const
  assert.deepEqual(limitsOf(limits), ['organisation:holding 2026-11'])
  assert.deepEqual(limitsOf(limits, { caller: { ...caller, tenantId: 'lonely' } }), [])
  assert.deepEqual(limitsOf([{ ...limits[0], id: 'other' }]), [])
})

test('an end user has a limit beside the user of the key, and who names none has none', () => {
  const limits = [
    { scope: 'end_user', window: 'day', limitNanoUsd },
    { scope: 'user', window: 'day', limitNanoUsd },
  ] as const
  assert.deepEqual(
    limitsOf(limits, { userId: 'ann', endUserId: 'eve' }),
    ['user:acme/ann 2026-11-22', 'end_user:acme/eve 2026-11-22'].toReversed(),
  )
  assert.deepEqual(limitsOf(limits, { userId: 'ann' }), ['user:acme/ann 2026-11-22'])
})

test('one scope has as many windows as there are limits for it, each in its own time zone', () => {
  const windows = [
    { window: 'hour' },
    { window: 'day' },
    { window: 'day', timeZone: 'Asia/Tokyo' },
    { window: 'month' },
    { window: 'total' },
    { window: 'rolling-day' },
  ] as const
  assert.deepEqual(limitsOf(windows.map((window) => ({ scope: 'tenant', limitNanoUsd, ...window }))), [
    'tenant:acme 2026-11',
    'tenant:acme 2026-11-22T00',
    'tenant:acme 2026-11-22',
    'tenant:acme 2026-11-22[Asia/Tokyo]',
    'tenant:acme total',
    'tenant:acme 2026-11-22T00:00/rolling-day',
  ])
})
