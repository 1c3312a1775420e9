/** The algorithm of shared budgets, checked in every order of events, and every part of it shown to be needed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { soundDesign } from '#tests/money/ledger-model.ts'
import type { Design } from '#tests/money/ledger-model.ts'
import { walk } from '#tests/money/model-walk.ts'
import type { Finding } from '#tests/money/model-walk.ts'
import { tell } from '#tests/money/soak.ts'

const everyMisfortune = { kills: 1, failovers: 1 }

test('no order of events overspends, loses spend, or leaves money held: one kill, one failover, expiries', () => {
  const { states, fault } = walk(soundDesign, everyMisfortune)
  assert.equal(fault, undefined, `${fault?.finding}: ${fault?.history.join(', ')}`)
  assert.ok(states > 10_000, `only ${states} states were reached`)
  tell(`model check: ${states} states, every one sound`)
})

test('whoever is killed, no order of events goes wrong: two kills, expiries', () => {
  const { states, fault } = walk(soundDesign, { kills: 2, failovers: 0 })
  assert.equal(fault, undefined, `${fault?.finding}: ${fault?.history.join(', ')}`)
  assert.ok(states > 1_000, `only ${states} states were reached`)
  tell(`model check, two kills and no failover: ${states} states, every one sound`)
})

/** Each takes one part away; the shortest history that goes wrong then says what the part is for. */
const weakenings: ReadonlyArray<readonly [name: string, design: Design, finding: Finding, history: string]> =
  [
    [
      'comparing first and counting later',
      { ...soundDesign, isHoldingFirst: false },
      'overspend',
      'reserve 0, intend 0, clear 0, dispatch 0, reserve 1, intend 1, clear 1, dispatch 1, ' +
        'reserve 2, intend 2, clear 2, dispatch 2',
    ],
    [
      'an expiry that gives the hold back',
      { ...soundDesign, expiry: 'releases' },
      'overspend',
      'reserve 0, intend 0, clear 0, dispatch 0, reserve 1, intend 1, clear 1, dispatch 1, kill, expire 0, ' +
        'reserve 2, intend 2, clear 2, dispatch 2',
    ],
    [
      'no journal of intents, and expired holds taken as never sent',
      { ...soundDesign, intents: 'none, taken as unsent' },
      'overspend',
      'reserve 0, intend 0, clear 0, dispatch 0, reserve 1, intend 1, clear 1, dispatch 1, kill, expire 0, ' +
        'reserve 2, intend 2, clear 2, dispatch 2',
    ],
    [
      'a failover without safe mode',
      { ...soundDesign, hasSafeMode: false },
      'overspend',
      'reserve 0, intend 0, clear 0, dispatch 0, reserve 1, intend 1, clear 1, dispatch 1, failover, ' +
        'reserve 2, intend 2, clear 2, dispatch 2',
    ],
    [
      'counters rebuilt from the ledger alone',
      { ...soundDesign, rebuildsFrom: 'ledger' },
      'lost spend',
      'reserve 0, intend 0, clear 0, dispatch 0, reserve 1, reserve 2, kill, failover, rebuild',
    ],
    [
      'no look at the epoch before a provider is asked',
      { ...soundDesign, checksEpoch: false },
      'overspend',
      'reserve 0, intend 0, clear 0, dispatch 0, reserve 1, failover, rebuild, intend 1, clear 1, dispatch 1, ' +
        'reserve 2, intend 2, clear 2, dispatch 2',
    ],
  ]

for (const [name, design, finding, history] of weakenings) {
  test(`${name} goes wrong: ${finding}`, () => {
    const { fault } = walk(design, everyMisfortune, finding)
    assert.deepEqual([fault?.finding, fault?.history.join(', ')], [finding, history])
  })
}
