import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import { createRetryPolicy } from '#services/resilience/retry.ts'
import type { RetryCase, RetrySettings } from '#services/resilience/retry.ts'

const usual: RetrySettings = {
  attemptsPerTarget: 4,
  baseDelayMs: 250,
  maxDelayMs: 8_000,
  budgetShare: 0.1,
  budgetFloorPerSecond: 0,
}
/** A budget that is full at the start; see retry.ts. */
const saved = 10

function house(changes: Partial<RetrySettings> = {}) {
  const state = { ms: 0, fraction: 0.5 }
  const clock = { nowMs: () => 0, monotonicMs: () => state.ms }
  const chance = { fraction: () => state.fraction, uniqueId: () => '' }
  return { state, policy: createRetryPolicy(clock, chance, () => ({ ...usual, ...changes })) }
}

const failed = (changes: Partial<RetryCase> = {}): RetryCase => ({
  problem: new Problem('provider_error'),
  targetName: 'openai/gpt-4o',
  attempts: 1,
  hasOtherTargets: false,
  freshTracks: 0,
  msLeft: 60_000,
  ...changes,
})

test('the wait is a fair part of a bound that doubles, up to the longest wait', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 9 }),
      (fraction, attempts) => {
        const { policy, state } = house({ attemptsPerTarget: 10 })
        state.fraction = fraction
        const bound = Math.min(8_000, 250 * 2 ** (attempts - 1))
        assert.equal(policy.delayMs(failed({ attempts })), fraction * bound)
      },
    ),
  )
})

test("the provider's own wait is kept to, and one that is too long ends the asking", () => {
  const after = (retryAfterMs: number) =>
    failed({ problem: new Problem('provider_overloaded', { retryAfterMs }) })
  assert.equal(house().policy.delayMs(after(3_000)), 3_000)
  assert.equal(house().policy.delayMs(after(1)), 125)
  assert.equal(house().policy.delayMs(after(8_001)), undefined)
})

test('no retry of what cannot succeed, past the attempts, or past the time left', () => {
  const { policy } = house()
  assert.equal(policy.delayMs(failed({ problem: new Problem('provider_auth') })), undefined)
  assert.equal(policy.delayMs(failed({ problem: new Problem('provider_rejected') })), undefined)
  assert.equal(policy.delayMs(failed({ attempts: 4 })), undefined)
  assert.equal(policy.delayMs(failed({ msLeft: 125 })), undefined)
  assert.equal(policy.delayMs(failed({ msLeft: 126 })), 125)
})

test('a request that is larger than the limit of a target is not sent there again', () => {
  const limited = (facts: Record<string, boolean>) =>
    failed({ problem: new Problem('provider_rate_limited', { facts }) })
  assert.equal(house().policy.delayMs(limited({ neverFits: true })), undefined)
  assert.equal(house().policy.delayMs(limited({ neverFits: false })), 125)
})

test('a silent or limiting target is not waited for while another could answer', () => {
  for (const code of ['provider_timeout', 'provider_rate_limited'] as const) {
    const problem = new Problem(code)
    assert.equal(house().policy.delayMs(failed({ problem, hasOtherTargets: true })), undefined)
    assert.equal(house().policy.delayMs(failed({ problem })), 125)
  }
})

test('another key or address is asked at once, also after a refusal that waiting would not mend', () => {
  for (const code of [
    'provider_rate_limited',
    'provider_auth',
    'provider_timeout',
    'provider_error',
  ] as const) {
    const problem = new Problem(code, { retryAfterMs: 30_000 })
    const delayMs = house().policy.delayMs(failed({ problem, freshTracks: 1, hasOtherTargets: true }))
    assert.equal(delayMs, 0, code)
  }
  for (const code of ['provider_rejected', 'content_filtered', 'context_length_exceeded'] as const) {
    assert.equal(house().policy.delayMs(failed({ problem: new Problem(code), freshTracks: 1 })), undefined)
  }
  assert.equal(house().policy.delayMs(failed({ freshTracks: 1, msLeft: 0 })), undefined)
})

test("the request's own time running out is no reason to ask again", () => {
  const problem = new Problem('provider_timeout', { facts: { phase: 'deadline' } })
  assert.equal(house().policy.delayMs(failed({ problem })), undefined)
  assert.equal(house().policy.delayMs(failed({ problem, freshTracks: 1 })), undefined)
})

test('retries are never more than their share of the requests, however everything fails', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), (requests) => {
      const { policy } = house()
      let retries = 0
      for (let request = 0; request < requests; request++) {
        policy.countRequest('t')
        for (
          let attempts = 1;
          policy.delayMs(failed({ targetName: 't', attempts })) !== undefined;
          attempts++
        ) {
          retries++
          policy.countRequest('t')
        }
      }
      assert.ok(retries <= saved + requests * usual.budgetShare + 1e-6, `${retries} retries of ${requests}`)
    }),
  )
})

test('a budget that is spent comes back with time, up to what may be saved; each target has its own', () => {
  const { policy, state } = house({ budgetFloorPerSecond: 2 })
  const spendAll = () => {
    let retries = 0
    while (policy.delayMs(failed()) !== undefined) retries++
    return retries
  }
  assert.equal(spendAll(), saved)
  state.ms += 1_000
  assert.equal(spendAll(), 2)
  state.ms += 3_600_000
  assert.equal(spendAll(), saved)
  assert.notEqual(policy.delayMs(failed({ targetName: 'other' })), undefined)
})

test('leaving a limited or refused key, or an address that nobody reaches, takes nothing from the budget', () => {
  const { policy } = house()
  for (const code of ['provider_rate_limited', 'provider_auth', 'provider_quota'] as const) {
    const problem = new Problem(code)
    for (let request = 0; request < 3 * saved; request++)
      assert.equal(policy.delayMs(failed({ problem, freshTracks: 1 })), 0)
  }
  const away = new Problem('provider_unreachable', { facts: { phase: 'connect' } })
  for (let request = 0; request < 3 * saved; request++)
    assert.equal(policy.delayMs(failed({ problem: away, freshTracks: 1 })), 0)
  const broken = failed({ problem: new Problem('provider_error'), freshTracks: 1 })
  for (let request = 0; request < saved; request++) assert.equal(policy.delayMs(broken), 0)
  assert.equal(policy.delayMs(broken), undefined)
})
