// The corridor's errands: what is held is given back, what is done is charged, whatever targets do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { errandFor } from '#tests/support/fake-errands.ts'
import { caller, fakeHouse, fakeTarget } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'

const answer: Behaviour = { does: 'answer', pieces: 1, saysUsage: true }
const refuse: Behaviour = { does: 'refuse', code: 'provider_error' }
const nothingHeld = { permits: 0, money: 0, passes: 0, replies: 0 }

const scriptOf = (...behaviours: ReadonlyArray<readonly Behaviour[]>) =>
  new Map<Target, readonly Behaviour[]>(
    behaviours.map((steps, position): [Target, readonly Behaviour[]] => [
      fakeTarget(`model-${position}`),
      steps,
    ]),
  )

test('an errand is charged from the usage that the provider reported, in one row', async () => {
  const house = fakeHouse(scriptOf([answer]))
  const { receipt } = await createGateway(house.rooms).run(caller, errandFor(1))
  assert.equal(receipt.costNanoUsd, 10)
  assert.equal(receipt.isEstimated, false)
  assert.deepEqual(house.held, nothingHeld)
  assert.deepEqual(
    house.rows.map(({ kind, status, inputTokens, outputTokens, isStreamed }) => [
      kind,
      status,
      inputTokens,
      outputTokens,
      isStreamed,
    ]),
    [['charge', 200, 10, 0, false]],
  )
})

test('usage that the provider leaves out is estimated, charged and said to be', async () => {
  const house = fakeHouse(scriptOf([{ does: 'answer', pieces: 1, saysUsage: false }]))
  const { receipt } = await createGateway(house.rooms).run(caller, errandFor(1))
  assert.equal(receipt.isEstimated, true)
  assert.ok(receipt.costNanoUsd > 0)
})

test('a failing target is asked again, then the next one', async () => {
  const house = fakeHouse(scriptOf([refuse, refuse], [answer]))
  const { receipt } = await createGateway(house.rooms).run(caller, errandFor(1))
  assert.deepEqual(house.askedTargets, ['model-0', 'model-0', 'model-1'])
  assert.equal(receipt.model, 'model-1')
  assert.deepEqual(
    house.rows.map(({ kind, costNanoUsd }) => [kind, costNanoUsd]),
    [
      ['failed', 0],
      ['failed', 0],
      ['charge', 10],
    ],
  )
})

test('an errand of many calls asks again only for the replies that are missing', async () => {
  const steps = [answer, answer, refuse, answer]
  const house = fakeHouse(scriptOf(steps))
  const { answer: given, receipt } = await createGateway(house.rooms).run(caller, errandFor(9))
  assert.equal(given.vectors.length, 9)
  assert.equal(house.askedTargets.length, 10)
  assert.equal(receipt.costNanoUsd, 90)
  assert.deepEqual(house.held, nothingHeld)
})

test('replies that make no sense are all asked for again', async () => {
  const empty: Behaviour = { does: 'answer', pieces: 0, saysUsage: true }
  const house = fakeHouse(scriptOf([empty, answer]))
  await createGateway(house.rooms).run(caller, errandFor(1))
  assert.equal(house.askedTargets.length, 2)
  assert.deepEqual(house.held, nothingHeld)
})

test('a caller who leaves in the middle of many calls is charged for those that are done', async () => {
  const leaving = new AbortController()
  const house = fakeHouse(scriptOf([answer]))
  const { transport } = house.rooms
  let sent = 0
  const rooms = {
    ...house.rooms,
    transport: {
      send: (...call: Parameters<typeof transport.send>) => {
        if (++sent === 7) leaving.abort()
        return leaving.signal.aborted ? Promise.reject(new Problem('caller_left')) : transport.send(...call)
      },
    },
  }
  const running = createGateway(rooms).run(caller, errandFor(20, { signal: leaving.signal }))
  await assert.rejects(running, { code: 'caller_left' })
  assert.deepEqual(house.held, nothingHeld)
  assert.deepEqual(
    house.rows
      .filter(({ kind }) => kind !== 'failed')
      .map(({ kind, status, isEstimated }) => [kind, status, isEstimated]),
    [['charge', 499, true]],
  )
  assert.ok((house.spent[0] ?? 0) > 0)
})

test('a caller who leaves while its tokens are counted owes nothing, for nobody charges for that', async () => {
  const house = fakeHouse(scriptOf([{ does: 'refuse', code: 'caller_left' }]))
  const question = { messages: [], isStreamed: false }
  const { errand: _embed, ...rest } = errandFor(1)
  const asked = { ...rest, errand: { kind: 'count-tokens', question } } as const
  const adapter = { encode: () => [{ path: '/', headers: {}, body: '', isStreamed: false, dropped: [] }] }
  const rooms = { ...house.rooms, errandAdapters: { for: () => adapter as never } }
  await assert.rejects(createGateway(rooms).run(caller, asked), { code: 'caller_left' })
  assert.deepEqual(house.held, nothingHeld)
  assert.deepEqual(house.spent, [0])
  assert.equal(
    house.rows.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    0,
  )
})

test('a target whose provider has no such interface is not asked, and nothing is held for it', async () => {
  const house = fakeHouse(scriptOf([answer]))
  const rooms = { ...house.rooms, errandAdapters: { for: () => undefined } }
  await assert.rejects(createGateway(rooms).run(caller, errandFor(1)), { code: 'unsupported_feature' })
  assert.deepEqual(house.held, nothingHeld)
  assert.deepEqual(house.askedTargets, [])
})

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.record({
    does: fc.constant('answer' as const),
    pieces: fc.integer({ min: 0, max: 2 }),
    saysUsage: fc.boolean(),
  }),
  fc.record({
    does: fc.constant('refuse' as const),
    code: fc.constantFrom(
      'provider_error',
      'provider_rejected',
      'provider_rate_limited',
      'circuit_open',
      'caller_left',
      'internal_error',
    ),
  }),
  fc.record({ does: fc.constant('break' as const), afterPieces: fc.integer({ min: 0, max: 2 }) }),
  fc.constant({ does: 'hang' as const }),
)

test('whatever targets do, everything held is given back and exactly one row ends the errand', async () => {
  const scripts = fc.array(fc.array(behaviour, { maxLength: 8 }), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(scripts, fc.integer({ min: 0, max: 9 }), async (behaviours, inputCount) => {
      const house = fakeHouse(scriptOf(...behaviours))
      try {
        const { answer: given } = await createGateway(house.rooms).run(caller, errandFor(inputCount))
        assert.equal(given.vectors.length, inputCount)
      } catch (thrown) {
        assert.ok(thrown instanceof Problem, String(thrown))
      }
      assert.deepEqual(house.held, nothingHeld)
      assert.equal(house.rows.filter(({ kind }) => kind !== 'failed').length, 1)
      assert.ok(house.spent.length <= 1)
    }),
    { numRuns: 400 },
  )
})
