/** A chat message that comes back as it was received means what it meant, however the client put it together. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import OpenAI from 'openai'
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { Carry, Part } from '#core/domain/chat.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { goodKey, openFakeDoor, replyOf, wholeReply } from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor } from '#tests/support/fake-door.ts'

let fake: FakeDoor
let answer: Answerer
let client: OpenAI
before(async () => {
  fake = await openFakeDoor((asked, caller) => answer(asked, caller))
  client = new OpenAI({ baseURL: `${fake.url}/v1`, apiKey: goodKey, maxRetries: 0 })
})
after(() => fake.close())

const hello: ChatCompletionMessageParam = { role: 'user', content: 'Hi' }

/** What the corridor is given when the assistant's message comes back. */
async function returned(parts: readonly Part[], isStreamed: boolean): Promise<readonly Part[] | undefined> {
  answer = (asked) => replyOf(asked, parts)
  const wish = { model: 'acme-1', messages: [hello] }
  const { choices } = isStreamed
    ? await client.chat.completions.stream(wish).finalChatCompletion()
    : await client.chat.completions.create(wish)
  assert.ok(choices[0])
  answer = (asked) => wholeReply(asked)
  fake.asked.length = 0
  await client.chat.completions.create({ model: 'acme-1', messages: [hello, choices[0].message, hello] })
  return fake.asked[0]?.question.messages[1]?.parts
}

const signature: Carry = { origin: 'anthropic-messages', kind: 'signature', value: 'sig' }
const sealed: Carry = { origin: 'anthropic-messages', kind: 'redacted', value: 'sealed' }
const thought: Carry = { origin: 'gemini-generate', kind: 'thought_signature', value: 'tok' }
const callId: Carry = { origin: 'gemini-generate', kind: 'item', value: 'g1', itemId: 'g1' }
const plain = (text: string): Part => ({
  type: 'reasoning',
  text,
  carry: [{ origin: 'openai-chat', kind: 'reasoning_content', value: text }],
})
const image: Part = {
  type: 'image',
  source: { kind: 'inline', base64: tinyImages.png.slice(tinyImages.png.indexOf(',') + 1) },
  mediaType: 'image/png',
}
const searched: Part = {
  type: 'server_tool',
  phase: 'result',
  name: 'web_search',
  origin: 'anthropic-messages',
  value: { type: 'web_search_tool_result', content: [] },
  carry: [thought],
}
const call = (id: string, carry?: readonly Carry[]): Part => ({
  type: 'tool_call',
  id,
  name: 'f',
  kind: 'function',
  argumentsText: '{"a":1}',
  ...(carry ? { carry } : {}),
})

describe('the official client gives back', () => {
  const turns: ReadonlyArray<readonly [name: string, parts: readonly Part[]]> = [
    [
      'signed and sealed thinking',
      [
        { type: 'reasoning', text: 'One.', carry: [signature] },
        { type: 'reasoning', text: '', carry: [sealed] },
        { type: 'text', text: 'Yes.' },
      ],
    ],
    ['thinking without a token', [plain('Let me see, in many words.'), { type: 'text', text: 'Yes.' }]],
    ['a plan before calls', [{ type: 'text', text: 'First f.', isToolPlan: true }, call('c1')]],
    ['a token on the text', [{ type: 'text', text: 'Yes.', carry: [thought] }]],
    [
      'a token on the end of a turn',
      [
        { type: 'reasoning', text: 'Hm', carry: [signature] },
        { type: 'text', text: '', carry: [thought] },
      ],
    ],
    ['several tokens on one of two calls', [call('c1', [thought, callId]), call('c2')]],
    ["a provider's own tool with its token", [searched, { type: 'text', text: 'Found.' }]],
    [
      'a picture with its token',
      [
        { type: 'text', text: 'See.' },
        { ...image, carry: [thought] },
      ],
    ],
    [
      'an unknown part',
      [
        { type: 'opaque', kind: 'x', origin: 'gemini-generate', value: [1] },
        { type: 'text', text: 'Yes.' },
      ],
    ],
  ]
  for (const [name, parts] of turns) {
    test(`${name}, whole and streamed`, async () => {
      assert.deepEqual(await returned(parts, false), parts)
      assert.deepEqual(await returned(parts, true), parts)
    })
  }

  test('any turn of thinking, text and calls', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
      .filter((said) => said.trim() !== '')
    const thinking = fc.array(
      fc.oneof(
        text.map((said): Part => ({ type: 'reasoning', text: said, carry: [signature] })),
        fc.constant<Part>({ type: 'reasoning', text: '', carry: [sealed] }),
        fc.constant(searched),
      ),
      { maxLength: 3 },
    )
    const words = fc.oneof(
      text.map((said): Part => ({ type: 'text', text: said })),
      text.map((said): Part => ({ type: 'text', text: said, carry: [thought] })),
    )
    const calls = fc.array(fc.constantFrom<readonly Carry[] | undefined>(undefined, [thought], [callId]), {
      maxLength: 3,
    })
    await fc.assert(
      fc.asyncProperty(thinking, words, calls, fc.boolean(), async (before, said, carries, isStreamed) => {
        const parts = [...before, said, ...carries.map((carry, at) => call(`c${at}`, carry))]
        assert.deepEqual(await returned(parts, isStreamed), parts)
      }),
      { numRuns: 60 },
    )
  })
})

