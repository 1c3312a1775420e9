/** The store of responses when its shelf is away, asked for too much, or holds what it cannot open. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import { createResponseSeal } from '#services/response-store/response-seal.ts'
import type { ResponseShelf } from '#services/response-store/response-shelf.ts'
import { createResponseStore } from '#services/response-store/response-store.ts'

const owner = { tenantId: 'acme', keyId: 'key-1' }
const settings = () => ({ isOn: true, keepMs: 1_000, responseBytesMax: 10_000, responsesMax: 10 })

/** Counts what is opened. */
function memoryShelf() {
  const texts = new Map<string, string>()
  const names = new Map<string, string>()
  const watch = { opened: 0 }
  const shelf: ResponseShelf = {
    put({ tenant, name, sealed, items }) {
      texts.set(tenant + name, sealed)
      for (const item of items) names.set(tenant + item, name)
    },
    get({ tenant, name }) {
      watch.opened++
      return texts.get(tenant + name)
    },
    nameOfItem: (tenant, item) => names.get(tenant + item),
    remove: ({ tenant, name }) => texts.delete(tenant + name),
    prune: () => undefined,
  }
  return { shelf, watch }
}

function storeOver(shelf: ResponseShelf, secret = 1) {
  const failures: unknown[] = []
  const store = createResponseStore(
    {
      shelf,
      seal: createResponseSeal([Buffer.alloc(32, secret)]),
      clock: { nowMs: () => 0, monotonicMs: () => 0 },
      report: (failure) => void failures.push(failure),
    },
    settings,
  )
  return { store, failures }
}

const responseOf = (id: string, inherited: readonly string[] = []) => ({
  id,
  text: JSON.stringify({ id, output: [{ id: `msg_${id}`, type: 'message' }] }),
  input: inherited.map((item) => ({ id: item, item: { role: 'user', content: item } })),
  ownItems: [`msg_${id}`],
})

test('an answer goes out although its store is away, and is counted as not kept', async () => {
  const away = () => Promise.reject(new Problem('store_unavailable'))
  const { store, failures } = storeOver({ ...memoryShelf().shelf, put: away, get: away })
  assert.equal(await store.keep(owner, responseOf('one')), false)
  assert.equal(failures.length, 1)
  assert.deepEqual(store.counts(), { kept: 0, notKept: 1 })
  await assert.rejects(() => store.find(owner, 'one'), { code: 'store_unavailable' })
})

test('what was sealed with a key that is gone is not there', async () => {
  const { shelf } = memoryShelf()
  assert.equal(await storeOver(shelf, 1).store.keep(owner, responseOf('one')), true)
  assert.equal(await storeOver(shelf, 2).store.find(owner, 'one'), undefined)
  assert.equal((await storeOver(shelf, 1).store.find(owner, 'one'))?.text, responseOf('one').text)
})

test('a conversation is found in its newest response, opened once', async () => {
  const { shelf, watch } = memoryShelf()
  const { store } = storeOver(shelf)
  await store.keep(owner, responseOf('one'))
  await store.keep(owner, responseOf('two', ['msg_one']))
  const found = await store.findItems(owner, new Set(['msg_one', 'msg_two']))
  assert.deepEqual([...found.keys()].toSorted(), ['msg_one', 'msg_two'])
  assert.equal(watch.opened, 1)
  assert.equal((await store.findItems(owner, new Set(['msg_one', 'msg_unknown']))).has('msg_unknown'), false)
})

test('a request that points at items of very many responses is refused before the whole shelf is opened', async () => {
  const { shelf, watch } = memoryShelf()
  const { store } = storeOver(shelf)
  const ids = Array.from({ length: 100 }, (_, at) => `r${at}`)
  for (const id of ids) await store.keep(owner, responseOf(id))
  await assert.rejects(() => store.findItems(owner, new Set(ids.map((id) => `msg_${id}`))), {
    code: 'invalid_value',
  })
  assert.equal(watch.opened, 64)
})
