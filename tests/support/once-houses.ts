/** Gateways over one book of idempotency keys, each with a house whose every hold is counted. */
import assert from 'node:assert/strict'
import { visibleText } from '#core/domain/answer.ts'
import type { ChatEvent } from '#core/domain/answer.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { Asked, EventFlow, Reply } from '#core/gateway/asked.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import type { IdempotencySettings } from '#services/idempotency/idempotency.ts'
import { fakeIdempotency, memoryKeyBook } from '#tests/support/fake-idempotency.ts'
import { askedFor, fakeHouse, fakeTarget } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'
import type { FakeHouse } from '#tests/support/fake-rooms.ts'

export const answer: Behaviour = { does: 'answer', pieces: 3, saysUsage: true }
export const nothingHeld = { permits: 0, money: 0, passes: 0, replies: 0 }
export const words = 'word word word '

let ids = 0
export function marked(changes: Partial<Asked> = {}, isStreamed = false): Asked {
  ids += 1
  return askedFor(
    { requestId: `request-${ids}`, mark: { key: 'k', fingerprint: 'f' }, ...changes },
    isStreamed,
  )
}

/** Gateways of one book, each with a house of its own. */
export function openFleet(
  scripts: ReadonlyArray<readonly Behaviour[]>,
  changes: Partial<IdempotencySettings> = {},
) {
  const book = memoryKeyBook()
  return scripts.map((steps) => {
    const house = fakeHouse(new Map<Target, readonly Behaviour[]>([[fakeTarget('model'), steps]]))
    const rooms = { ...house.rooms, idempotency: fakeIdempotency(house.rooms.clock, changes, book) }
    return { ...house, gateway: createGateway(rooms) }
  })
}
export const openOne = (
  steps: readonly Behaviour[] = [answer],
  changes: Partial<IdempotencySettings> = {},
) => {
  const [only] = openFleet([steps], changes)
  assert.ok(only)
  return only
}

export const kinds = ({ rows }: FakeHouse) => rows.map(({ kind }) => kind).toSorted()

export async function readAll(reply: Reply): Promise<string> {
  if (reply.kind === 'whole') return visibleText(reply.answer.choices[0]?.parts ?? [])
  let text = ''
  for await (const events of reply.events) text += textOf(events)
  return text
}
export const textOf = (events: readonly ChatEvent[]) =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')

export function flowOf(reply: Reply): EventFlow {
  assert.equal(reply.kind, 'stream')
  return reply.events
}

export const isProblem = (code: string) => (thrown: unknown) =>
  thrown instanceof Problem && thrown.code === code

/** What the next piece says. */
export async function nextText(flow: EventFlow): Promise<string> {
  const step = await flow.next()
  return step.done === true ? '' : textOf(step.value)
}
