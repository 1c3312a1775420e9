/** Any stream that is written from words keeps to the grammar of Cohere's events. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ChatEvent } from '#core/domain/answer.ts'
import { visibleText } from '#core/domain/answer.ts'
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import { callDelta, callStart, carry, framesOf, text, thinking } from '#tests/support/cohere-frames.ts'
import type { Frame } from '#tests/support/cohere-frames.ts'

const anyEvent: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc
    .record({ piece: fc.constantFrom('', 'a', '[DONE]', '\n\ndata: x', '\u2028"'), begins: fc.boolean() })
    .map(({ piece, begins }) => text(piece, begins)),
  fc.constantFrom('', 'h').map((piece) => thinking(piece)),
  fc.constantFrom(carry(), carry(0), carry(1), callStart(0), callStart(1), callStart(2)),
  fc.nat(2).map((call) => callDelta(call, '')),
  fc.constant<ChatEvent>({ type: 'refusal-delta', choice: 0, text: 'no' }),
  fc.constant<ChatEvent>({ type: 'text-delta', choice: 0, text: 'plan', isToolPlan: true }),
)

/** Arguments as a model writes them: what comes next of a call is the next piece of its JSON. */
const argumentPieces = ['{"a"', '', ':{"b":', '"}"', '}', '}', ' ', '\n']

/** Starts each call once, says nothing of a call before its start, and gives the calls their arguments. */
function saneEvents(batches: readonly (readonly ChatEvent[])[]) {
  const said = new Map<number, number>()
  return batches.map((batch) =>
    batch.flatMap((event): readonly ChatEvent[] => {
      if (event.type === 'tool-call-start') {
        if (said.has(event.call)) return []
        said.set(event.call, 0)
      }
      if (event.type === 'carry' && event.call !== undefined && !said.has(event.call)) return []
      if (event.type !== 'tool-call-delta') return [event]
      const pieces = said.get(event.call)
      if (pieces === undefined) return []
      said.set(event.call, pieces + 1)
      return [callDelta(event.call, argumentPieces[pieces] ?? '')]
    }),
  )
}

test('any order of events keeps to the grammar, and nothing that was said is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyEvent, { maxLength: 6 }), { maxLength: 6 }), (batches) => {
      const sane = saneEvents(batches)
      const started = sane.flat().flatMap((event) => (event.type === 'tool-call-start' ? event.call : []))
      const builder = createAnswerBuilder()
      for (const event of sane.flat()) builder.add(event)
      const parts = builder.build().choices[0]?.parts ?? []
      const { said, calls } = follow(framesOf(...sane))
      assert.equal(said, visibleText(parts))
      assert.deepEqual(
        calls.map(([, written]) => written),
        started.map((call) => argumentsSaid(sane.flat(), call)),
      )
    }),
    { numRuns: 300 },
  )
})

const argumentsSaid = (events: readonly ChatEvent[], wanted: number) => {
  let written = ''
  for (const event of events) {
    if (event.type === 'tool-call-delta' && event.call === wanted) written += event.argumentsText
  }
  return written.trim() === '' ? `${written}{}` : written
}

/** Reads the frames as a client would, and refuses what is out of order. */
function follow(frames: readonly Frame[]) {
  let said = ''
  let isRefusal = false
  let block: number | undefined
  let blocks = 0
  let ended = 0
  const calls: Array<[string, string]> = []
  assert.equal(frames[0]?.type, 'message-start')
  assert.equal(frames.at(-1)?.type, 'message-end')
  for (const { type, index, delta } of frames.slice(1, -1)) {
    const content = delta?.message?.content
    const call = delta?.message?.tool_calls
    switch (type) {
      case 'content-start':
        assert.ok(block === undefined && index === blocks++)
        block = index
        isRefusal = content?.is_refusal === true
        break
      case 'content-delta':
        assert.equal(index, block)
        if (!isRefusal) said += content?.text ?? ''
        break
      case 'content-end':
        assert.equal(index, block)
        block = undefined
        break
      case 'tool-call-start':
        assert.ok(index === calls.length && ended === calls.length)
        calls.push([call?.id ?? '', ''])
        break
      case 'tool-call-delta':
        assert.ok(index === calls.length - 1 && ended === index)
        calls[calls.length - 1]![1] += call?.function?.arguments ?? ''
        break
      case 'tool-call-end':
        assert.equal(index, ended++)
        break
      default:
        assert.equal(type, 'tool-plan-delta')
    }
  }
  assert.ok(block === undefined && ended === calls.length)
  return { said, calls }
}
