import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { visibleText } from '#core/domain/answer.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { Reply } from '#core/gateway/asked.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { askedFor, caller, fakeHouse, fakeTarget } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'

const answer: Behaviour = { does: 'answer', pieces: 3, saysUsage: true }
const nothingHeld = { permits: 0, money: 0, passes: 0, replies: 0 }

const scriptOf = (...behaviours: ReadonlyArray<readonly Behaviour[]>) =>
  new Map<Target, readonly Behaviour[]>(
    behaviours.map((steps, position): [Target, readonly Behaviour[]] => [
      fakeTarget(`model-${position}`),
      steps,
    ]),
  )

async function readAll(reply: Reply): Promise<string> {
  if (reply.kind === 'whole') return visibleText(reply.answer.choices[0]?.parts ?? [])
  let text = ''
  for await (const events of reply.events) {
    for (const event of events) if (event.type === 'text-delta') text += event.text
  }
  return text
}

test('a whole answer is charged from the usage that the provider reported', async () => {
  const house = fakeHouse(scriptOf([answer]))
  const reply = await createGateway(house.rooms).ask(caller, askedFor())
  assert.equal(await readAll(reply), 'word word word ')
  assert.equal(reply.receipt.costNanoUsd, 10 * 1 + 5 * 2)
  assert.equal(reply.receipt.isEstimated, false)
  assert.deepEqual(house.held, nothingHeld)
  assert.deepEqual(
    house.rows.map(({ kind, status, costNanoUsd, inputTokens, outputTokens }) => [
      kind,
      status,
      costNanoUsd,
      inputTokens,
      outputTokens,
    ]),
    [['charge', 200, 20, 10, 5]],
  )
})

test('an answer without usage is charged by what passed by, and says that it is estimated', async () => {
  const house = fakeHouse(scriptOf([{ does: 'answer', pieces: 8, saysUsage: false }]))
  const reply = await createGateway(house.rooms).ask(caller, askedFor({}, true))
  await readAll(reply)
  assert.equal(reply.receipt.isEstimated, true)
  assert.ok(reply.receipt.costNanoUsd > 0)
  assert.deepEqual(house.held, nothingHeld)
})

test('a failing target is asked again, then the next one; failed attempts are recorded and not charged', async () => {
  const refuse: Behaviour = { does: 'refuse', code: 'provider_error' }
  const house = fakeHouse(scriptOf([refuse, refuse], [answer]))
  const reply = await createGateway(house.rooms).ask(caller, askedFor())
  assert.deepEqual(house.askedTargets, ['model-0', 'model-0', 'model-1'])
  assert.equal(reply.receipt.model, 'model-1')
  assert.equal(reply.receipt.attempts, 3)
  assert.deepEqual(
    house.rows.map(({ kind, attempt, costNanoUsd }) => [kind, attempt, costNanoUsd]),
    [
      ['failed', 1, 0],
      ['failed', 2, 0],
      ['charge', 3, 20],
    ],
  )
})

test("a request that is wrong in itself is not sent anywhere else, and the provider's reason is told", async () => {
  const house = fakeHouse(scriptOf([{ does: 'refuse', code: 'provider_rejected' }], [answer]))
  await assert.rejects(createGateway(house.rooms).ask(caller, askedFor()), { code: 'provider_rejected' })
  assert.deepEqual(house.askedTargets, ['model-0'])
  assert.deepEqual(house.held, nothingHeld)
})

test('a question too long for one model goes only to a model that reads more', async () => {
  const small = fakeTarget('small', 1_000)
  const equal = fakeTarget('equal', 1_000)
  const large = fakeTarget('large', 9_000)
  const tooLong: Behaviour = { does: 'refuse', code: 'context_length_exceeded' }
  const house = fakeHouse(
    new Map([
      [small, [tooLong]],
      [equal, []],
      [large, []],
    ]),
  )
  await createGateway(house.rooms).ask(caller, askedFor())
  assert.deepEqual(house.askedTargets, ['small', 'large'])
})