test('a token that was damaged on its way is refused by its place', async () => {
  const damaged = [{ type: 'reasoning.encrypted', format: 'signalbox-part-v1', data: 'signalbx????' }]
  const message = { role: 'assistant', content: 'x', reasoning_details: damaged }
  const response = await fake.post('/v1/chat/completions', { model: 'acme-1', messages: [hello, message] })
  assert.equal(response.status, 400)
  const { error } = (await response.json()) as { readonly error: { readonly param: string } }
  assert.equal(error.param, 'messages[1].reasoning_details[0].data')
})

describe('what an answer ends with', () => {
  test("the provider's own word and its explanation stand beside OpenAI's word, whole and streamed", async () => {
    const finish = { unified: 'content_filter', raw: 'SAFETY', detail: { category: 'x' } } as const
    answer = (asked) => replyOf(asked, [], { choices: [{ index: 0, parts: [], finish }] })
    for (const stream of [false, true]) {
      const response = await fake.post('/v1/chat/completions', { messages: [hello], stream })
      const text = await response.text()
      assert.match(
        text,
        /"finish_reason":"content_filter","native_finish_reason":"SAFETY","finish_details":\{"category":"x"\}/,
      )
    }
  })

  test('sources without an address stand beside the annotations', async () => {
    const citations = [
      { url: 'https://example.com', origin: 'cohere-chat', value: {} },
      { title: 'Report', text: 'cited words', start: 1, end: 4, origin: 'cohere-chat', value: {} },
    ] as const
    answer = (asked) => replyOf(asked, [{ type: 'text', text: 'Yes.', citations }])
    const { choices } = await client.chat.completions.create({ model: 'acme-1', messages: [hello] })
    assert.equal(choices[0]?.message.annotations?.length, 1)
    assert.match(
      JSON.stringify(choices[0].message),
      /"citations":\[\{"title":"Report","start_index":1,"end_index":4,"cited_text":"cited words"\}\]/,
    )
  })

  test("Gemini's token probabilities are OpenAI's", async () => {
    const value = {
      chosenCandidates: [{ token: 'Hé', logProbability: -0.5 }],
      topCandidates: [{ candidates: [{ token: 'Hé', logProbability: -0.5 }] }],
    }
    const logprobs = { origin: 'gemini-generate', tokenCount: 1, value } as const
    const finish = { unified: 'stop', raw: 'STOP' } as const
    answer = (asked) =>
      replyOf(asked, [], { choices: [{ index: 0, parts: [{ type: 'text', text: 'Hé' }], finish, logprobs }] })
    const wish = { model: 'acme-1', messages: [hello], logprobs: true }
    const whole = await client.chat.completions.create(wish)
    const streamed = await client.chat.completions.stream(wish).finalChatCompletion()
    const token = { token: 'Hé', logprob: -0.5, bytes: [72, 195, 169] }
    for (const { choices } of [whole, streamed]) {
      assert.deepEqual(choices[0]?.logprobs?.content, [{ ...token, top_logprobs: [token] }])
    }
  })
})
