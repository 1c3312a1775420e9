/** What every shelf of budget limits must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toNanoUsd } from '#core/domain/money.ts'
import type { LimitShelf, StoredLimit } from '#services/budget-manager/limit-shelf.ts'

export interface OpenLimitShelf {
  readonly shelf: LimitShelf
  readonly close: () => void | Promise<void>
}

const limitOf = (limitId: string, more: Partial<StoredLimit> = {}): StoredLimit => ({
  limitId,
  scope: 'tenant',
  id: 'acme',
  tenantId: undefined,
  window: 'month',
  limitNanoUsd: toNanoUsd(5_000_000_000),
  isHard: true,
  setAtMs: 1_000,
  setBy: 'operator',
  timeZone: undefined,
  degrade: undefined,
  ...more,
})

const steps = [
  { fromPercent: 12.5, action: 'cheaper_models', models: ['a', 'b "c"'], outputTokens: undefined },
  { fromPercent: 80, action: 'lower_output_cap', models: [], outputTokens: 512 },
] as const

export function limitShelfContract(
  store: string,
  open: () => OpenLimitShelf | Promise<OpenLimitShelf>,
): void {
  const shelfTest = (name: string, body: (shelf: LimitShelf) => Promise<void>) => {
    test(`${store} limits: ${name}`, async () => {
      const { shelf, close } = await open()
      try {
        await body(shelf)
      } finally {
        await close()
      }
    })
  }

  shelfTest('a limit comes back as it was set, in the order of the ids', async (shelf) => {
    const all = [
      limitOf('a'),
      limitOf('b', {
        scope: 'user',
        id: 'ann "x" ü',
        tenantId: 'acme',
        window: 'day',
        isHard: false,
        timeZone: 'Europe/Berlin',
      }),
      limitOf('c', {
        scope: 'everyone',
        id: undefined,
        degrade: steps,
        limitNanoUsd: toNanoUsd(9_007_199_254_740_991),
      }),
    ]
    for (const limit of all.toReversed()) await shelf.put(limit)
    assert.deepEqual(await shelf.list(), all)
  })

  shelfTest('a limit with a known id takes the place of the old one', async (shelf) => {
    await shelf.put(limitOf('a'))
    const replaced = limitOf('a', { limitNanoUsd: toNanoUsd(1), setBy: 'k2', setAtMs: 2_000 })
    await shelf.put(replaced)
    assert.deepEqual(await shelf.list(), [replaced])
  })

  shelfTest('every change is another version, and what changes nothing is none', async (shelf) => {
    const versions = [await shelf.version()]
    await shelf.put(limitOf('a'))
    versions.push(await shelf.version())
    await shelf.put(limitOf('a', { limitNanoUsd: toNanoUsd(1) }))
    versions.push(await shelf.version())
    assert.equal(await shelf.remove('a'), true)
    versions.push(await shelf.version())
    assert.equal(new Set(versions).size, versions.length)
    assert.equal(await shelf.remove('a'), false)
    assert.equal(await shelf.version(), versions.at(-1))
    assert.deepEqual(await shelf.list(), [])
  })
}
