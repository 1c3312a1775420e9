import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHintExchange } from '#services/resilience/hint-exchange.ts'
import type { HeardHint, Hint } from '#services/resilience/hints.ts'

const open: Hint = { kind: 'open', of: 'openai/gpt-4o', track: '', forMs: 15_000 }

function house() {
  const time = { ms: 0 }
  const board = { pinned: [] as Hint[], heard: [] as HeardHint[], isAway: false }
  const heard: Hint[] = []
  const reports: string[] = []
  const away = () => {
    if (board.isAway) throw new Error('away')
  }
  const exchange = createHintExchange({
    clock: { nowMs: () => 0, monotonicMs: () => time.ms },
    board: {
      pin(hint) {
        away()
        board.pinned.push(hint)
      },
      read() {
        away()
        return board.heard
      },
    },
    hear: (hint) => heard.push(hint),
    report: (_failure, place) => reports.push(place),
  })
  return { time, board, heard, reports, exchange }
}

test('what was told is told again only when it holds for longer', () => {
  const { exchange, board, time } = house()
  exchange.tell(open)
  exchange.tell(open)
  time.ms += 500
  exchange.tell(open)
  assert.equal(board.pinned.length, 1)
  time.ms += 500
  exchange.tell(open)
  exchange.tell({ ...open, kind: 'rest' })
  assert.equal(board.pinned.length, 3)
})

test('what hangs on the board is heard once, and again when it was pinned anew', async () => {
  const { exchange, board, heard } = house()
  board.heard = [{ ...open, untilMs: 1_000 }]
  await exchange.listen()
  await exchange.listen()
  assert.equal(heard.length, 1)
  board.heard = [{ ...open, untilMs: 2_000 }]
  await exchange.listen()
  assert.equal(heard.length, 2)
  assert.equal(exchange.counts.heard, 2)
})

test('a board that is away harms nobody, and is told of once for each outage', async () => {
  const { exchange, board, reports } = house()
  board.isAway = true
  exchange.tell(open)
  await exchange.listen()
  await exchange.listen()
  assert.deepEqual(reports, ['sharing a hint'])
  board.isAway = false
  await exchange.listen()
  board.isAway = true
  await exchange.listen()
  assert.deepEqual(reports, ['sharing a hint', 'reading hints'])
})
