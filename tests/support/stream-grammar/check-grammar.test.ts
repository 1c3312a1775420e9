// The checkers of grammar take what the inventors of each API really sent, and see what is planted into it.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Dialect } from '#core/domain/chat.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import { grammarOf } from './check-grammar.ts'

const inventors = ['openai', 'anthropic', 'google', 'vertex', 'cohere']

/** Recorded streams that depart from the grammar, each with its reason. */
const departures: Readonly<Record<string, string>> = {
  'anthropic-spliced-message-start-120b007b': 'two messages were spliced by a broken server',
  'google-google-stream-tool-call-arguments-a8aea6ce': 'pieces of arguments come in calls without a name',
  'openai-openai-moderation-stream-abb9b384': 'a verdict of moderation follows the usage',
  'openai-openai-custom-tool-1-3edaf194': 'written by hand, without sequence numbers',
  'openai-openai-responses-phase-streamed-on-part-start-1946e974': 'a phase is known only at the end',
}

const ownStreams = readGoldenRecordings().filter(
  ({ provider, reply, expect }) =>
    inventors.includes(provider) && reply.stream !== undefined && expect.outcome === 'ok',
)

describe("an inventor's own stream", () => {
  for (const { name, dialect, reply } of ownStreams) {
    const departure = departures[name]
    it(`${departure === undefined ? 'keeps to' : 'departs from'} the grammar: ${name}`, () => {
      const faults = grammarOf[dialect](reply.stream ?? '', 'whole')
      assert.equal(faults.length > 0, departure !== undefined, [...new Set(faults)].join('\n'))
    })
  }
})

type Planted = readonly [what: string, plant: (frames: string[]) => string[], fault: RegExp]

const frameOf = (type: string, rest: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
const dataOf = (value: object) => `data: ${JSON.stringify(value)}\n\n`
const chunk = (choice: object) =>
  dataOf({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, ...choice }],
  })
const candidate = (parts: readonly object[], more: object = {}) =>
  dataOf({ candidates: [{ content: { role: 'model', parts }, ...more }] })
const message = { id: 'm', role: 'assistant', content: [], usage: {} }
const block = (index: number) => [
  frameOf('content_block_start', { index, content_block: { type: 'text', text: '' } }),
  frameOf('content_block_delta', { index, delta: { type: 'text_delta', text: 'a' } }),
  frameOf('content_block_stop', { index }),
]
const item = { id: 'i', type: 'function_call', name: 'f', call_id: 'c', arguments: '{}' }
const numbered = (frames: ReadonlyArray<readonly [type: string, rest: object]>) =>
  frames.map(([type, rest], at) => frameOf(type, { sequence_number: at, ...rest }))
const text = { type: 'text', text: '' }

/** The smallest stream of each grammar that has everything which a fault can be planted into. */
const sound: Readonly<Record<Dialect, readonly string[]>> = {
  'openai-chat': [
    chunk({ delta: { role: 'assistant', content: '' }, finish_reason: null }),
    chunk({ delta: { content: 'a' }, finish_reason: null }),
    chunk({ delta: {}, finish_reason: 'stop' }),
    'data: [DONE]\n\n',
  ],
  'openai-responses': numbered([
    ['response.created', { response: { id: 'r' } }],
    ['response.output_item.added', { output_index: 0, item: { ...item, arguments: '' } }],
    ['response.function_call_arguments.delta', { output_index: 0, item_id: 'i', delta: '{}' }],
    ['response.function_call_arguments.done', { output_index: 0, item_id: 'i', arguments: '{}' }],
    ['response.output_item.done', { output_index: 0, item }],
    ['response.completed', { response: { status: 'completed', output: [item] } }],
  ]),
  'anthropic-messages': [
    frameOf('message_start', { message }),
    ...block(0),
    ...block(1),
    frameOf('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }),
    frameOf('message_stop', {}),
  ],
  'gemini-generate': [
    candidate([{ text: 'a' }]),
    candidate([{ functionCall: { name: 'f', args: {} } }], { finishReason: 'STOP' }),
  ],
  'cohere-chat': [
    frameOf('message-start', { id: 'm', delta: { message: {} } }),
    frameOf('content-start', { index: 0, delta: { message: { content: text } } }),
    frameOf('content-delta', { index: 0, delta: { message: { content: { text: 'a' } } } }),
    frameOf('content-end', { index: 0 }),
    frameOf('message-end', { delta: { finish_reason: 'COMPLETE' } }),
  ],
}

const without = (at: number) => (frames: string[]) => frames.toSpliced(at, 1)
const twice = (at: number) => (frames: string[]) => frames.toSpliced(at, 0, frames[at] ?? '')
const swapped = (at: number) => (frames: string[]) =>
  frames.toSpliced(at, 2, frames[at + 1] ?? '', frames[at] ?? '')
const after = (frame: string) => (frames: string[]) => [...frames, frame]

const planted: Readonly<Record<Dialect, readonly Planted[]>> = {
  'openai-chat': [
    ['no end mark', without(3), /no \[DONE\]/],
    ['two end marks', twice(3), /\[DONE\] before the end/],
    ['a choice that goes on', twice(2), /after its finish/],
    ['a choice that never finishes', without(2), /never finishes/],
    ['a choice without a role', without(0), /without a role/],
  ],
  'openai-responses': [
    ['a gap in the numbers', without(2), /is numbered/],
    ['a delta before its item', swapped(1), /never added/],
    ['an item that never ends', without(4), /never ends/],
    [
      'something after the end',
      after(frameOf('response.in_progress', { sequence_number: 6 })),
      /after the end/,
    ],
    ['no end', without(5), /ends with/],
  ],
  'anthropic-messages': [
    ['blocks inside each other', swapped(3), /inside another/],
    ['a delta outside of its block', swapped(1), /outside of its block/],
    ['a second start', twice(0), /second message_start/],
    ['no message_delta', without(7), /without message_delta/],
    ['no end', without(8), /ends with/],
    ['something after the end', after(frameOf('ping', {})), /after the end/],
  ],
  'gemini-generate': [
    ['a closing mark', after('data: [DONE]\n\n'), /closing mark/],
    ['no finish', without(1), /never finishes/],
    ['a candidate that goes on', twice(1), /after its finish/],
    ['a part that says two things', after(candidate([{ text: 'a', functionCall: {} }])), /says text and/],
  ],
  'cohere-chat': [
    ['an unknown event', after(frameOf('content-update', {})), /unknown type/],
    ['content that never ends', without(3), /something open/],
    ['a delta outside of its content', swapped(1), /outside of its content/],
    ['no start', without(0), /begins with/],
    ['no end', without(4), /ends with/],
  ],
}

for (const [dialect, faults] of Object.entries(planted) as ReadonlyArray<[Dialect, readonly Planted[]]>) {
  describe(`the checker of ${dialect}`, () => {
    it('lets a sound stream pass', () => {
      assert.deepEqual(grammarOf[dialect](sound[dialect].join(''), 'whole'), [])
    })
    for (const [what, plant, fault] of faults) {
      it(`sees ${what}`, () => {
        const found = grammarOf[dialect](plant([...sound[dialect]]).join(''), 'whole')
        assert.ok(
          found.some((sentence) => fault.test(sentence)),
          `found only ${JSON.stringify(found)}`,
        )
      })
    }
    it('sees a break that is not told', () => {
      assert.ok(grammarOf[dialect](sound[dialect].slice(0, 1).join(''), 'broken').length > 0)
    })
  })
}
