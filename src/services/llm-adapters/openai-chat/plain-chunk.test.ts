/** Facts about the frames that pass unread. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainFramesOf } from '#services/llm-adapters/openai-chat/plain-chunk.ts'

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const chunkWith = (delta: object, more: object = {}, choice: object = {}) =>
  data({ id: 'c', choices: [{ index: 0, delta, finish_reason: null, ...choice }], ...more })
const call = { tool_calls: [{ index: 0, function: { arguments: '{' } }] }

const plain = {
  words: chunkWith({ content: 'hä? "usage":{ [DONE \\" {}\n\n' }),
  'no usage yet': chunkWith({ content: 'x' }, { usage: null }),
  'no calls': chunkWith({ content: 'x', tool_calls: null }),
  padding: chunkWith({ content: 'x' }, { obfuscation: 'a8Zk' }),
  thinking: chunkWith({ reasoning_content: 'x' }),
}
const toRead = {
  'no words': chunkWith({ role: 'assistant', content: '' }),
  'a finish': chunkWith({ content: 'x' }, {}, { finish_reason: 'stop' }),
  usage: data({ id: 'c', choices: [], usage: { prompt_tokens: 1 } }),
  'usage beside words': chunkWith({ content: 'x' }, { usage: { prompt_tokens: 1 } }),
  'no choice': data({ id: 'c', choices: [] }),
  'another choice': chunkWith({ content: 'x' }, {}, { index: 1 }),
  'a tenth choice': chunkWith({ content: 'x' }, {}, { index: 10 }),
  'an error': data({ error: { message: 'no' } }),
  'the end': 'data: [DONE]\n\n',
  'a comment': ': ping\n\n',
  'an event with a name': 'event: x\ndata: {"a":1}\n\n',
  'other line ends': chunkWith({ content: 'x' }).replaceAll('\n', '\r\n'),
  'spaces between members': 'data: {"choices": [{"index": 1, "delta": {"content": "x"}}]}\n\n',
  'an object that goes on': 'data: {"a":\n\n',
}
const entries = (kinds: Readonly<Record<string, string>>, isPlain: boolean) =>
  Object.entries(kinds).map(([name, text]) => ({ name, text, isPlain }))
const kinds = [...entries(plain, true), ...entries(toRead, false)]
const counted = (text: string, isCalling = false) => plainFramesOf(Buffer.from(text), isCalling)

for (const { name, text, isPlain } of kinds) {
  test(`${name}: ${isPlain ? 'passes' : 'is read'}`, () => {
    assert.deepEqual(counted(text), isPlain ? { frames: 1, bytes: Buffer.byteLength(text) } : none)
  })
}
const none = { frames: 0, bytes: 0 }

test('a call passes only where it is known that there are calls', () => {
  const text = chunkWith(call)
  assert.deepEqual(counted(text), none)
  assert.deepEqual(counted(text, true), { frames: 1, bytes: text.length })
})

test('the run ends before the first frame that must be read, or that is not whole, wherever the chunk is cut', () => {
  const frames = fc.array(fc.constantFrom(...kinds), { maxLength: 8 })
  fc.assert(
    fc.property(frames, fc.nat(), (given, at) => {
      const whole = Buffer.from(given.map(({ text }) => text).join(''))
      const cut = whole.subarray(0, at % (whole.length + 1))
      let expected = none
      for (const { text, isPlain } of given) {
        const bytes = expected.bytes + Buffer.byteLength(text)
        if (!isPlain || bytes > cut.length) break
        expected = { frames: expected.frames + 1, bytes }
      }
      assert.deepEqual(plainFramesOf(cut, false), expected)
    }),
    { numRuns: 2_000 },
  )
})

test('a chunk larger than what is looked at in one go passes as far as a small one would', () => {
  const many = plain.words.repeat(2_000)
  const bytes = Buffer.byteLength(many)
  assert.deepEqual(counted(many), { frames: 2_000, bytes })
  assert.deepEqual(counted(many + toRead.usage + many), { frames: 2_000, bytes })
  assert.deepEqual(counted(many + plain.words.slice(0, -1)), { frames: 2_000, bytes })
  // One frame that is larger still is read, whatever it says.
  assert.deepEqual(counted(plain.words + chunkWith({ content: 'x'.repeat(20_000) })).frames, 1)
})
