/** Whatever another provider wants back comes back with the part that it belongs to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Carry, Dialect, Part } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import { contentBlocks } from '#http/anthropic/answer-blocks.ts'
import { readBlocks } from '#http/anthropic/block-parts.ts'
import type { WireBlock } from '#http/anthropic/block-schema.ts'
import { carryPart, readCarriedThinking } from '#http/anthropic/carried-thinking.ts'

/** What a caller sends back who got these parts as blocks. */
const returned = (parts: readonly Part[]) =>
  readBlocks(contentBlocks(parts) as unknown as readonly WireBlock[], 'messages[0].content').parts

const foreign = fc.constantFrom<Dialect>('openai-chat', 'openai-responses', 'gemini-generate', 'cohere-chat')
const carry: fc.Arbitrary<Carry> = fc.record(
  {
    origin: foreign,
    kind: fc.constantFrom<Carry['kind']>('signature', 'encrypted', 'thought_signature', 'item'),
    value: fc.string(),
    itemId: fc.string({ minLength: 1 }),
    extras: fc.constant({ summary: [{ type: 'summary_text', text: 'a "quoted" thought' }] }),
  },
  { requiredKeys: ['origin', 'kind', 'value'] },
)
const carries = fc.array(carry, { minLength: 1, maxLength: 3 })
const words = fc.string({ minLength: 1 })

const thought: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ type: fc.constant('reasoning'), text: fc.string(), carry: carries }),
  fc.record({ type: fc.constant('reasoning'), text: words }),
)
const said: fc.Arbitrary<Part> = fc.record(
  { type: fc.constant('text'), text: words, carry: carries },
  { requiredKeys: ['type', 'text'] },
)
const plan: fc.Arbitrary<Part> = fc.record({
  type: fc.constant('text'),
  text: words,
  isToolPlan: fc.constant(true),
})
const item: fc.Arbitrary<Part> = fc.oneof(
  fc.record(
    {
      type: fc.constant('server_tool'),
      phase: fc.constantFrom('call', 'result'),
      name: words,
      origin: foreign,
      value: fc.constant({ id: 'ws_1', action: { query: 'x' } }),
      carry: carries,
    },
    { requiredKeys: ['type', 'phase', 'name', 'origin', 'value'] },
  ),
  fc.record({ type: fc.constant('opaque'), kind: words, origin: foreign, value: fc.jsonValue().map(asJson) }),
)

function asJson(value: unknown) {
  return JSON.parse(JSON.stringify(value)) as string
}

const answer = fc
  .array(fc.oneof(thought, said, plan, item), { maxLength: 6 })
  .chain((parts) =>
    fc
      .array(fc.record({ at: fc.nat(6), carry: fc.option(carries) }), { maxLength: 3 })
      .map((calls) => withCalls(parts, calls)),
  )

function withCalls(
  parts: readonly Part[],
  calls: ReadonlyArray<{ readonly at: number; readonly carry: readonly Carry[] | null }>,
): readonly Part[] {
  const all = [...parts]
  for (const [number, { at, carry: tokens }] of calls.entries()) {
    all.splice(Math.min(at, all.length), 0, {
      type: 'tool_call',
      id: `call_${number}`,
      name: 'look',
      kind: 'function',
      argumentsText: '{"a":1}',
      ...(tokens ? { carry: tokens } : {}),
    })
  }
  return all
}

/** As data: parts that own nothing but an empty list of tokens are the same without it. */
const plain = (parts: readonly Part[]): unknown =>
  JSON.parse(
    JSON.stringify(
      parts.map((part) => {
        const { carry: tokens, ...rest } = part
        return tokens && tokens.length > 0 ? part : rest
      }),
    ),
  )

test('every part of an answer comes back as it was, with its tokens, in its place', () => {
  fc.assert(
    fc.property(answer, (parts) => {
      assert.deepEqual(plain(returned(parts)), plain(parts))
    }),
  )
})

test("Anthropic's own thinking is written as Anthropic wrote it", () => {
  const parts: readonly Part[] = [
    {
      type: 'reasoning',
      text: 'Hm.',
      carry: [{ origin: 'anthropic-messages', kind: 'signature', value: 'EqQB' }],
    },
    {
      type: 'reasoning',
      text: '',
      carry: [{ origin: 'anthropic-messages', kind: 'redacted', value: 'Ew==' }],
    },
    {
      type: 'reasoning',
      text: '',
      carry: [{ origin: 'anthropic-messages', kind: 'signature', value: 'Er' }],
    },
  ]
  assert.deepEqual(contentBlocks(parts), [
    { type: 'thinking', thinking: 'Hm.', signature: 'EqQB' },
    { type: 'redacted_thinking', data: 'Ew==' },
    { type: 'thinking', thinking: '', signature: 'Er' },
  ])
  assert.deepEqual(returned(parts), parts)
})

test('a token of the caller itself is left alone', () => {
  assert.equal(readCarriedThinking('EqQBCkYIBxgCKkDf', 'here'), undefined)
})

test('items that Anthropic would obey are not taken out of a token', () => {
  const token = carryPart({ type: 'opaque', kind: 'x', origin: 'anthropic-messages', value: { type: 'x' } })
  assert.throws(
    () => readCarriedThinking(token, 'here'),
    (thrown) => thrown instanceof Problem && thrown.details.param === 'here',
  )
})
