/** What every shelf of responses must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResponseShelf, ShelfEntry } from '#services/response-store/response-shelf.ts'

/** `pass` makes at least so much time pass for the shelf: at once where it goes by the moment that is asked with. */
export interface OpenedShelf {
  readonly shelf: ResponseShelf
  readonly nowMs: () => number
  readonly pass: (durationMs: number) => Promise<void>
}

export function responseShelfContract(store: string, open: () => OpenedShelf | Promise<OpenedShelf>): void {
  const shelfTest = (name: string, body: (opened: OpenedShelf) => Promise<void>) => {
    test(`${store} shelf of responses: ${name}`, async () => body(await open()))
  }
  const entryOf = ({ nowMs }: OpenedShelf, name: string, changes: Partial<ShelfEntry> = {}): ShelfEntry => ({
    tenant: 'acme',
    name,
    sealed: `sealed ${name}`,
    items: [`item-of-${name}`],
    nowMs: nowMs(),
    keepMs: 600_000,
    responsesMax: 100,
    ...changes,
  })
  const at = (name: string, tenant = 'acme') => ({ tenant, name })

  shelfTest('what was put is found under its tenant and name alone', async (opened) => {
    const { shelf, nowMs } = opened
    const text = 'ä'.repeat(200_000)
    await shelf.put(entryOf(opened, 'one', { sealed: text }))
    assert.equal(await shelf.get(at('one'), nowMs()), text)
    assert.equal(await shelf.get(at('two'), nowMs()), undefined)
    assert.equal(await shelf.get(at('one', 'beta'), nowMs()), undefined)
    assert.equal(await shelf.nameOfItem('acme', 'item-of-one', nowMs()), 'one')
    assert.equal(await shelf.nameOfItem('beta', 'item-of-one', nowMs()), undefined)
    assert.equal(await shelf.nameOfItem('acme', 'one', nowMs()), undefined)
  })

  shelfTest('a name that is put again has the later text and the later items', async (opened) => {
    const { shelf, nowMs } = opened
    await shelf.put(entryOf(opened, 'one', { items: ['a', 'b'] }))
    await shelf.put(entryOf(opened, 'one', { sealed: 'later', items: ['b', 'c'] }))
    assert.equal(await shelf.get(at('one'), nowMs()), 'later')
    assert.equal(await shelf.nameOfItem('acme', 'a', nowMs()), undefined)
    assert.equal(await shelf.nameOfItem('acme', 'b', nowMs()), 'one')
    assert.equal(await shelf.nameOfItem('acme', 'c', nowMs()), 'one')
  })

  shelfTest('a response is removed once, with the items that it alone brought', async (opened) => {
    const { shelf, nowMs } = opened
    await shelf.put(entryOf(opened, 'one', { items: ['shared', 'own'] }))
    await shelf.put(entryOf(opened, 'two', { items: ['shared'], keepMs: 700_000 }))
    assert.equal(await shelf.nameOfItem('acme', 'shared', nowMs()), 'two', 'the one that is kept longest')
    assert.equal(await shelf.remove(at('two', 'beta'), nowMs()), false)
    assert.equal(await shelf.remove(at('two'), nowMs()), true)
    assert.equal(await shelf.remove(at('two'), nowMs()), false)
    assert.equal(await shelf.nameOfItem('acme', 'shared', nowMs()), 'one')
    assert.equal(await shelf.remove(at('one'), nowMs()), true)
    assert.equal(await shelf.nameOfItem('acme', 'own', nowMs()), undefined)
    assert.equal(await shelf.get(at('one'), nowMs()), undefined)
  })

  shelfTest('nothing is found after its time', async (opened) => {
    const { shelf, nowMs, pass } = opened
    await shelf.put(entryOf(opened, 'short', { keepMs: 40, items: ['both', 'own'] }))
    await shelf.put(entryOf(opened, 'long', { items: ['both'] }))
    await pass(60)
    assert.equal(await shelf.get(at('short'), nowMs()), undefined)
    assert.equal(await shelf.nameOfItem('acme', 'own', nowMs()), undefined)
    assert.equal(await shelf.nameOfItem('acme', 'both', nowMs()), 'long')
    assert.equal(await shelf.remove(at('short'), nowMs()), false)
    await shelf.prune(nowMs())
    assert.equal(await shelf.get(at('long'), nowMs()), 'sealed long')
  })

  shelfTest('a tenant has no more than its limit: what ends soonest goes first', async (opened) => {
    const { shelf, nowMs } = opened
    for (let count = 0; count < 6; count++) {
      const keepMs = 600_000 + count * 1_000
      await shelf.put(entryOf(opened, `r${count}`, { keepMs, responsesMax: 3 }))
      await shelf.put(entryOf(opened, `r${count}`, { tenant: 'beta', keepMs, responsesMax: 100 }))
    }
    const kept = async (tenant: string) => {
      const names = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5']
      const found = await Promise.all(names.map(async (name) => shelf.get(at(name, tenant), nowMs())))
      return names.filter((_, index) => found[index] !== undefined)
    }
    assert.deepEqual(await kept('acme'), ['r3', 'r4', 'r5'])
    assert.equal((await kept('beta')).length, 6)
    assert.equal(await shelf.nameOfItem('acme', 'item-of-r0', nowMs()), undefined)
    assert.equal(await shelf.nameOfItem('acme', 'item-of-r5', nowMs()), 'r5')
  })
}