test('a fallback that the budget does not cover is passed over for one that it covers', async () => {
  const refuse: Behaviour = { does: 'refuse', code: 'provider_error' }
  const house = fakeHouse(scriptOf([refuse, refuse], [answer], [answer]))
  const { budgetManager } = house.rooms
  const refit: typeof budgetManager.refit = (held, need) => {
    if (need.target.card.name === 'model-1') throw new Problem('budget_exceeded')
    return budgetManager.refit(held, need)
  }
  const rooms = { ...house.rooms, budgetManager: { ...budgetManager, refit } }
  const reply = await createGateway(rooms).ask(caller, askedFor())
  assert.equal(reply.receipt.model, 'model-2')
  assert.deepEqual(house.held, nothingHeld)
})

test('a stream that breaks before its first content is rescued; after it, the reader is told', async () => {
  const early = fakeHouse(
    scriptOf(
      [
        { does: 'break', afterPieces: 0 },
        { does: 'break', afterPieces: 0 },
      ],
      [answer],
    ),
  )
  assert.equal(
    await readAll(await createGateway(early.rooms).ask(caller, askedFor({}, true))),
    'word word word ',
  )

  const late = fakeHouse(scriptOf([{ does: 'break', afterPieces: 2 }], [answer]))
  const reply = await createGateway(late.rooms).ask(caller, askedFor({}, true))
  await assert.rejects(readAll(reply), { code: 'stream_cut' })
  assert.deepEqual(late.held, nothingHeld)
  assert.deepEqual(
    late.rows.map(({ kind, problem }) => [kind, problem]),
    [['charge', 'stream_cut']],
  )
  assert.ok((late.spent[0] ?? 0) > 0, 'what was delivered is charged')
})

test('a reader who walks away still settles the bill, read or unread', async () => {
  for (const batchesRead of [0, 1, 2]) {
    const leaving = new AbortController()
    const house = fakeHouse(scriptOf([{ does: 'answer', pieces: 50, saysUsage: true }]))
    const reply = await createGateway(house.rooms).ask(caller, askedFor({ signal: leaving.signal }, true))
    assert.equal(reply.kind, 'stream')
    if (reply.kind !== 'stream') return
    for (let read = 0; read < batchesRead; read++) await reply.events.next()
    leaving.abort()
    assert.deepEqual(house.held, nothingHeld, `after ${batchesRead} batches`)
    assert.deepEqual(
      house.rows.map(({ kind, status, problem }) => [kind, status, problem]),
      [['charge', 499, 'caller_left']],
    )
  }
})

test('a second request for the same is answered from what was kept, for nothing', async () => {
  for (const isStreamed of [false, true]) {
    const house = fakeHouse(scriptOf([answer]), true)
    const gateway = createGateway(house.rooms)
    const first = await readAll(await gateway.ask(caller, askedFor({}, isStreamed)))
    const reply = await gateway.ask(caller, askedFor({}, isStreamed))
    assert.equal(await readAll(reply), first)
    assert.equal(reply.receipt.cache, 'hit')
    assert.equal(reply.receipt.costNanoUsd, 0)
    assert.equal(house.askedTargets.length, 1)
    assert.deepEqual(house.held, nothingHeld)
  }
})

test('a kept answer of somebody who would not be asked now is not given again', async () => {
  const house = fakeHouse(scriptOf([answer, answer]), true)
  const gateway = createGateway(house.rooms)
  await readAll(await gateway.ask(caller, askedFor()))
  for (const [key, known] of house.kept) {
    house.kept.set(key, { ...known, target: { ...known.target, provider: 'a-fallback-of-somebody-else' } })
  }
  const reply = await gateway.ask(caller, askedFor())
  assert.equal(reply.receipt.cache, 'miss')
  assert.equal(house.askedTargets.length, 2)
})

test('an answer that broke off is never kept', async () => {
  const house = fakeHouse(scriptOf([{ does: 'break', afterPieces: 2 }]), true)
  const reply = await createGateway(house.rooms).ask(caller, askedFor({}, true))
  await assert.rejects(readAll(reply))
  assert.equal(house.kept.size, 0)
})

