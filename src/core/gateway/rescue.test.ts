import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anchorOf } from '#core/domain/seam.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { caller, fakeHouse, rescueSettings } from '#tests/support/fake-rooms.ts'
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
  able,
  wish,
  plain,
  readAll,
} from '#tests/support/story-rooms.ts'

test('a story that breaks off is told to its end by another model, no word lost or doubled', async () => {
  const house = fakeHouse(scriptOf([tellsUntil(60)], [goesOn()]))
  const reply = await createGateway(house.rooms).ask(caller, wish())
  const { text, problem, events } = await readAll(reply)
  assert.equal(problem, undefined)
  assert.equal(text, story)
  assert.equal(events.filter(({ type }) => type === 'resumed').length, 1)
  assert.equal(events.filter(({ type }) => type === 'finish').length, 1)
  assert.deepEqual(house.askedTargets, ['model-0', 'model-1'])
  assert.equal(reply.receipt.rescues, 1)
  assert.equal(reply.receipt.model, 'model-1')
  assert.deepEqual(house.rescues, ['continue continued'])
  assert.deepEqual(house.held, nothingHeld)
})

test('each attempt has its own row, and the sum of them is what is charged and said', async () => {
  const house = fakeHouse(scriptOf([tellsUntil(60)], [goesOn()]))
  const reply = await createGateway(house.rooms).ask(caller, wish())
  await readAll(reply)
  const [first, second] = house.rows
  assert.equal(first?.kind, 'rescued')
  assert.equal(first.problem, 'stream_cut')
  assert.equal(first.isEstimated, true)
  assert.ok(first.outputTokens >= 60 / 7 && first.costNanoUsd > 0)
  assert.equal(second?.kind, 'charge')
  assert.equal(second.problem, null)
  assert.deepEqual([second.inputTokens, second.outputTokens, second.costNanoUsd], [90, 30, 150])
  assert.deepEqual([first.attempt, second.attempt], [1, 2])
  assert.deepEqual(house.spent, [first.costNanoUsd + second.costNanoUsd])
  assert.equal(reply.receipt.costNanoUsd, house.spent[0])
  assert.equal(reply.receipt.usage.outputTokens, first.outputTokens + second.outputTokens)
  assert.equal(reply.receipt.usage.inputTokens, first.inputTokens + second.inputTokens)
})

test('wherever it breaks, however it comes and however much of the end is repeated, the story is whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 4, max: story.length }),
      fc.integer({ min: 1, max: 40 }),
      fc.oneof(fc.constant(0), fc.integer({ min: 40, max: 200 })),
      fc.boolean(),
      async (cut, size, overlap, isAble) => {
        const script = scriptOf([tellsUntil(cut, size)], [goesOn({ overlap, size })])
        const targets = [...script.keys()]
        const next = targets[1]
        assert.ok(next)
        const house = fakeHouse(
          isAble
            ? new Map([...script].map(([target, steps]) => [target === next ? able(target) : target, steps]))
            : script,
        )
        const { text, problem } = await readAll(await createGateway(house.rooms).ask(caller, wish()))
        assert.equal(problem, undefined)
        assert.equal(text, story)
        assert.deepEqual(house.held, nothingHeld)
        assert.equal(house.rows.filter(({ kind }) => kind === 'charge').length, 1)
      },
    ),
    { numRuns: 300 },
  )
})

test('the second break is mended like the first, up to the limit', async () => {
  const twice = fakeHouse(scriptOf([tellsUntil(40)], [goesOn({ more: [] })], [goesOn()]))
  const breaksAgain: Behaviour = {
    does: 'tell',
    tell(question) {
      const shown = shownIn(question)
      const from = shown.length - anchorOf(shown).length
      return { events: textOf(inPieces(story.slice(from, shown.length + 30), 6)), isCut: true }
    },
  }
  const house = fakeHouse(scriptOf([tellsUntil(40)], [breaksAgain], [goesOn()]))
  const reply = await createGateway(house.rooms).ask(caller, wish())
  assert.equal((await readAll(reply)).text, story)
  assert.equal(reply.receipt.rescues, 2)
  assert.deepEqual(
    house.rows.map(({ kind, attempt }) => [kind, attempt]),
    [
      ['rescued', 1],
      ['rescued', 2],
      ['charge', 3],
    ],
  )
  assert.equal(
    house.spent[0],
    house.rows.reduce((sum, row) => sum + row.costNanoUsd, 0),
  )

  const rooms = {
    ...twice.rooms,
    settings: () => ({ ...twice.rooms.settings(), rescue: { ...rescueSettings, attemptsMax: 1 } }),
  }
  const { problem } = await readAll(await createGateway(rooms).ask(caller, wish()))
  assert.equal(problem?.code, 'stream_cut')
  assert.deepEqual(twice.askedTargets, ['model-0', 'model-1'])
  assert.deepEqual(twice.held, nothingHeld)
})

test('a model that begins another answer is not shown: the next one is asked, or the break is told', async () => {
  const other: Behaviour = {
    does: 'tell',
    tell: () => ({ events: [...textOf(['Of course! ', 'Here it is.']), stop], isCut: false }),
  }
  const mended = fakeHouse(scriptOf([tellsUntil(60)], [other], [goesOn()]))
  assert.equal((await readAll(await createGateway(mended.rooms).ask(caller, wish()))).text, story)
  assert.deepEqual(
    mended.rows.map(({ kind, attempt, problem }) => [kind, attempt, problem]),
    [
      ['failed', 2, 'provider_malformed'],
      ['rescued', 1, 'stream_cut'],
      ['charge', 3, null],
    ],
  )
  const told = fakeHouse(scriptOf([tellsUntil(60)], [other], [other]))
  const { text, problem } = await readAll(await createGateway(told.rooms).ask(caller, wish()))
  assert.equal(text, story.slice(0, 60))
  assert.equal(problem?.code, 'stream_cut')
  assert.deepEqual(told.rescues, ['continue failed'])
  assert.deepEqual(told.held, nothingHeld)
  assert.deepEqual(
    plain(told).map(([kind, attempt]) => [kind, attempt]),
    [
      ['failed', 2],
      ['failed', 3],
      ['charge', 1],
    ],
  )
})

test('with one target alone, it is asked again itself', async () => {
  const house = fakeHouse(scriptOf([tellsUntil(60), goesOn()]))
  assert.equal((await readAll(await createGateway(house.rooms).ask(caller, wish()))).text, story)
  assert.deepEqual(house.askedTargets, ['model-0', 'model-0'])
})
