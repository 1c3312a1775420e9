import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { caller, fakeHouse } from '#tests/support/fake-rooms.ts'
import type { FakeHouse } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'
import {
  nothingHeld,
  plain,
  readAll,
  scriptOf,
  stop,
  story,
  textOf,
  wish,
} from '#tests/support/story-rooms.ts'

const tells = (text: string): Behaviour => ({
  does: 'tell',
  tell: () => ({ events: [...textOf([text]), stop], isCut: false }),
})

/** When each target's first piece comes, and when it is late: by signals of the test, never by time. */
interface Pace {
  /** By the order in which they are asked. */
  readonly speaks: readonly Promise<void>[]
  readonly late?: Promise<void>
  readonly allows?: boolean
}

function hedging(house: FakeHouse, { speaks, late = Promise.resolve(), allows = true }: Pace): Rooms {
  const { transport, resilience } = house.rooms
  let asked = 0
  return {
    ...house.rooms,
    resilience: { ...resilience, hedgeAfterMs: () => 100, takeHedge: () => allows },
    pause: (_durationMs, signal) =>
      Promise.race([
        late,
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Problem('caller_left')), { once: true })
        }),
      ]),
    transport: {
      async send(call, terms) {
        const speak = speaks[asked++] ?? Promise.resolve()
        const reply = await transport.send(call, terms)
        const left = new Promise<void>((resolve) => {
          if (terms.signal.aborted) resolve()
          terms.signal.addEventListener('abort', () => resolve(), { once: true })
        })
        return {
          ...reply,
          async next() {
            await Promise.race([speak, left])
            return reply.next()
          },
        }
      },
    },
  }
}

const never = Promise.withResolvers<void>().promise
const now = Promise.resolve()

const noRescue = () => wish({ rescueWish: 'error' })

test('the second target is heard when it speaks first; the late one is stopped and its input paid for', async () => {
  const house = fakeHouse(scriptOf([tells('late')], [tells(story)]))
  const reply = await createGateway(hedging(house, { speaks: [never, now] })).ask(caller, noRescue())
  const { text, problem } = await readAll(reply)
  assert.equal(problem, undefined)
  assert.equal(text, story)
  assert.deepEqual(house.askedTargets, ['model-0', 'model-1'])
  assert.deepEqual(house.rescues, ['hedge won'])
  const [lost, won] = house.rows
  assert.deepEqual([lost?.kind, lost?.attempt, lost?.model, lost?.outputTokens], ['hedged', 1, 'model-0', 0])
  assert.ok(lost && won && lost.inputTokens > 0 && lost.costNanoUsd > 0 && lost.isEstimated)
  assert.deepEqual([won.kind, won.attempt, won.model], ['charge', 2, 'model-1'])
  assert.deepEqual(house.spent, [lost.costNanoUsd + won.costNanoUsd])
  assert.deepEqual(house.held, nothingHeld)
})

test('the first target is heard when it speaks first after all', async () => {
  const house = fakeHouse(scriptOf([tells(story)], [tells('later still')]))
  const first = Promise.withResolvers<void>()
  const rooms = hedging(house, { speaks: [first.promise, never] })
  const { transport } = rooms
  const send: typeof transport.send = async (call, terms) => {
    const reply = await transport.send(call, terms)
    if (house.askedTargets.length === 2) first.resolve()
    return reply
  }
  const reply = await createGateway({ ...rooms, transport: { send } }).ask(caller, noRescue())
  assert.equal((await readAll(reply)).text, story)
  assert.deepEqual(
    plain(house).map(([kind, attempt, model]) => [kind, attempt, model]),
    [
      ['hedged', 2, 'model-1'],
      ['charge', 1, 'model-0'],
    ],
  )
  assert.deepEqual(house.rescues, ['hedge lost'])
  assert.deepEqual(house.held, nothingHeld)
})

test('who is not late, without allowance, or without money for both is asked alone', async () => {
  const houses = await Promise.all(
    (['in time', 'no allowance', 'no money'] as const).map(async (why) => {
      const house = fakeHouse(scriptOf([tells(story)], [tells('never asked')]))
      const slow = Promise.withResolvers<void>()
      const pace = { speaks: [why === 'in time' ? now : slow.promise], allows: why !== 'no allowance' }
      const rooms = hedging(house, why === 'in time' ? { ...pace, late: never } : pace)
      const { budgetManager } = rooms
      const refit = () => {
        setImmediate(slow.resolve)
        return Promise.reject(new Problem('budget_exceeded'))
      }
      if (why === 'no allowance') setImmediate(slow.resolve)
      const poor = why === 'no money' ? { ...rooms, budgetManager: { ...budgetManager, refit } } : rooms
      const reply = await createGateway(poor).ask(caller, noRescue())
      assert.equal((await readAll(reply)).text, story)
      return house
    }),
  )
  for (const house of houses) {
    assert.deepEqual(house.askedTargets, ['model-0'])
    assert.deepEqual(house.held, nothingHeld)
    assert.equal(house.rows.length, 1)
  }
})

