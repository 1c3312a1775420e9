/** The grammar of a stream that is written from words: whatever a provider says, Cohere's clients can follow it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Citation } from '#core/domain/chat.ts'
import { writeCarriedToken } from '#http/carried-token.ts'
import { callDelta, callStart, carry, framesOf, text, thinking, token } from '#tests/support/cohere-frames.ts'
import type { Frame } from '#tests/support/cohere-frames.ts'

const brief = (frames: readonly Frame[]) =>
  frames.map(({ type, index, delta }) => {
    const { content, tool_calls: calls, tool_plan: plan } = delta?.message ?? {}
    const said = content ?? calls ?? plan
    return `${type}${index ?? ''}${said === undefined || type === 'message-start' ? '' : ` ${JSON.stringify(said)}`}`
  })

const carried = writeCarriedToken([token])
const start = (index: number) =>
  `tool-call-start${index} {"id":"c${index}","type":"function","function":{"name":"f","arguments":""}}`
const delta = (index: number, written: string) =>
  `tool-call-delta${index} {"function":{"arguments":${JSON.stringify(written)}}}`

describe('a stream from words', () => {
  test('thinking and text are blocks with their own numbers', () => {
    const frames = framesOf([thinking('H')], [thinking('m'), text('A')], [text('b', true), text('')])
    assert.deepEqual(brief(frames), [
      'message-start',
      'content-start0 {"type":"thinking","thinking":""}',
      'content-delta0 {"thinking":"H"}',
      'content-delta0 {"thinking":"m"}',
      'content-end0',
      'content-start1 {"type":"text","text":""}',
      'content-delta1 {"text":"A"}',
      'content-end1',
      'content-start2 {"type":"text","text":""}',
      'content-delta2 {"text":"b"}',
      'content-end2',
      'message-end',
    ])
  })

  test('a token leaves with the end of its block, and hidden thoughts are a block without words', () => {
    const frames = framesOf([thinking('Hm'), carry()], [carry()])
    assert.equal(brief(frames)[3], `content-end0 {"carried":"${writeCarriedToken([token, token])}"}`)
    assert.deepEqual(brief(framesOf([carry()], [text('A')])).slice(1, 4), [
      'content-start0 {"type":"thinking","thinking":""}',
      `content-end0 {"carried":"${carried}"}`,
      'content-start1 {"type":"text","text":""}',
    ])
  })

  test('a token of a call leaves with its start, or with its end when it comes later', () => {
    const early = brief(framesOf([callStart(0), callDelta(0, '{}'), carry(0)]))
    assert.match(early[1] ?? '', new RegExp(`"carried":"${carried}"`))
    assert.equal(early[3], 'tool-call-end0')
    const late = brief(framesOf([callStart(0)], [callDelta(0, '{}')], [carry(0)]))
    assert.equal(late[1], start(0))
    assert.equal(late[3], `tool-call-end0 {"carried":"${carried}"}`)
  })

  test('calls that a provider interleaves come one after the other', () => {
    const frames = framesOf(
      [text('So'), callStart(0), callStart(1)],
      [callDelta(1, '{"b"')],
      [callDelta(0, '{"a":')],
      [callDelta(1, ':2}'), callDelta(0, '1}')],
      [callStart(2)],
    )
    assert.deepEqual(brief(frames).slice(3), [
      'content-end0',
      start(0),
      delta(0, '{"a":'),
      delta(0, '1}'),
      'tool-call-end0',
      start(1),
      delta(1, '{"b":2}'),
      'tool-call-end1',
      start(2),
      delta(2, '{}'),
      'tool-call-end2',
      'message-end',
    ])
    assert.equal(frames.at(-1)?.delta?.finish_reason, 'TOOL_CALL')
  })

  test('free-form input is JSON when it is whole', () => {
    const frames = framesOf([callStart(0, 'custom'), callDelta(0, 'SELECT ')], [callDelta(0, '"1"')])
    assert.equal(brief(frames)[2], delta(0, '{"input":"SELECT \\"1\\""}'))
  })

  test('a plan, a citation in it and a citation of the text have their kinds', () => {
    const plan: ChatEvent = { type: 'text-delta', choice: 0, text: 'I look.', isToolPlan: true }
    const cite = (citation: Omit<Citation, 'origin' | 'value'>): ChatEvent => ({
      type: 'citation',
      choice: 0,
      citation: { origin: 'anthropic-messages', value: {}, ...citation },
    })
    const frames = framesOf(
      [plan, cite({})],
      [text('A fact.'), cite({ url: 'https://a.example', start: 2, end: 6 })],
    )
    assert.deepEqual(
      frames.filter(({ type }) => type === 'citation-start').map((frame) => frame.delta),
      [
        {
          message: {
            citations: {
              start: 0,
              end: 7,
              text: 'I look.',
              sources: [
                { type: 'document', id: 'source:0', document: { id: 'source:0', text: '', title: '' } },
              ],
              type: 'PLAN',
            },
          },
        },
        {
          message: {
            citations: {
              start: 2,
              end: 6,
              text: 'fact',
              sources: [
                {
                  type: 'document',
                  id: 'source:1',
                  document: {
                    id: 'source:1',
                    text: '',
                    title: 'https://a.example',
                    url: 'https://a.example',
                  },
                },
              ],
              content_index: 0,
              type: 'TEXT_CONTENT',
            },
          },
        },
      ],
    )
  })

  test('log-probabilities, refusals and pictures have a place', () => {
    const value = {
      content: [
        { token: 'A', logprob: -0.5 },
        { token: 'b', logprob: -1 },
      ],
    }
    const frames = framesOf([
      text('Ab'),
      { type: 'logprobs', choice: 0, logprobs: { origin: 'openai-chat', tokenCount: 2, value } },
      { type: 'refusal-delta', choice: 0, text: 'No.' },
      { type: 'part', choice: 0, part: { type: 'image', source: { kind: 'inline', base64: 'aa' } } },
      text('of another answer', true),
    ])
    assert.deepEqual(
      frames.flatMap((frame) => frame.logprobs ?? []),
      [
        { text: 'A', token_ids: [], logprobs: [-0.5] },
        { text: 'b', token_ids: [], logprobs: [-1] },
      ],
    )
    assert.ok(brief(frames).includes('content-start1 {"type":"text","text":"","is_refusal":true}'))
    assert.match(JSON.stringify(frames.at(-1)), /"images":\[\{"type":"image_url"/)
  })

  test('an answer of nothing is a message all the same', () => {
    assert.deepEqual(brief(framesOf([], [text('')])), ['message-start', 'message-end'])
  })
})
