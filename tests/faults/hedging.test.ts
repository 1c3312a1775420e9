/** Hedging over sockets: a target falls silent, and another model, or another key of the same one, answers in its place. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { meetAnswer, understand } from '#tests/faults/fault-case.ts'
import { faultDoors } from '#tests/faults/fault-doors.ts'
import { becameOf } from '#tests/faults/fault-judge.ts'
import { markIn, openFaultWorld, poolKeys, targetModel } from '#tests/faults/fault-stage.ts'
import type { FaultWorld } from '#tests/faults/fault-stage.ts'
import type { PlaceName } from '#tests/faults/failing-places.ts'
import { silence } from '#tests/faults/wire-step.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import { checkMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks } from '#tests/money/money-books.ts'
import { systemClock } from '#composition/weather.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const dialect = 'openai-chat'
const samples = 8

/** Every stream may be asked twice; deadlines and silence are far beyond the test. */
const settings = `cache: {enabled: false}
resilience: {hedge: {enabled: true, share: 1, samples_least: ${samples}}, breaker: {silence: {calls: 1000000}}}
load: {shedding: {enabled: false}}
rescue: {policy: error}
`

const streamDoor = faultDoors.find(({ name, kind }) => kind === 'stream' && name.startsWith(dialect))

interface Hedged {
  readonly world: FaultWorld
  readonly house: RunningHouse
  /** Asks, with a fallback where one is wanted, and says what became of it. */
  readonly ask: (mark: string, isArmed: boolean) => Promise<string>
}

async function inHouse(place: PlaceName, check: (hedged: Hedged) => Promise<void>): Promise<void> {
  const world = await openFaultWorld(settings)
  const house = await startHouse({ yaml: world.yaml, environment: poolKeys })
  const stage = { ...world, house, clock: { ...systemClock, leap: () => undefined } }
  try {
    assert.ok(streamDoor)
    const ask = async (mark: string, isArmed: boolean) => {
      const one = { mark, door: streamDoor, dialect, isArmed, model: targetModel(dialect, place) } as const
      return becameOf(understand(one, await meetAnswer(stage, one)))
    }
    for (let call = 1; call <= samples; call++) assert.equal(await ask(`m${call}`, false), 'passed')
    await check({ world, house, ask })
    await assertNothingHeld(house)
    assert.deepEqual(checkMoney(readFileBooks(house.dataDir)).findings, [])
  } finally {
    await house.close()
    await world.close()
  }
}

/** Two rows, both paid for: the silent one for what it read, and the one that answered. */
async function checkRows(house: RunningHouse, providers: readonly string[]): Promise<void> {
  const rows = await eventually(() => {
    const found = readRecords(house.dataDir).rows.filter(({ request_id: id }) => id.startsWith('late.'))
    assert.equal(found.length, 2)
    return found.toSorted((one, other) => one.attempt - other.attempt)
  })
  assert.deepEqual(
    rows.map(({ kind, attempt, provider, cost_nano_usd: cost }) => [kind, attempt, provider, cost > 0]),
    [
      ['hedged', 1, providers[0], true],
      ['charge', 2, providers[1], true],
    ],
  )
}

async function checkLoser(world: FaultWorld): Promise<void> {
  await eventually(() => {
    const silent = world.provider.heard.filter(
      ({ request, isSilent }) => isSilent && markIn(request) === 'late',
    )
    assert.deepEqual(
      silent.map(({ isClosed }) => isClosed),
      [true],
    )
  })
}

it('a stream whose first word is late is answered by the next model, and both are paid for', () =>
  inHouse('double', async ({ world, house, ask }) => {
    world.play('late', { steps: [silence], readerBegan: Promise.resolve() })
    assert.equal(await ask('late', true), 'rescued')
    await checkLoser(world)
    await checkRows(house, [targetModel(dialect), 'openai-responses-fallback'])
  }))

it('where the same model has another key, that is asked, and no other model', () =>
  inHouse('pool', async ({ world, house, ask }) => {
    world.play('late', {
      steps: [silence],
      readerBegan: Promise.resolve(),
      strikesKey: poolKeys.POOL_FIRST_KEY,
    })
    assert.equal(await ask('late', true), 'passed')
    await checkLoser(world)
    const pool = targetModel(dialect, 'pool')
    await checkRows(house, [pool, pool])
  }))
