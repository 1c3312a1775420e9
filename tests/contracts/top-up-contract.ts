/** What every book of top-ups must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toNanoUsd } from '#core/domain/money.ts'
import type { LimitShelf } from '#services/budget-manager/limit-shelf.ts'
import type { TopUp, TopUpBook } from '#services/budget-manager/top-up-book.ts'

export interface OpenTopUpBook {
  readonly book: TopUpBook
  /** Of the same database: other instances look at its version. */
  readonly shelf: Pick<LimitShelf, 'version'>
  readonly close: () => void | Promise<void>
}

const topUpOf = (topUpId: string, more: Partial<TopUp> = {}): TopUp => ({
  topUpId,
  scope: 'tenant',
  tenantId: 'acme',
  id: 'acme',
  amountNanoUsd: toNanoUsd(5_000_000_000),
  note: undefined,
  addedAtMs: 1_000,
  addedBy: 'operator',
  ...more,
})
const acme = { scope: 'tenant', tenantId: 'acme', id: 'acme' } as const

export function topUpContract(store: string, open: () => OpenTopUpBook | Promise<OpenTopUpBook>): void {
  const bookTest = (name: string, body: (opened: OpenTopUpBook) => Promise<void>) => {
    test(`${store} top-ups: ${name}`, async () => {
      const opened = await open()
      try {
        await body(opened)
      } finally {
        await opened.close()
      }
    })
  }

  bookTest('what is paid in is summed for each owner, and listed with the newest first', async ({ book }) => {
    const ann = { scope: 'user', tenantId: 'acme', id: 'ann "x" ü' } as const
    const paid = [
      topUpOf('a', { addedAtMs: 1_000 }),
      topUpOf('b', { addedAtMs: 2_000, note: 'invoice 7', amountNanoUsd: toNanoUsd(1) }),
      topUpOf('c', { ...ann, addedAtMs: 3_000 }),
    ]
    for (const topUp of paid) assert.deepEqual(await book.add(topUp), { topUp, isNew: true })
    assert.deepEqual(await book.list(acme, 10), [paid[1], paid[0]])
    assert.deepEqual(await book.list(acme, 1), [paid[1]])
    assert.deepEqual(await book.accounts(), [
      { ...acme, paidInNanoUsd: 5_000_000_001, topUps: 2 },
      { ...ann, paidInNanoUsd: 5_000_000_000, topUps: 1 },
    ])
  })

  bookTest('a payment that is told twice, even at once, is paid in once', async ({ book }) => {
    const first = topUpOf('same')
    const repeated = topUpOf('same', { addedAtMs: 9_000, amountNanoUsd: toNanoUsd(7) })
    const add = async (topUp: TopUp) => book.add(topUp)
    assert.equal((await add(first)).isNew, true)
    assert.deepEqual(await add(repeated), { topUp: first, isNew: false })
    const answers = await Promise.all(Array.from({ length: 10 }, () => add(topUpOf('other'))))
    assert.equal(answers.filter(({ isNew }) => isNew).length, 1)
    const [account] = await book.accounts()
    assert.deepEqual([account?.paidInNanoUsd, account?.topUps], [10_000_000_000, 2])
  })

  bookTest('a new payment changes the version that other instances look at', async ({ book, shelf }) => {
    const before = await shelf.version()
    await book.add(topUpOf('a'))
    const after = await shelf.version()
    assert.notEqual(after, before)
    await book.add(topUpOf('a'))
    assert.equal(await shelf.version(), after)
  })
}
