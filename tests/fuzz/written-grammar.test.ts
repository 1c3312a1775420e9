/** Whatever sequence of events an answer is, every door writes a stream of its own API's grammar. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatEvent, FinishReason } from '#core/domain/answer.ts'
import type { Carry, Dialect, MediaPart, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { eventsOf } from '#http/stream-form.ts'
import { dialects } from '#tests/support/adapters.ts'
import { grammarFaults, writeStream, writeWhole } from './written-stream.ts'

const words = fc.constantFrom(
  '',
  'a',
  ' ',
  '\n\n',
  'data: [DONE]',
  '\u2028"\\',
  '😀',
  '</think>',
  'event: error\n',
)
const origin = fc.constantFrom<Dialect>(...dialects)
const carry: fc.Arbitrary<Carry> = fc.record({
  origin,
  kind: fc.constantFrom('signature', 'thought_signature', 'encrypted', 'redacted', 'item'),
  value: fc.constantFrom('', 'dG9rZW4='),
})
const media: fc.Arbitrary<MediaPart> = fc.record({
  type: fc.constantFrom('image', 'audio', 'video', 'document'),
  source: fc.constantFrom(
    { kind: 'inline', base64: 'AAAA' } as const,
    { kind: 'url', url: 'https://example.com/a.png' } as const,
    { kind: 'file', fileId: 'f', origin: 'gemini-generate' } as const,
    { kind: 'text', text: 'words' } as const,
  ),
  mediaType: fc.constantFrom('image/png', 'audio/mpeg', undefined),
})
/** What each dialect shows of a tool that its provider runs. */
const ownItems: Readonly<Record<Dialect, JsonObject>> = {
  'openai-chat': { type: 'unheard' },
  'openai-responses': { type: 'web_search_call', id: 'ws_1', status: 'completed' },
  'anthropic-messages': { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
  'gemini-generate': { executableCode: { language: 'PYTHON', code: '1' } },
  'cohere-chat': { type: 'unheard' },
}

const wholePart: fc.Arbitrary<Part> = fc.oneof(
  media,
  origin.map((one): Part => {
    const value = ownItems[one]
    return { type: 'server_tool', phase: 'call', name: 'web_search', origin: one, value }
  }),
  origin.map((one): Part => ({ type: 'opaque', kind: 'unheard', origin: one, value: ownItems[one] })),
)
const finishes: readonly FinishReason[] = [
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'pause',
  'error',
  'other',
]

const eventOf = (choice: number): fc.Arbitrary<ChatEvent> =>
  fc.oneof(
    fc.record({
      type: fc.constantFrom('text-delta', 'reasoning-delta'),
      choice: fc.constant(choice),
      text: words,
      begins: fc.boolean(),
    }),
    fc.record({ type: fc.constant('refusal-delta' as const), choice: fc.constant(choice), text: words }),
    words.map((text): ChatEvent => ({ type: 'text-delta', choice, text, isToolPlan: true })),
    fc.record({
      type: fc.constant('tool-call-start' as const),
      choice: fc.constant(choice),
      call: fc.nat(3),
      id: fc.constant(''),
      name: fc.constantFrom('f', 'get_weather', ''),
      kind: fc.constantFrom('function', 'custom'),
    }),
    fc.record({
      type: fc.constant('tool-call-delta' as const),
      choice: fc.constant(choice),
      call: fc.nat(3),
      argumentsText: fc.constantFrom('{}', '{"a":', '1}', '', ' ', 'free text'),
    }),
    fc.record({
      type: fc.constant('carry' as const),
      choice: fc.constant(choice),
      call: fc.constantFrom(undefined, 0, 1, 2),
      carry,
    }),
    fc.record({
      type: fc.constant('citation' as const),
      choice: fc.constant(choice),
      citation: fc.record({
        origin,
        url: fc.constantFrom(undefined, 'https://example.com'),
        title: fc.constantFrom(undefined, 't'),
        start: fc.constantFrom(undefined, 0),
        end: fc.constantFrom(undefined, 3),
        text: fc.constantFrom(undefined, 'abc'),
        value: fc.constantFrom({}, null),
      }),
    }),
    wholePart.map((part): ChatEvent => ({ type: 'part', choice, part })),
    media.map((one): ChatEvent => ({ type: 'media-delta', choice, media: one })),
    origin.map((one): ChatEvent => ({
      type: 'logprobs',
      choice,
      logprobs: { origin: one, tokenCount: 1, value: { content: [] } },
    })),
  )

/** Batches of events as a decoder may send them: calls begin once and before they go on, nothing follows a finish. */
const batches = fc
  .record({
    hasStart: fc.boolean(),
    steps: fc.array(fc.array(fc.oneof({ weight: 6, arbitrary: eventOf(0) }, eventOf(1)), { maxLength: 5 }), {
      maxLength: 6,
    }),
    finishes: fc.record({ first: fc.constantFrom(...finishes), second: fc.constantFrom(...finishes) }),
    isFinished: fc.boolean(),
  })
  .map(({ hasStart, steps, finishes: ends, isFinished }): readonly (readonly ChatEvent[])[] => {
    const sane = sanitised(steps)
    const start: ChatEvent = { type: 'start', id: 'answer-1', model: 'some-model' }
    const choices = new Set(sane.flat().map((event) => ('choice' in event ? event.choice : 0)))
    const ending = [...(choices.size === 0 ? [0] : choices)].map((choice): ChatEvent => ({
      type: 'finish',
      choice,
      finish: { unified: choice === 0 ? ends.first : ends.second, raw: null },
    }))
    return [...(hasStart ? [[start]] : []), ...sane, ...(isFinished ? [ending] : [])]
  })

/** Numbers each choice's calls from 0 in the order of their beginning, and gives each an id of its own. */
function sanitised(steps: ReadonlyArray<readonly ChatEvent[]>): readonly (readonly ChatEvent[])[] {
  const numbers = new Map<string, number>()
  const begun = new Map<number, number>()
  return steps.map((batch) =>
    batch.flatMap((event): readonly ChatEvent[] => {
      if (!('call' in event) || event.call === undefined) return [event]
      const name = `${event.choice}/${event.call}`
      const known = numbers.get(name)
      if (event.type !== 'tool-call-start') return known === undefined ? [] : [{ ...event, call: known }]
      if (known !== undefined) return []
      const call = begun.get(event.choice) ?? 0
      begun.set(event.choice, call + 1)
      numbers.set(name, call)
      return [{ ...event, call, id: `call-${event.choice}-${call}` }]
    }),
  )
}

const folded = (events: readonly ChatEvent[]) => {
  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  return builder.build()
}

const problems = [undefined, new Problem('stream_cut'), new Problem('provider_overloaded', { detail: '"\n' })]

for (const door of dialects) {
  describe(`the door of ${door}`, () => {
    it('writes any events as a stream of its grammar, to its end or its break', () => {
      fc.assert(
        fc.property(batches, fc.constantFrom(...problems), (given, problem) => {
          const { usage } = folded(given.flat())
          const written = writeStream(door, given, { usage, problem })
          assert.deepEqual(grammarFaults(door, written), [], written.text ?? '')
        }),
        { numRuns: 400 },
      )
    })

    it('writes the same answer whole, and a whole one as a stream', () => {
      fc.assert(
        fc.property(batches, (given) => {
          const answer = folded(given.flat())
          writeWhole(door, answer)
          const written = writeStream(door, [eventsOf(answer)], { usage: answer.usage, problem: undefined })
          assert.deepEqual(grammarFaults(door, written), [], written.text ?? '')
        }),
        { numRuns: 200 },
      )
    })
  })
}
