import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import { caller, fakeHouse, rescueSettings } from '#tests/support/fake-rooms.ts'
import type { FakeHouse } from '#tests/support/fake-rooms.ts'
import {
  nothingHeld,
  plain,
  readAll,
  scriptOf,
  stop,
  story,
  tellsUntil,
  textOf,
  wish,
} from '#tests/support/story-rooms.ts'

const tellsAll = { does: 'tell', tell: () => ({ events: [...textOf([story]), stop], isCut: false }) } as const

/** Time that never passes, and a hold of so many tokens. */
function holding(house: FakeHouse, holdTokens: number) {
  const rescue = { ...rescueSettings, holdTokens }
  return {
    ...house.rooms,
    settings: () => ({ ...house.rooms.settings(), rescue }),
    pause: (_durationMs: number, signal: LeaveSignal) =>
      new Promise<void>((_resolve, reject) => {
        if (signal.aborted) reject(new Problem('caller_left'))
        signal.addEventListener('abort', () => reject(new Problem('caller_left')), { once: true })
      }),
  }
}

test('a break among the words that are held back is mended unseen, and not charged', async () => {
  const house = fakeHouse(scriptOf([tellsUntil(40), tellsUntil(30)], [tellsAll]))
  const reply = await createGateway(holding(house, 10)).ask(caller, wish({ rescueWish: 'hold' }))
  const { text, problem } = await readAll(reply)
  assert.equal(problem, undefined)
  assert.equal(text, story)
  assert.deepEqual(
    plain(house).map(([kind, attempt, , broken]) => [kind, attempt, broken]),
    [
      ['failed', 1, 'stream_cut'],
      ['failed', 2, 'stream_cut'],
      ['charge', 3, null],
    ],
  )
  assert.deepEqual(house.rescues, ['hold restarted', 'hold restarted'])
  assert.deepEqual(house.held, nothingHeld)
})

test('a break behind them is told', async () => {
  const house = fakeHouse(scriptOf([tellsUntil(120)], [tellsAll]))
  const { text, problem } = await readAll(
    await createGateway(holding(house, 10)).ask(caller, wish({ rescueWish: 'hold' })),
  )
  assert.equal(text, story.slice(0, 120))
  assert.equal(problem?.code, 'stream_cut')
  assert.deepEqual(house.askedTargets, ['model-0'])
  assert.deepEqual(house.held, nothingHeld)
})

test('words are given out once time is up, and the piece that was waited for is not lost', async () => {
  const house = fakeHouse(scriptOf([tellsAll]))
  // The time of the fakes is up at once.
  const { text } = await readAll(await createGateway(house.rooms).ask(caller, wish({ rescueWish: 'hold' })))
  assert.equal(text, story)
  assert.deepEqual(house.held, nothingHeld)
})

test('whoever leaves while words are held back pays for those that came', async () => {
  const leaving = new AbortController()
  const house = fakeHouse(
    scriptOf([
      {
        does: 'tell',
        tell: () => ({
          get events() {
            return textOf(['One ', 'two ', 'three '])
          },
          isCut: true,
        }),
      },
    ]),
  )
  const rooms = holding(house, 1_000)
  const { transport } = house.rooms
  const send: typeof transport.send = async (call, terms) => {
    const reply = await transport.send(call, terms)
    let reads = 0
    return {
      ...reply,
      next: () => {
        if (++reads === 4) leaving.abort()
        return reply.next()
      },
    }
  }
  const gateway = createGateway({ ...rooms, transport: { send } })
  await assert.rejects(gateway.ask(caller, wish({ rescueWish: 'hold', signal: leaving.signal })), {
    code: 'caller_left',
  })
  const [row] = house.rows
  assert.equal(house.rows.length, 1)
  assert.equal(row?.kind, 'charge')
  assert.equal(row.outputTokens, 3)
  assert.deepEqual(house.held, nothingHeld)
})
