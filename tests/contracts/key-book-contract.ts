/** What every book of idempotency keys must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallOutcome, KeyBook, KeyClaim } from '#services/idempotency/key-book.ts'

/** `pass` makes at least so much time pass for the book: at once where it goes by the moment that is asked with. */
export interface OpenedBook {
  readonly book: KeyBook
  readonly nowMs: () => number
  readonly pass: (durationMs: number) => Promise<void>
}

const outcomeOf = (requestId: string): CallOutcome => ({
  requestId,
  status: 200,
  problem: null,
  provider: 'acme',
  model: 'acme-1',
  inputTokens: 11,
  outputTokens: null,
  costNanoUsd: 9_007_199_254_740_991,
})

export function keyBookContract(store: string, open: () => OpenedBook): void {
  const bookTest = (name: string, body: (opened: OpenedBook) => Promise<void>) => {
    test(`${store} key book: ${name}`, () => body(open()))
  }
  const claimOf = ({ nowMs }: OpenedBook, requestId: string, changes: Partial<KeyClaim> = {}): KeyClaim => ({
    name: 'acme/digest',
    requestId,
    fingerprint: 'print',
    nowMs: nowMs(),
    leaseMs: 60_000,
    rememberMs: 120_000,
    awaitMs: 0,
    ...changes,
  })
  const held = (requestId: string) => ({ name: 'acme/digest', requestId })

  bookTest('the first is granted the key, and everybody else is told who runs', async (opened) => {
    const { book } = opened
    assert.deepEqual(await book.claim(claimOf(opened, 'one')), { state: 'granted' })
    assert.deepEqual(await book.claim(claimOf(opened, 'two')), { state: 'running', requestId: 'one' })
    const other = claimOf(opened, 'three', { name: 'beta/digest' })
    assert.deepEqual(await book.claim(other), { state: 'granted' })
  })

  bookTest('of many at once one is granted', async (opened) => {
    const claims = Array.from({ length: 50 }, async (_, position) =>
      opened.book.claim(claimOf(opened, `request-${position}`)),
    )
    const states = (await Promise.all(claims)).map(({ state }) => state)
    assert.equal(states.filter((state) => state === 'granted').length, 1)
    assert.equal(states.filter((state) => state === 'running').length, 49)
  })

  bookTest('another request under the key is refused in every state', async (opened) => {
    const { book } = opened
    const other = (requestId: string) => claimOf(opened, requestId, { fingerprint: 'another' })
    await book.claim(claimOf(opened, 'one', { leaseMs: 40 }))
    assert.deepEqual(await book.claim(other('two')), { state: 'other-request' })
    await opened.pass(60)
    assert.deepEqual(await book.claim(other('three')), { state: 'other-request' })
    await book.finish(held('one'), {
      outcome: outcomeOf('one'),
      answer: undefined,
      unlessAwaited: false,
      nowMs: opened.nowMs(),
    })
    assert.deepEqual(await book.claim(other('four')), { state: 'other-request' })
  })

  bookTest('a finished call is remembered with what it came to, its answer for a while', async (opened) => {
    const { book } = opened
    await book.claim(claimOf(opened, 'one'))
    const outcome = outcomeOf('one')
    const answer = { text: 'sealed', keepMs: 400 }
    await book.finish(held('one'), { outcome, answer, unlessAwaited: false, nowMs: opened.nowMs() })
    assert.deepEqual(await book.claim(claimOf(opened, 'two')), {
      state: 'finished',
      outcome,
      answer: 'sealed',
    })
    await opened.pass(500)
    const later = await book.claim(claimOf(opened, 'three'))
    assert.deepEqual(later, { state: 'finished', outcome, answer: undefined })
  })

  bookTest('a key that was given back is free, also for another request', async (opened) => {
    const { book } = opened
    await book.claim(claimOf(opened, 'one'))
    await book.release(held('one'))
    assert.deepEqual(await book.claim(claimOf(opened, 'two', { fingerprint: 'another' })), {
      state: 'granted',
    })
  })

  bookTest(
    'a lease that nobody renews ends, and the one who had it changes nothing any more',
    async (opened) => {
      const { book } = opened
      await book.claim(claimOf(opened, 'dead', { leaseMs: 40 }))
      await opened.pass(60)
      assert.deepEqual(await book.claim(claimOf(opened, 'next')), { state: 'granted' })
      const terms = { nowMs: opened.nowMs(), leaseMs: 1 }
      await book.renew([held('dead')], terms)
      await book.release(held('dead'))
      await book.finish(held('dead'), {
        outcome: outcomeOf('dead'),
        answer: undefined,
        unlessAwaited: false,
        nowMs: opened.nowMs(),
      })
      await opened.pass(10)
      assert.deepEqual(await book.claim(claimOf(opened, 'last')), { state: 'running', requestId: 'next' })
    },
  )

  bookTest('a lease that is renewed goes on', async (opened) => {
    const { book } = opened
    await book.claim(claimOf(opened, 'one', { leaseMs: 40 }))
    await book.renew([held('one')], { nowMs: opened.nowMs(), leaseMs: 60_000 })
    await opened.pass(60)
    assert.deepEqual(await book.claim(claimOf(opened, 'two')), { state: 'running', requestId: 'one' })
  })

  bookTest('what is finished is neither given back nor finished again', async (opened) => {
    const { book } = opened
    await book.claim(claimOf(opened, 'one'))
    const outcome = outcomeOf('one')
    await book.finish(held('one'), {
      outcome,
      answer: undefined,
      unlessAwaited: false,
      nowMs: opened.nowMs(),
    })
    await book.release(held('one'))
    const again = {
      outcome: { ...outcome, status: 502 },
      answer: undefined,
      unlessAwaited: false,
      nowMs: opened.nowMs(),
    }
    await book.finish(held('one'), again)
    assert.deepEqual(await book.claim(claimOf(opened, 'two')), {
      state: 'finished',
      outcome,
      answer: undefined,
    })
  })

  bookTest(
    'whoever ends a call is told that somebody waits, and then writes down the answer',
    async (opened) => {
      const { book } = opened
      await book.claim(claimOf(opened, 'one'))
      await book.claim(claimOf(opened, 'two', { awaitMs: 60_000 }))
      await book.claim(claimOf(opened, 'three', { awaitMs: 1 }))
      await book.claim(claimOf(opened, 'four'))
      await opened.pass(20)
      const outcome = outcomeOf('one')
      const ending = { outcome, answer: undefined, nowMs: opened.nowMs() }
      assert.equal(await book.finish(held('one'), { ...ending, unlessAwaited: true }), true)
      assert.deepEqual(await book.claim(claimOf(opened, 'two')), { state: 'running', requestId: 'one' })
      const answer = { text: 'sealed', keepMs: 60_000 }
      assert.equal(await book.finish(held('one'), { ...ending, answer, unlessAwaited: false }), false)
      const state = { state: 'finished', outcome, answer: 'sealed' }
      assert.deepEqual(await book.claim(claimOf(opened, 'two')), state)
    },
  )

  bookTest(
    'a call for whose end nobody waits, or not any more, is over with the first word',
    async (opened) => {
      const { book } = opened
      await book.claim(claimOf(opened, 'one'))
      await book.claim(claimOf(opened, 'two'))
      await book.claim(claimOf(opened, 'three', { awaitMs: 10 }))
      await opened.pass(40)
      const outcome = outcomeOf('one')
      const ending = { outcome, answer: undefined, unlessAwaited: true, nowMs: opened.nowMs() }
      assert.equal(await book.finish(held('one'), ending), false)
      const state = { state: 'finished', outcome, answer: undefined }
      assert.deepEqual(await book.claim(claimOf(opened, 'four', { awaitMs: 60_000 })), state)
    },
  )

  bookTest('after its time a key is forgotten', async (opened) => {
    const { book } = opened
    await book.claim(claimOf(opened, 'one', { leaseMs: 10, rememberMs: 200 }))
    await book.finish(held('one'), {
      outcome: outcomeOf('one'),
      answer: undefined,
      unlessAwaited: false,
      nowMs: opened.nowMs(),
    })
    await opened.pass(300)
    await book.prune(opened.nowMs())
    assert.deepEqual(await book.claim(claimOf(opened, 'two', { fingerprint: 'another' })), {
      state: 'granted',
    })
  })
}

/** Time that really passes. */
export const realTime = { nowMs: () => Date.now(), pass: (durationMs: number) => sleep(durationMs) }
