/** What every book of alerts must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AlertBook, Claim } from '#services/alerts/alert-book.ts'

export interface OpenAlertBook {
  readonly book: AlertBook
  readonly close: () => void | Promise<void>
}

const claimOf = (alertId: string, more: Partial<Claim> = {}): Claim => ({
  counter: 'user:acme/ann "x" ü',
  windowId: '2026-11',
  mark: '0.5',
  limitNanoUsd: 1_000,
  alertId,
  alert: `{"id":"${alertId}","text":"ü"}`,
  claimedAtMs: 1_000,
  endsAtMs: 10_000,
  forgottenAtMs: 10_000,
  destinations: ['ops', 'finance'],
  destinationsAgain: ['ops'],
  ...more,
})

const terms = (destination: string, nowMs = 1_000) => ({ destination, nowMs, heldUntilMs: nowMs + 500 })

export function alertBookContract(store: string, open: () => OpenAlertBook | Promise<OpenAlertBook>): void {
  const bookTest = (name: string, body: (book: AlertBook) => Promise<void>) => {
    test(`${store} alerts: ${name}`, async () => {
      const { book, close } = await open()
      try {
        await body(book)
      } finally {
        await close()
      }
    })
  }
  claimTests(bookTest)
  deliveryTests(bookTest)
}

type BookTest = (name: string, body: (book: AlertBook) => Promise<void>) => void

function claimTests(bookTest: BookTest): void {
  bookTest('of many who claim the same at once, one is first', async (book) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => book.claim(claimOf(`a${i}`))),
    )
    assert.deepEqual(answers.toSorted(), ['first', ...Array.from({ length: 19 }, () => 'known')])
    const waiting = await book.waiting(1_000)
    assert.deepEqual(
      waiting.map(({ destination, count }) => [destination, count]),
      [
        ['finance', 1],
        ['ops', 1],
      ],
    )
  })

  bookTest('another budget, window or mark is another claim', async (book) => {
    for (const more of [{}, { counter: 'user:acme/bob' }, { windowId: '2026-12' }, { mark: 'forecast' }]) {
      assert.equal(await book.claim(claimOf(JSON.stringify(more), more)), 'first')
    }
  })

  bookTest(
    'a higher limit can be claimed again, once, and tells whom it says; a lower one cannot',
    async (book) => {
      assert.equal(await book.claim(claimOf('a')), 'first')
      assert.equal(await book.claim(claimOf('b', { limitNanoUsd: 900 })), 'known')
      const answers = await Promise.all(
        ['c', 'd', 'e'].map(async (alertId) => book.claim(claimOf(alertId, { limitNanoUsd: 2_000 }))),
      )
      assert.deepEqual(answers.toSorted(), ['again', 'known', 'known'])
      assert.equal(await book.claim(claimOf('f')), 'known')
      assert.deepEqual(
        (await book.waiting(1_000)).map(({ destination, count }) => [destination, count]),
        [
          ['finance', 1],
          ['ops', 2],
        ],
      )
    },
  )

  bookTest(
    'claims are forgotten when their window has ended, and never where it does not end',
    async (book) => {
      await book.claim(claimOf('a'))
      await book.claim(claimOf('b', { windowId: 'total', forgottenAtMs: undefined, endsAtMs: 20_000 }))
      assert.equal(await book.prune(9_999), 0)
      assert.equal(await book.claim(claimOf('c')), 'known')
      assert.equal(await book.prune(10_000), 2, 'deliveries that were never made')
      assert.equal(await book.claim(claimOf('d')), 'first')
      assert.equal(await book.prune(30_000), 4)
      assert.equal(await book.claim(claimOf('e', { windowId: 'total' })), 'known')
    },
  )
}

function deliveryTests(bookTest: BookTest): void {
  bookTest(
    'a delivery is taken by one, in the order of the claims, and again when its taker is gone',
    async (book) => {
      await book.claim(claimOf('b', { mark: '0.8', claimedAtMs: 900 }))
      await book.claim(claimOf('a'))
      const delivery = { alertId: 'b', destination: 'ops', alert: claimOf('b').alert, failures: 0 }
      assert.deepEqual(await book.take(terms('ops')), delivery)
      assert.equal((await book.take(terms('ops')))?.alertId, 'a')
      assert.equal(await book.take(terms('ops')), undefined)
      assert.equal(await book.take(terms('ops', 1_499)), undefined)
      assert.deepEqual(await book.take(terms('ops', 1_500)), delivery)
      assert.equal((await book.take(terms('finance')))?.alertId, 'b')
    },
  )

  bookTest('many who take at once never take the same', async (book) => {
    for (let i = 0; i < 8; i += 1) await book.claim(claimOf(`a${i}`, { mark: `${i}` }))
    const taken: string[] = []
    while (taken.length < 8) {
      const found = await Promise.all(Array.from({ length: 6 }, async () => book.take(terms('ops'))))
      taken.push(...found.flatMap((delivery) => (delivery ? [delivery.alertId] : [])))
    }
    assert.deepEqual(
      taken.toSorted(),
      Array.from({ length: 8 }, (_, i) => `a${i}`),
    )
  })

  bookTest(
    'what was delivered is gone; what failed waits with its reason, and what was given back without',
    async (book) => {
      await book.claim(claimOf('a'))
      await book.finish('a', 'finance')
      const delivery = await book.take(terms('ops'))
      assert.ok(delivery)
      await book.postpone(delivery, 1_000, undefined)
      const line = { destination: 'ops', count: 1, claimedAtMs: 1_000 }
      assert.deepEqual(await book.waiting(1_000), [{ ...line, failure: undefined, failures: 0 }])
      await book.postpone(delivery, 1_100, 'it answered 500')
      await book.postpone(delivery, 1_200, 'it answered 503')
      assert.deepEqual(await book.waiting(1_000), [{ ...line, failure: 'it answered 503', failures: 2 }])
      assert.equal(await book.take(terms('ops', 1_199)), undefined)
      assert.equal((await book.take(terms('ops', 1_200)))?.failures, 2)
      await book.finish('a', 'ops')
      assert.deepEqual(await book.waiting(1_000), [])
    },
  )

  bookTest('nothing is delivered after its end', async (book) => {
    await book.claim(claimOf('a'))
    assert.equal(await book.take(terms('ops', 10_000)), undefined)
    assert.deepEqual(await book.waiting(10_000), [])
  })
}
