/** Requests that are sent again under a key, at one instance. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import type { EventFlow } from '#core/gateway/asked.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { fakeIdempotency } from '#tests/support/fake-idempotency.ts'
import { caller } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'
import {
  answer,
  flowOf,
  isProblem,
  kinds,
  marked,
  nextText,
  nothingHeld,
  openOne,
  readAll,
  textOf,
  words,
} from '#tests/support/once-houses.ts'

test('twenty at once under one key are one call, and one of them pays', async () => {
  const house = openOne()
  const replies = await Promise.all(Array.from({ length: 20 }, () => house.gateway.ask(caller, marked())))
  assert.deepEqual([...new Set(await Promise.all(replies.map(readAll)))], [words])
  assert.equal(house.askedTargets.length, 1)
  assert.deepEqual(house.spent, [20])
  assert.deepEqual(kinds(house), [...Array.from({ length: 19 }, () => 'cached'), 'charge'])
  const paying = replies.filter(({ receipt }) => receipt.costNanoUsd > 0)
  assert.equal(paying.length, 1)
  for (const { receipt } of replies) {
    if (receipt !== paying[0]?.receipt) assert.equal(receipt.repeatOf, paying[0]?.receipt.requestId)
    assert.equal(receipt.model, 'model')
    assert.equal(receipt.usage.outputTokens, 5)
  }
  assert.deepEqual(house.held, nothingHeld)
})

test('who joins a running stream hears it from its beginning', async () => {
  const house = openOne()
  const first = flowOf(await house.gateway.ask(caller, marked({}, true)))
  assert.equal(await nextText(first), 'word ')
  await first.next()
  const second = await house.gateway.ask(caller, marked({}, true))
  assert.equal(await readAll(second), words)
  assert.equal(await nextText(first), 'word ')
  while ((await first.next()).done !== true) assert.ok(house.spent.length <= 1)
  assert.equal(house.askedTargets.length, 1)
  assert.deepEqual(kinds(house), ['cached', 'charge'])
  assert.equal(second.receipt.usage.outputTokens, 5)
  assert.equal(second.receipt.costNanoUsd, 0)
  assert.deepEqual(house.held, nothingHeld)
})

test('a stream goes on while one reader is left, and is settled once when the last one leaves', async () => {
  const house = openOne([{ does: 'answer', pieces: 30, saysUsage: true }])
  const leaving = [new AbortController(), new AbortController()]
  const flows: EventFlow[] = []
  for (const { signal } of leaving) {
    flows.push(flowOf(await house.gateway.ask(caller, marked({ signal }, true))))
  }
  const [one, two] = flows
  assert.ok(one && two)
  await one.next()
  leaving[0]?.abort()
  assert.equal((await one.next()).done, true)
  assert.equal((await two.next()).done, false)
  assert.deepEqual(house.spent, [])
  leaving[1]?.abort()
  assert.equal(house.spent.length, 1)
  assert.deepEqual(house.held, nothingHeld)
  assert.deepEqual(
    house.rows.map(({ kind, problem }) => [kind, problem]),
    [
      ['charge', 'caller_left'],
      ['refused', 'caller_left'],
    ],
  )
})

test('a gateway that stops tells every reader why, and settles once', async () => {
  const house = openOne([{ does: 'answer', pieces: 30, saysUsage: true }], { lingerMs: 60_000 })
  const leaving = [new AbortController(), new AbortController()]
  const replies = await Promise.all(
    leaving.map(({ signal }) => house.gateway.ask(caller, marked({ signal }, true))),
  )
  for (const reply of replies) await flowOf(reply).next()
  for (const each of leaving) each.abort(new Problem('draining'))
  for (const reply of replies) await assert.rejects(readAll(reply), isProblem('draining'))
  assert.equal(house.spent.length, 1)
  assert.deepEqual(house.held, nothingHeld)
})

test('what was charged before everybody left is not charged again', async () => {
  const house = openOne()
  const leaving = new AbortController()
  const flow = flowOf(await house.gateway.ask(caller, marked({ signal: leaving.signal }, true)))
  await flow.next()
  leaving.abort()
  await assert.rejects(house.gateway.ask(caller, marked({}, true)), isProblem('already_completed'))
  assert.equal(house.askedTargets.length, 1)
})

test('a call that lingers is found by who comes again', async () => {
  const house = openOne([{ does: 'answer', pieces: 30, saysUsage: true }], { lingerMs: 60_000 })
  let isPausing = true
  const gateway = createGateway({
    ...house.rooms,
    idempotency: fakeIdempotency(house.rooms.clock, { lingerMs: 60_000 }),
    pause: (_durationMs, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          isPausing = false
          reject(new Problem('caller_left'))
        })
      }),
  })
  const leaving = new AbortController()
  await gateway.ask(caller, marked({ signal: leaving.signal }, true))
  leaving.abort()
  const second = await gateway.ask(caller, marked({}, true))
  assert.equal(isPausing, false)
  assert.equal(await readAll(second), 'word '.repeat(30))
  assert.equal(house.askedTargets.length, 1)
  assert.deepEqual(house.held, nothingHeld)
})

test('a key that was used for something else is refused, while that runs and afterwards', async () => {
  const house = openOne()
  const first = house.gateway.ask(caller, marked())
  const other = { mark: { key: 'k', fingerprint: 'other' } }
  await assert.rejects(house.gateway.ask(caller, marked(other)), isProblem('idempotency_key_reused'))
  await first
  await assert.rejects(house.gateway.ask(caller, marked(other)), isProblem('idempotency_key_reused'))
  assert.deepEqual(house.held, nothingHeld)
})

test('the same key of another API key or tenant is another key', async () => {
  const house = openOne()
  await house.gateway.ask(caller, marked())
  await house.gateway.ask({ ...caller, keyId: 'key-b' }, marked())
  await house.gateway.ask({ ...caller, tenantId: 'tenant-b' }, marked())
  assert.equal(house.askedTargets.length, 3)
})

test('after its end, a call is told of with what it cost and who asked first', async () => {
  const house = openOne()
  const { receipt } = await house.gateway.ask(caller, marked())
  await assert.rejects(house.gateway.ask(caller, marked()), (thrown) => {
    assert.ok(thrown instanceof Problem && thrown.code === 'already_completed')
    const { facts } = thrown.details
    assert.equal(facts?.['original_request_id'], receipt.requestId)
    assert.equal(facts?.['cost_usd'], '0.00000002')
    assert.equal(facts?.['output_tokens'], 5)
    return true
  })
})

test('a failure that cost nothing gives the key back, to all who waited the same failure', async () => {
  const refuse: Behaviour = { does: 'refuse', code: 'provider_overloaded' }
  const house = openOne([refuse, refuse])
  const both = await Promise.allSettled([
    house.gateway.ask(caller, marked()),
    house.gateway.ask(caller, marked()),
  ])
  for (const each of both) {
    assert.ok(each.status === 'rejected' && isProblem('provider_overloaded')(each.reason))
  }
  assert.equal(await readAll(await house.gateway.ask(caller, marked())), words)
  assert.deepEqual(house.held, nothingHeld)
})

test('a stream that broke off and was charged is not asked for again', async () => {
  const house = openOne([{ does: 'break', afterPieces: 2 }])
  await assert.rejects(readAll(await house.gateway.ask(caller, marked({}, true))), isProblem('stream_cut'))
  await assert.rejects(house.gateway.ask(caller, marked({}, true)), (thrown) => {
    assert.ok(thrown instanceof Problem && thrown.code === 'already_completed')
    assert.equal(thrown.details.facts?.['problem'], 'stream_cut')
    return true
  })
  assert.equal(house.spent.length, 1)
})

test('nobody joins a stream whose beginning is dropped, and its reader goes on', async () => {
  const house = openOne([{ does: 'answer', pieces: 40, saysUsage: true }], { streamBytesMax: 600 })
  const flow = flowOf(await house.gateway.ask(caller, marked({}, true)))
  let text = ''
  for (let piece = 0; piece < 20; piece += 1) text += await nextText(flow)
  await assert.rejects(house.gateway.ask(caller, marked({}, true)), isProblem('idempotency_in_progress'))
  for await (const events of flow) text += textOf(events)
  assert.equal(text, 'word '.repeat(40))
  assert.deepEqual(house.held, nothingHeld)
})

test('a reader who lags too far behind is cut off, and the other one is not', async () => {
  const house = openOne([{ does: 'answer', pieces: 40, saysUsage: true }], { streamBytesMax: 600 })
  const slow = await house.gateway.ask(caller, marked({}, true))
  const quick = await house.gateway.ask(caller, marked({}, true))
  assert.equal(await readAll(quick), 'word '.repeat(40))
  await assert.rejects(readAll(slow), isProblem('stream_cut'))
  assert.equal(house.spent.length, 1)
  assert.deepEqual(house.held, nothingHeld)
})

test('whoever comes and leaves in whatever order, one call is charged once and nothing stays held', async () => {
  const steps = fc.record({
    isStreamed: fc.boolean(),
    readers: fc.array(fc.record({ batches: fc.nat(6), leaves: fc.boolean() }), {
      minLength: 1,
      maxLength: 5,
    }),
    behaviour: fc.constantFrom<Behaviour>(
      answer,
      { does: 'break', afterPieces: 2 },
      { does: 'refuse', code: 'provider_rejected' },
    ),
  })
  await fc.assert(
    fc.asyncProperty(steps, async ({ isStreamed, readers, behaviour }) => {
      const house = openOne([behaviour])
      const reading = readers.map(async ({ batches, leaves }) => {
        const leaving = new AbortController()
        const reply = await house.gateway.ask(caller, marked({ signal: leaving.signal }, isStreamed))
        if (reply.kind === 'whole') return
        for (let batch = 0; batch < batches; batch += 1) await reply.events.next()
        if (leaves) leaving.abort()
        else await readAll(reply)
      })
      await Promise.allSettled(reading)
      assert.deepEqual(house.held, nothingHeld)
      assert.ok(house.askedTargets.length <= 2)
      const charges = house.rows.filter(({ kind }) => kind === 'charge')
      assert.equal(charges.length, behaviour.does === 'refuse' ? 0 : Math.min(1, charges.length))
      assert.equal(house.rows.filter(({ kind }) => kind !== 'failed').length, readers.length)
    }),
    { numRuns: 150 },
  )
})
