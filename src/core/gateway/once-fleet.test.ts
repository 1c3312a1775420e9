/** Requests that are sent again under a key, at another instance than the first one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import { caller } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'
import {
  answer,
  flowOf,
  isProblem,
  kinds,
  marked,
  openFleet,
  readAll,
  words,
} from '#tests/support/once-houses.ts'

test('at another instance a repetition waits, and is told what the call came to where answers are neither kept nor handed over', async () => {
  const [one, two] = openFleet([[answer], [answer]], { answersHandedMs: 0 })
  assert.ok(one && two)
  const [first, second] = await Promise.allSettled([
    one.gateway.ask(caller, marked()),
    two.gateway.ask(caller, marked()),
  ])
  assert.equal(first.status, 'fulfilled')
  assert.ok(second.status === 'rejected' && isProblem('already_completed')(second.reason))
  assert.equal(two.askedTargets.length, 0)
})

test('at another instance those who wait are given the answer, whole or as a stream, though none is kept', async () => {
  for (const isStreamed of [false, true]) {
    const [one, two] = openFleet([[answer], [answer]])
    assert.ok(one && two)
    const replies = await Promise.all(
      [one, two, two].map(async ({ gateway }) => {
        const reply = await gateway.ask(caller, marked({}, isStreamed))
        return { text: await readAll(reply), receipt: reply.receipt }
      }),
    )
    assert.deepEqual(
      replies.map(({ text }) => text),
      [words, words, words],
    )
    const [first, ...others] = replies.map(({ receipt }) => receipt)
    for (const { repeatOf } of others) assert.equal(repeatOf, first?.requestId)
    assert.equal(one.askedTargets.length + two.askedTargets.length, 1)
    assert.deepEqual([...kinds(one), ...kinds(two)].toSorted(), ['cached', 'cached', 'charge'])
  }
})

test('an answer for which nobody waits is handed to nobody', async () => {
  const [one, two] = openFleet([[answer], [answer]])
  assert.ok(one && two)
  await readAll(await one.gateway.ask(caller, marked()))
  await assert.rejects(two.gateway.ask(caller, marked()), isProblem('already_completed'))
})

test('at another instance a repetition is given the kept answer, whole or as a stream', async () => {
  for (const isStreamed of [false, true]) {
    const [one, two] = openFleet([[answer], [answer]], { answersKeptMs: 60_000 })
    assert.ok(one && two)
    const texts = await Promise.all(
      [one, two].map(async ({ gateway }) => readAll(await gateway.ask(caller, marked({}, isStreamed)))),
    )
    assert.deepEqual(texts, [words, words])
    const later = await two.gateway.ask(caller, marked({}, isStreamed))
    assert.equal(await readAll(later), words)
    assert.equal(later.receipt.costNanoUsd, 0)
    assert.equal(one.askedTargets.length + two.askedTargets.length, 1)
    assert.deepEqual([...kinds(one), ...kinds(two)].toSorted(), ['cached', 'cached', 'charge'])
  }
})

test('a repetition that waits for another instance really asks when the first one fails', async () => {
  const refuse: Behaviour = { does: 'refuse', code: 'provider_overloaded' }
  const [one, two] = openFleet([[refuse, refuse], [answer]])
  assert.ok(one && two)
  const [first, second] = await Promise.allSettled([
    one.gateway.ask(caller, marked()),
    two.gateway.ask(caller, marked()),
  ])
  assert.equal(first.status, 'rejected')
  assert.ok(second.status === 'fulfilled')
  assert.equal(await readAll(second.value), words)
})

test('without patience a repetition at another instance is told to come again', async () => {
  const [one, two] = openFleet([[answer], [answer]], { waitMs: 0 })
  assert.ok(one && two)
  const flow = flowOf(await one.gateway.ask(caller, marked({}, true)))
  await assert.rejects(two.gateway.ask(caller, marked({}, true)), (thrown) => {
    assert.ok(thrown instanceof Problem && thrown.code === 'idempotency_in_progress')
    assert.equal(thrown.details.retryAfterMs, 1_000)
    return true
  })
  await flow.return?.()
})
