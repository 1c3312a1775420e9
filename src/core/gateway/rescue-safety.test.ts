import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import { Problem } from '#core/domain/problem.ts'
import { anchorOf } from '#core/domain/seam.ts'
import type { Asked } from '#core/gateway/asked.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { askedFor, caller, fakeHouse, rescueSettings } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'
import {
  nothingHeld,
  story,
  textOf,
  stop,
  tellsUntil,
  shownIn,
  goesOn,
  scriptOf,
  stopping,
  wish,
  readAll,
} from '#tests/support/story-rooms.ts'

test('what is no plain text is never gone on with', async () => {
  const start: ChatEvent = {
    type: 'tool-call-start',
    choice: 0,
    call: 0,
    id: 'c',
    name: 'f',
    kind: 'function',
  }
  const half: ChatEvent = { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"a":' }
  const openings: readonly (readonly ChatEvent[])[] = [
    [start, half],
    [...textOf(['Let me see. ']), start, half],
    [{ type: 'reasoning-delta', choice: 0, text: 'Hmm, ' }],
    [{ type: 'refusal-delta', choice: 0, text: 'I will not' }],
    [...textOf(['Done.']), stop],
    [
      ...textOf(['As said ']),
      { type: 'citation', choice: 0, citation: { origin: 'cohere-chat', value: {} } },
    ],
  ]
  for (const events of openings) {
    const house = fakeHouse(scriptOf([{ does: 'tell', tell: () => ({ events, isCut: true }) }], [goesOn()]))
    const { problem } = await readAll(await createGateway(house.rooms).ask(caller, wish()))
    // An answer whose end was told has ended, whatever its connection does then.
    const isOver = events.at(-1)?.type === 'finish'
    assert.equal(problem?.code, isOver ? undefined : 'stream_cut', JSON.stringify(events))
    assert.deepEqual(house.askedTargets, ['model-0'])
    assert.deepEqual(house.held, nothingHeld)
  }
  const asJson = { ...askedFor({}, true).question, responseFormat: { type: 'json' } } as const
  const house = fakeHouse(scriptOf([tellsUntil(60)], [goesOn()]))
  const { problem } = await readAll(await createGateway(house.rooms).ask(caller, wish({ question: asJson })))
  assert.equal(problem?.code, 'stream_cut')
  assert.deepEqual(house.askedTargets, ['model-0'])
})

test('thoughts that were over are kept, and those of the model that goes on are left out', async () => {
  const thought: ChatEvent = { type: 'reasoning-delta', choice: 0, text: 'A story, then. ' }
  const begins: Behaviour = {
    does: 'tell',
    tell: () => ({ events: [thought, ...textOf([story.slice(0, 50)])], isCut: true }),
  }
  const goesOnThinking: Behaviour = {
    does: 'tell',
    tell(question) {
      const shown = shownIn(question)
      const rest = story.slice(shown.length - anchorOf(shown).length)
      return { events: [thought, ...textOf([rest]), stop], isCut: false }
    },
  }
  const house = fakeHouse(scriptOf([begins], [goesOnThinking]))
  const { text, events } = await readAll(await createGateway(house.rooms).ask(caller, wish()))
  assert.equal(text, story)
  assert.equal(events.filter(({ type }) => type === 'reasoning-delta').length, 1)
})

test('the model that goes on may call tools of its own', async () => {
  const start: ChatEvent = {
    type: 'tool-call-start',
    choice: 0,
    call: 0,
    id: 'c',
    name: 'f',
    kind: 'function',
  }
  const whole: ChatEvent = { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{}' }
  const calls: Behaviour = {
    does: 'tell',
    tell: (question) => ({
      events: [...textOf([anchorOf(shownIn(question))]), start, whole, stop],
      isCut: false,
    }),
  }
  const house = fakeHouse(scriptOf([tellsUntil(50)], [calls]))
  const { text, events, problem } = await readAll(await createGateway(house.rooms).ask(caller, wish()))
  assert.equal(problem, undefined)
  assert.equal(text, story.slice(0, 50))
  assert.deepEqual(
    events.slice(-3).map(({ type }) => type),
    ['tool-call-start', 'tool-call-delta', 'finish'],
  )
})

test('what is left of the cap is asked for, and money for it beside what was spent', async () => {
  const house = fakeHouse(scriptOf([tellsUntil(60)], [goesOn()]))
  const { budgetManager } = house.rooms
  const needs: Parameters<typeof budgetManager.refit>[1][] = []
  const refit: typeof budgetManager.refit = (held, need) => {
    needs.push(need)
    return budgetManager.refit(held, need)
  }
  const question = { ...askedFor({}, true).question, maxOutputTokens: 100 }
  const rooms = { ...house.rooms, budgetManager: { ...budgetManager, refit } }
  await readAll(await createGateway(rooms).ask(caller, wish({ question })))
  const [need] = needs
  const [first] = house.rows
  assert.ok(need && first)
  assert.equal(need.spentNanoUsd, first.costNanoUsd)
  assert.equal(need.outputTokensWished, 100 - first.outputTokens)
  assert.equal(need.target.card.name, 'model-1')
})

test('without money for it nobody goes on, and the hold stands as it did', async () => {
  const house = fakeHouse(scriptOf([tellsUntil(60)], [goesOn()]))
  const { budgetManager } = house.rooms
  const refit = () => Promise.reject(new Problem('budget_exceeded'))
  const rooms = { ...house.rooms, budgetManager: { ...budgetManager, refit } }
  const { problem } = await readAll(await createGateway(rooms).ask(caller, wish()))
  assert.equal(problem?.code, 'stream_cut')
  assert.deepEqual(house.askedTargets, ['model-0'])
  assert.deepEqual(house.held, nothingHeld)
  assert.ok((house.spent[0] ?? 0) > 0)
})

test('a stop sequence across the break ends the answer there', async () => {
  const question = { ...askedFor({}, true).question, stopSequences: ['lamps, and'] }
  const cut = story.indexOf('lamps') + 3
  const script = [...scriptOf([tellsUntil(cut)], [goesOn()])].map(
    ([target, steps]) => [stopping(target), steps] as const,
  )
  const house = fakeHouse(new Map(script))
  const { text, events, problem } = await readAll(
    await createGateway(house.rooms).ask(caller, wish({ question })),
  )
  assert.equal(problem, undefined)
  assert.equal(text, story.slice(0, cut))
  const last = events.at(-1)
  assert.ok(last?.type === 'finish' && last.finish.stopSequence === 'lamps, and')
  assert.deepEqual(house.held, nothingHeld)
})

test('a provider that went on past its cap is cut and not gone on with', async () => {
  const house = fakeHouse(scriptOf([{ does: 'answer', pieces: 5_000, saysUsage: true }], [goesOn()]))
  const { problem } = await readAll(await createGateway(house.rooms).ask(caller, wish()))
  assert.equal(problem?.code, 'stream_cut')
  assert.deepEqual(house.askedTargets, ['model-0'])
})

test('the wish of the request wins over its route, and the route over the settings', async () => {
  const asked = async (
    rescueWish: Asked['rescueWish'],
    ofRoute: Asked['rescueWish'],
    policy: 'continue' | 'error',
  ) => {
    const house = fakeHouse(scriptOf([tellsUntil(60)], [goesOn()]))
    const policyOfRoute = new Map(ofRoute ? [['test', ofRoute]] : [])
    const rescue = { ...rescueSettings, policy, policyOfRoute }
    const rooms = { ...house.rooms, settings: () => ({ ...house.rooms.settings(), rescue }) }
    const { problem } = await readAll(await createGateway(rooms).ask(caller, wish({ rescueWish })))
    return problem === undefined
  }
  assert.equal(await asked(undefined, undefined, 'error'), false)
  assert.equal(await asked(undefined, undefined, 'continue'), true)
  assert.equal(await asked(undefined, 'continue', 'error'), true)
  assert.equal(await asked('error', 'continue', 'continue'), false)
})

test('a rescued answer is never kept for others', async () => {
  const house = fakeHouse(scriptOf([tellsUntil(60)], [goesOn()]), true)
  await readAll(await createGateway(house.rooms).ask(caller, wish()))
  assert.equal(house.kept.size, 0)
})