test('a provider that goes on past the cap that was paid for is cut', async () => {
  const house = fakeHouse(scriptOf([{ does: 'answer', pieces: 5_000, saysUsage: true }]))
  const reply = await createGateway(house.rooms).ask(caller, askedFor({}, true))
  await assert.rejects(readAll(reply), { code: 'stream_cut' })
  assert.deepEqual(house.held, nothingHeld)
})

test('a refused request holds nothing and is written down once', async () => {
  const house = fakeHouse(scriptOf([answer]))
  const rooms = {
    ...house.rooms,
    budgetManager: {
      ...house.rooms.budgetManager,
      reserve: () => Promise.reject(new Problem('budget_exceeded')),
    },
  }
  await assert.rejects(createGateway(rooms).ask(caller, askedFor()), { code: 'budget_exceeded' })
  assert.deepEqual(house.held, nothingHeld)
  assert.deepEqual(
    house.rows.map(({ kind, status }) => [kind, status]),
    [['refused', 402]],
  )
})

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.record({
    does: fc.constant('answer' as const),
    pieces: fc.integer({ min: 0, max: 6 }),
    saysUsage: fc.boolean(),
  }),
  fc.record({
    does: fc.constant('refuse' as const),
    code: fc.constantFrom(
      'provider_error',
      'provider_rejected',
      'provider_rate_limited',
      'circuit_open',
      'internal_error',
    ),
  }),
  fc.record({ does: fc.constant('break' as const), afterPieces: fc.integer({ min: 0, max: 4 }) }),
  fc.constant({ does: 'hang' as const }),
)

test('whatever providers and readers do, everything held is given back and exactly one row ends the request', async () => {
  const scripts = fc.array(fc.array(behaviour, { maxLength: 3 }), { minLength: 1, maxLength: 3 })
  const reader = fc.record({
    isStreamed: fc.boolean(),
    leavesAfter: fc.option(fc.integer({ min: 0, max: 5 })),
    how: fc.constantFrom('abort', 'return'),
  })
  await fc.assert(
    fc.asyncProperty(scripts, reader, async (behaviours, { isStreamed, leavesAfter, how }) => {
      const house = fakeHouse(scriptOf(...behaviours), true)
      const leaving = new AbortController()
      try {
        const reply = await createGateway(house.rooms).ask(
          caller,
          askedFor({ signal: leaving.signal }, isStreamed),
        )
        if (reply.kind === 'stream') {
          for (let read = 0; read !== leavesAfter && !(await reply.events.next()).done; read++);
          if (how === 'abort') leaving.abort()
          else await reply.events.return?.()
        }
      } catch (thrown) {
        assert.ok(thrown instanceof Problem, String(thrown))
      }
      assert.deepEqual(house.held, nothingHeld)
      assert.equal(house.rows.filter(({ kind }) => kind !== 'failed').length, 1)
      assert.ok(house.spent.length <= 1)
    }),
    { numRuns: 500 },
  )
})

test('a target for which no time is left is not asked, and no attempt is written down for it', async () => {
  const house = fakeHouse(scriptOf([{ does: 'refuse', code: 'provider_quota' }], [answer]))
  let asked = 0
  const deadlinesFor: typeof house.rooms.resilience.deadlinesFor = (...given) => {
    asked += 1
    if (asked > 1) throw new Problem('deadline_exceeded')
    return house.rooms.resilience.deadlinesFor(...given)
  }
  const rooms = { ...house.rooms, resilience: { ...house.rooms.resilience, deadlinesFor } }
  await assert.rejects(createGateway(rooms).ask(caller, askedFor()))
  assert.deepEqual(
    house.rows.map(({ kind, attempt, problem }) => [kind, attempt, problem]),
    [
      ['failed', 1, 'provider_quota'],
      ['refused', 0, 'all_targets_failed'],
    ],
  )
  assert.deepEqual(house.held, nothingHeld)
})
