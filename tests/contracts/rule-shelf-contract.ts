/** What every shelf of rate limits must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleShelf, StoredRule } from '#services/rate-limiter/rule-shelf.ts'

export interface OpenRuleShelf {
  readonly shelf: RuleShelf
  readonly close: () => void | Promise<void>
}

const ruleOf = (ruleId: string, more: Partial<StoredRule> = {}): StoredRule => ({
  ruleId,
  level: 'team',
  id: 'red "x" ü',
  tenantId: 'acme',
  window: 'hour',
  amounts: { requests: 5, tokens: 1_000_000_000_000, concurrentRequests: 2 },
  setAtMs: 1_000,
  setBy: 'operator',
  ...more,
})

export function ruleShelfContract(store: string, open: () => OpenRuleShelf | Promise<OpenRuleShelf>): void {
  test(`${store} rate limits: come back as they were set, are replaced and removed, and every change is another version`, async () => {
    const { shelf, close } = await open()
    try {
      const versions = [await shelf.version()]
      const noted = async () => versions.push(await shelf.version())
      const plain = ruleOf('b', {
        level: 'model',
        id: undefined,
        tenantId: undefined,
        amounts: { requests: 1, tokens: undefined, concurrentRequests: undefined },
      })
      await shelf.put(plain)
      await noted()
      await shelf.put(ruleOf('a'))
      await noted()
      assert.deepEqual(await shelf.list(), [ruleOf('a'), plain])
      await shelf.put(ruleOf('a', { window: 'day' }))
      await noted()
      assert.deepEqual(await shelf.list(), [ruleOf('a', { window: 'day' }), plain])
      assert.equal(await shelf.remove('b'), true)
      await noted()
      assert.equal(await shelf.remove('b'), false)
      assert.equal(await shelf.version(), versions.at(-1))
      assert.equal(new Set(versions).size, versions.length)
    } finally {
      await close()
    }
  })
}