test('the hold covers both: what the first may cost is held beside what the second may cost', async () => {
  const house = fakeHouse(scriptOf([tells('late')], [tells(story)]))
  const rooms = hedging(house, { speaks: [never, now] })
  const { budgetManager } = rooms
  const spent: unknown[] = []
  const refit: typeof budgetManager.refit = (held, need) => {
    spent.push([need.target.card.name, need.spentNanoUsd === held.amount])
    return budgetManager.refit(held, need)
  }
  await readAll(
    await createGateway({ ...rooms, budgetManager: { ...budgetManager, refit } }).ask(caller, noRescue()),
  )
  assert.deepEqual(spent, [['model-1', true]])
})

test('when one of the two fails, the other is waited for, and the failure has its row', async () => {
  const refuse: Behaviour = { does: 'refuse', code: 'provider_error' }
  const house = fakeHouse(scriptOf([tells(story)], [refuse]))
  const slow = Promise.withResolvers<void>()
  const rooms = hedging(house, { speaks: [slow.promise] })
  const record: typeof rooms.analyticsCollector.record = (row) => {
    house.rows.push(row)
    slow.resolve()
  }
  const noteHedge = () => slow.resolve()
  const { transport } = rooms
  const send: typeof transport.send = (call, terms) => {
    const sent = transport.send(call, terms)
    sent.catch(() => slow.resolve())
    return sent
  }
  const analyticsCollector = { ...rooms.analyticsCollector, record, noteHedge }
  const reply = await createGateway({ ...rooms, transport: { send }, analyticsCollector }).ask(
    caller,
    noRescue(),
  )
  assert.equal((await readAll(reply)).text, story)
  assert.deepEqual(
    plain(house).map(([kind, attempt, model]) => [kind, attempt, model]),
    [
      ['failed', 2, 'model-1'],
      ['charge', 1, 'model-0'],
    ],
  )
  assert.deepEqual(house.held, nothingHeld)
})

test('whoever leaves while both are late pays for the input of both', async () => {
  const leaving = new AbortController()
  const house = fakeHouse(scriptOf([tells('late')], [tells('late too')]))
  const rooms = hedging(house, { speaks: [never, never] })
  const { transport } = rooms
  const send: typeof transport.send = async (call, terms) => {
    const reply = await transport.send(call, terms)
    if (house.askedTargets.length === 2) setImmediate(() => leaving.abort())
    return reply
  }
  const asking = createGateway({ ...rooms, transport: { send } }).ask(
    caller,
    wish({ rescueWish: 'error', signal: leaving.signal }),
  )
  await assert.rejects(asking, { code: 'caller_left' })
  assert.deepEqual(
    plain(house).map(([kind, attempt, model]) => [kind, attempt, model]),
    [
      ['hedged', 2, 'model-1'],
      ['charge', 1, 'model-0'],
    ],
  )
  assert.equal(
    house.spent[0],
    house.rows.reduce((sum, row) => sum + row.costNanoUsd, 0),
  )
  assert.deepEqual(house.held, nothingHeld)
})

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.constant(tells(story)),
  fc.record({
    does: fc.constant('refuse' as const),
    code: fc.constantFrom('provider_error', 'circuit_open'),
  }),
  fc.record({ does: fc.constant('break' as const), afterPieces: fc.integer({ min: 0, max: 3 }) }),
  fc.constant({ does: 'hang' as const }),
)

test('whatever the two do and whoever leaves, the rows add up to the one charge and nothing stays held', async () => {
  const scripts = fc.tuple(fc.array(behaviour, { maxLength: 3 }), fc.array(behaviour, { maxLength: 3 }))
  const turns = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(
      scripts,
      turns,
      fc.option(fc.integer({ min: 0, max: 6 })),
      async (behaviours, waits, leaves) => {
        const house = fakeHouse(scriptOf(...behaviours))
        const leaving = new AbortController()
        const after = async (steps: number) => {
          for (let step = 0; step < steps; step++) await new Promise(setImmediate)
        }
        const rooms = hedging(house, { speaks: waits.map(after), late: after(1) })
        if (leaves !== null) void after(leaves).then(() => leaving.abort())
        try {
          const reply = await createGateway(rooms).ask(
            caller,
            wish({ rescueWish: 'error', signal: leaving.signal }),
          )
          await readAll(reply)
        } catch (thrown) {
          assert.ok(thrown instanceof Problem, String(thrown))
        }
        // A loser that is being stopped gives its place back a moment later.
        await after(8)
        assert.deepEqual(house.held, nothingHeld)
        const sum = house.rows.reduce((total, row) => total + row.costNanoUsd, 0)
        assert.equal(house.spent[0] ?? 0, sum)
        assert.equal(house.rows.filter(({ kind }) => kind !== 'failed' && kind !== 'hedged').length, 1)
        const places = house.rows.map(({ attempt, kind }) => `${attempt} ${kind}`)
        assert.equal(new Set(places).size, places.length, places.join(', '))
      },
    ),
    { numRuns: 300 },
  )
})
