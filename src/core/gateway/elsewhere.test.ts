/** Who is asked after a failure: another model where that can help, nobody where it cannot, and never without end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import type { CorridorSettings, Rooms } from '#core/gateway/rooms.ts'
import { askedFor, caller, fakeHouse, fakeTarget } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-rooms.ts'

const refuse = (code: ProblemCode): Behaviour => ({ does: 'refuse', code })
const answer: Behaviour = { does: 'answer', pieces: 3, saysUsage: true }

async function askWith(
  script: ReadonlyArray<readonly [Target, readonly Behaviour[]]>,
  changes: {
    readonly settings?: Partial<CorridorSettings>
    readonly resilience?: Partial<Rooms['resilience']>
  } = {},
) {
  const house = fakeHouse(new Map(script))
  const rooms: Rooms = {
    ...house.rooms,
    settings: () => ({ ...house.rooms.settings(), ...changes.settings }),
    resilience: { ...house.rooms.resilience, ...changes.resilience },
  }
  let problem: Problem | undefined
  try {
    await createGateway(rooms).ask(caller, askedFor())
  } catch (thrown) {
    assert.ok(thrown instanceof Problem)
    problem = thrown
  }
  assert.deepEqual(house.held, { permits: 0, money: 0, passes: 0, replies: 0 })
  return { asked: house.askedTargets, problem, rows: house.rows }
}

test('a refusal of content goes back to the caller, and elsewhere only where the operator says so', async () => {
  const script = [
    [fakeTarget('strict'), [refuse('content_filtered')]],
    [fakeTarget('lenient'), [answer]],
  ] as const
  const usual = await askWith(script)
  assert.deepEqual([usual.asked, usual.problem?.code], [['strict'], 'content_filtered'])
  const rerouted = await askWith(script, { settings: { reroutesFilteredContent: true } })
  assert.deepEqual([rerouted.asked, rerouted.problem], [['strict', 'lenient'], undefined])
  assert.deepEqual(
    rerouted.rows.map(({ kind, costNanoUsd }) => [kind, costNanoUsd > 0]),
    [
      ['failed', false],
      ['charge', true],
    ],
  )
})

test('a question that was too long goes to a larger window alone, whatever failed in between', async () => {
  const { asked, problem } = await askWith([
    [fakeTarget('small', 8_000), [refuse('context_length_exceeded')]],
    [fakeTarget('as-small', 8_000), [answer]],
    [fakeTarget('large', 100_000), [refuse('provider_quota')]],
    [fakeTarget('small-again', 8_000), [answer]],
    [fakeTarget('larger', 200_000), [answer]],
  ])
  assert.deepEqual([asked, problem], [['small', 'large', 'larger'], undefined])
})

test('one request makes no more calls than the operator allows, whoever is left', async () => {
  const failing = (name: string) =>
    [fakeTarget(name), [refuse('provider_error'), refuse('provider_error')]] as const
  const script = [failing('a'), failing('b'), failing('c')]
  const { asked, problem } = await askWith(script, { settings: { attemptsPerRequest: 3 } })
  assert.deepEqual(asked, ['a', 'a', 'b'])
  assert.equal(problem?.code, 'provider_error')
})

test('who usually takes longer than what is left is passed over, and told when nobody is quicker', async () => {
  const late = new Problem('deadline_exceeded', { detail: 'It usually takes longer.' })
  const refuseLate: Rooms['resilience']['refuseLate'] = ({ card }) =>
    card.name === 'slow' ? late : undefined
  const slow = [fakeTarget('slow'), [answer]] as const
  const quick = await askWith([slow, [fakeTarget('quick'), [answer]]], { resilience: { refuseLate } })
  assert.deepEqual([quick.asked, quick.problem], [['quick'], undefined])
  const alone = await askWith([slow], { resilience: { refuseLate } })
  assert.deepEqual([alone.asked, alone.problem?.code], [[], 'deadline_exceeded'])
})
