import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { anchorOf } from '#core/domain/seam.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { caller, fakeHouse } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'
import {
  nothingHeld,
  story,
  textOf,
  stop,
  inPieces,
  tellsUntil,
  shownIn,
  goesOn,
  scriptOf,
  wish,
} from '#tests/support/story-rooms.ts'

test('whoever leaves during a rescue pays for what was done, once, and nothing stays held', async () => {
  for (const leavesAt of ['refit', 'sent', 'first words', 'later'] as const) {
    const leaving = new AbortController()
    const house = fakeHouse(
      scriptOf(
        [tellsUntil(60)],
        [
          {
            does: 'tell',
            tell(question) {
              if (leavesAt === 'sent') leaving.abort()
              const shown = shownIn(question)
              const rest = story.slice(shown.length - anchorOf(shown).length)
              return { events: [...textOf(inPieces(rest, 3)), stop], isCut: false }
            },
          },
        ],
      ),
    )
    const { budgetManager } = house.rooms
    const refit: typeof budgetManager.refit = async (held, need) => {
      if (leavesAt === 'refit') leaving.abort()
      await Promise.resolve()
      return budgetManager.refit(held, need)
    }
    const rooms = { ...house.rooms, budgetManager: { ...budgetManager, refit } }
    const reply = await createGateway(rooms).ask(caller, wish({ signal: leaving.signal }))
    assert.ok(reply.kind === 'stream')
    const { events, receipt } = reply
    const readToTheEnd = async () => {
      for await (const batch of events) {
        const isMarked = batch.some(({ type }) => type === 'resumed')
        if (leavesAt === 'first words' && isMarked) leaving.abort()
        if (leavesAt === 'later' && receipt.rescues === 1 && !isMarked) leaving.abort()
      }
    }
    await readToTheEnd().catch((thrown: unknown) => {
      assert.equal((thrown as Problem).code, 'caller_left', leavesAt)
    })
    assert.deepEqual(house.held, nothingHeld, leavesAt)
    assert.equal(house.spent.length, 1, leavesAt)
    assert.equal(house.rows.filter(({ kind }) => kind === 'charge').length, 1, leavesAt)
    const sum = house.rows.reduce((total, row) => total + row.costNanoUsd, 0)
    assert.equal(house.spent[0], sum, leavesAt)
    if (leavesAt !== 'refit')
      assert.equal(house.rows.filter(({ kind }) => kind === 'rescued').length, 1, leavesAt)
  }
})

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.integer({ min: 1, max: story.length }).map((cut) => tellsUntil(cut)),
  fc.constant(goesOn()),
  fc.constant(goesOn({ more: [] })),
  fc.record({ does: fc.constant('break' as const), afterPieces: fc.integer({ min: 0, max: 4 }) }),
  fc.record({
    does: fc.constant('refuse' as const),
    code: fc.constantFrom('provider_error', 'circuit_open'),
  }),
  fc.constant({ does: 'hang' as const }),
)

test('whatever providers and readers do, the rows add up to the one charge and nothing stays held', async () => {
  const scripts = fc.array(fc.array(behaviour, { maxLength: 3 }), { minLength: 1, maxLength: 3 })
  const leavesAfter = fc.option(fc.integer({ min: 0, max: 30 }))
  await fc.assert(
    fc.asyncProperty(scripts, leavesAfter, fc.boolean(), async (behaviours, leaves, byAbort) => {
      const house = fakeHouse(scriptOf(...behaviours), true)
      const leaving = new AbortController()
      try {
        const reply = await createGateway(house.rooms).ask(caller, wish({ signal: leaving.signal }))
        assert.ok(reply.kind === 'stream')
        for (let read = 0; read !== leaves && !(await reply.events.next()).done; read++);
        if (byAbort) leaving.abort()
        else await reply.events.return?.()
      } catch (thrown) {
        assert.ok(thrown instanceof Problem, String(thrown))
      }
      assert.deepEqual(house.held, nothingHeld)
      assert.ok(house.spent.length <= 1)
      const sum = house.rows.reduce((total, row) => total + row.costNanoUsd, 0)
      assert.equal(house.spent[0] ?? toNanoUsd(0), sum)
      assert.equal(house.rows.filter(({ kind }) => kind !== 'failed' && kind !== 'rescued').length, 1)
    }),
    { numRuns: 400 },
  )
})
