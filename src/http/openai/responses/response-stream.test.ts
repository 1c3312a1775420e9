/** A translated response, whole and streamed: the same output, and a stream that follows its grammar step by step. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ResponseStream } from 'openai/lib/responses/ResponseStream'
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses'
import type { ChatAnswer, ChatEvent, Finish } from '#core/domain/answer.ts'
import type { Carry, Part } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { echoOf, writeResponse } from '#http/openai/responses/response-object.ts'
import { createResponseForm } from '#http/openai/responses/response-stream.ts'
import { eventsOf } from '#http/stream-form.ts'
import { receiptOf, usage } from '#tests/support/fake-door.ts'

const head = {
  id: 'resp_x',
  stem: 'x',
  createdAtS: 1_800_000_000,
  echo: echoOf({ input: 'Hi' }),
  awaitsLogprobs: true,
}
const receipt: Receipt = receiptOf({ requestId: 'r' } as Parameters<typeof receiptOf>[0])

const answerOf = (parts: readonly Part[], finish: Partial<Finish> = {}): ChatAnswer => ({
  id: 'upstream',
  model: 'acme-1-2026',
  createdAtS: 1_700_000_000,
  choices: [{ index: 0, parts, finish: { unified: 'stop', raw: 'stop', ...finish } }],
  usage,
})

const wholeOf = (answer: ChatAnswer) =>
  JSON.parse(Buffer.from(writeResponse(answer, receipt, head)).toString()) as Response

interface Told {
  readonly text: string
  readonly events: readonly ResponseStreamEvent[]
}

/** Each frame's `event:` line is its type, and the numbers have no gaps. */
function readFrames(text: string): Told {
  const frames = text.split('\n\n').slice(0, -1)
  const events = frames.map((frame, number) => {
    const [first = '', second = '', ...others] = frame.split('\n')
    assert.deepEqual(others, [])
    const event = JSON.parse(second.slice('data: '.length)) as ResponseStreamEvent
    assert.equal(first, `event: ${event.type}`)
    assert.equal('sequence_number' in event && event.sequence_number, number)
    return event
  })
  return { text, events }
}

function streamOf(batches: ReadonlyArray<readonly ChatEvent[]>): Told {
  const form = createResponseForm(head)
  let text = ''
  for (const batch of batches) text += String(form.batch(batch, receipt) ?? '')
  return readFrames(text + form.end(receipt))
}

const typesOf = ({ events }: Told) => events.map(({ type }) => type.replace('response.', ''))

/** What the official client's accumulator makes of the stream; it refuses whatever is out of order. */
async function accumulated({ events }: Told): Promise<Response> {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  return ResponseStream.fromReadableStream(new Blob([lines]).stream()).finalResponse()
}

const signature: Carry = { origin: 'anthropic-messages', kind: 'signature', value: 'sig' }
const thought: Carry = { origin: 'gemini-generate', kind: 'thought_signature', value: 'tok' }

describe('the grammar', () => {
  test('text', () => {
    const told = streamOf([
      [{ type: 'start', id: 'u', model: 'acme-1-2026' }],
      [{ type: 'text-delta', choice: 0, text: 'Hel' }],
      [
        { type: 'text-delta', choice: 0, text: 'lo.' },
        { type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'stop' } },
      ],
    ])
    assert.deepEqual(typesOf(told), [
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ])
    assert.ok(!told.text.includes('[DONE]'))
  })

  test('thinking, calls of both kinds, and the tokens on a call', () => {
    const told = streamOf([
      [
        { type: 'reasoning-delta', choice: 0, text: 'Hm' },
        { type: 'carry', choice: 0, carry: signature },
        { type: 'tool-call-start', choice: 0, call: 0, id: 'c1', name: 'f', kind: 'function' },
        { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"a":' },
        { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '1}' },
        { type: 'carry', choice: 0, call: 0, carry: thought },
        { type: 'tool-call-start', choice: 0, call: 1, id: 'c2', name: 'sql', kind: 'custom' },
        { type: 'tool-call-delta', choice: 0, call: 1, argumentsText: 'select 1' },
        { type: 'finish', choice: 0, finish: { unified: 'tool_calls', raw: 'tool_use' } },
      ],
    ])
    assert.deepEqual(typesOf(told), [
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'output_item.added',
      'output_item.done',
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
      'completed',
    ])
  })

  test('a refusal, sources, and a picture', () => {
    const citation = { url: 'https://example.com', title: 'T', origin: 'gemini-generate', value: {} } as const
    const told = streamOf([
      [
        { type: 'text-delta', choice: 0, text: 'It is so.' },
        { type: 'citation', choice: 0, citation },
        { type: 'part', choice: 0, part: { type: 'image', source: { kind: 'inline', base64: 'AAAA' } } },
        { type: 'refusal-delta', choice: 0, text: 'No.' },
        { type: 'finish', choice: 0, finish: { unified: 'content_filter', raw: 'x' } },
      ],
    ])
    assert.deepEqual(typesOf(told).slice(3), [
      'content_part.added',
      'output_text.delta',
      'output_text.annotation.added',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'image_generation_call.completed',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
      'output_item.done',
      'incomplete',
    ])
    const last = told.events.at(-1)
    assert.ok(last?.type === 'response.incomplete')
    assert.equal(last.response.incomplete_details?.reason, 'content_filter')
    const [message] = last.response.output
    assert.ok(message?.type === 'message' && message.content[0]?.type === 'output_text')
    assert.deepEqual(message.content[0].annotations, [
      { type: 'url_citation', start_index: 0, end_index: 9, url: 'https://example.com', title: 'T' },
    ])
  })

  test('calls that grow by turns keep what is theirs', async () => {
    const told = streamOf([
      [
        { type: 'tool-call-start', choice: 0, call: 0, id: 'c1', name: 'f', kind: 'function' },
        { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"a"' },
        { type: 'tool-call-start', choice: 0, call: 1, id: 'c2', name: 'g', kind: 'function' },
        { type: 'tool-call-delta', choice: 0, call: 1, argumentsText: '{"b"' },
        { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: ':1}' },
        { type: 'tool-call-delta', choice: 0, call: 1, argumentsText: ':2}' },
        { type: 'finish', choice: 0, finish: { unified: 'tool_calls', raw: null } },
      ],
    ])
    const { output } = await accumulated(told)
    assert.deepEqual(
      output.map((item) => item.type === 'function_call' && [item.call_id, item.arguments]),
      [
        ['c1', '{"a":1}'],
        ['c2', '{"b":2}'],
      ],
    )
  })

  test('an answer without a word is complete and empty', async () => {
    const told = streamOf([[{ type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'stop' } }]])
    assert.deepEqual(typesOf(told), ['created', 'in_progress', 'completed'])
    assert.deepEqual((await accumulated(told)).output, [])
  })
})

describe('the end', () => {
  test('a cap leaves the response and its last item incomplete', () => {
    const response = wholeOf(answerOf([{ type: 'text', text: 'Once upon' }], { unified: 'length' }))
    assert.equal(response.status, 'incomplete')
    assert.deepEqual(response.incomplete_details, { reason: 'max_output_tokens' })
    assert.equal('status' in response.output[0]! && response.output[0].status, 'incomplete')
  })

  test("a model's own failure is a failed response", () => {
    const finish = { unified: 'error', raw: 'MALFORMED_FUNCTION_CALL', detail: { why: 'x' } } as const
    const response = wholeOf(answerOf([], finish))
    assert.deepEqual('finish_details' in response && response.finish_details, { why: 'x' })
    assert.equal(response.status, 'failed')
    assert.equal(response.error?.code, 'server_error')
    assert.match(response.error.message, /MALFORMED_FUNCTION_CALL/)
  })

  test('a break is told as an error and then as a failed response', () => {
    const form = createResponseForm(head)
    const begun = String(form.batch([{ type: 'text-delta', choice: 0, text: 'Hel' }], receipt))
    const broken = form.fail(new Problem('provider_rate_limited', { provider: 'acme' }), 'r') ?? ''
    const { events } = readFrames(begun + broken)
    const [error, failed] = events.slice(-2)
    assert.ok(error?.type === 'error' && failed?.type === 'response.failed')
    assert.equal(error.code, 'rate_limit_exceeded')
    assert.equal(failed.response.error?.code, 'rate_limit_exceeded')
    assert.equal(failed.response.status, 'failed')
  })

  test('a break of a stream that was passed on goes on with its numbers and its id', () => {
    const form = createResponseForm(head)
    const passed = Buffer.from('event: x\ndata: {"type":"x","sequence_number":41,"delta":"a"}\n\n')
    const start = { type: 'start', id: 'resp_theirs', model: 'gpt' } as const
    const native = { type: 'native', dialect: 'openai-responses', bytes: passed, deltas: 1 } as const
    assert.equal(form.batch([start, native], receipt), passed)
    const frames = (form.fail(new Problem('stream_cut'), 'r') ?? '').split('\n\n')
    assert.match(frames[0] ?? '', /"sequence_number":42,/)
    assert.match(frames[1] ?? '', /"sequence_number":43,.*"id":"resp_theirs"/)
  })
})

describe('whole and streamed', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  const carry = fc.constantFrom<readonly Carry[] | undefined>(undefined, [signature], [thought, signature])
  const with_ = <T extends object>(part: T, carried: readonly Carry[] | undefined) =>
    carried ? { ...part, carry: carried } : part
  const part: fc.Arbitrary<Part> = fc.oneof(
    fc.tuple(text, carry).map(([said, carried]): Part => with_({ type: 'text', text: said }, carried)),
    text.map((said): Part => ({ type: 'text', text: said, isToolPlan: true })),
    fc.tuple(text, carry).map(([said, carried]): Part => with_({ type: 'reasoning', text: said }, carried)),
    fc.constant<Part>({ type: 'reasoning', text: '', carry: [signature] }),
    text.map((said): Part => ({ type: 'refusal', text: said })),
    fc
      .tuple(fc.uuid(), fc.constantFrom('function', 'custom'), fc.json(), carry)
      .map(([id, kind, argumentsText, carried]): Part =>
        with_({ type: 'tool_call', id, name: 'f', kind, argumentsText }, carried),
      ),
    carry.map((carried): Part =>
      with_(
        { type: 'server_tool', phase: 'call', name: 's', origin: 'anthropic-messages', value: {} },
        carried,
      ),
    ),
    carry.map((carried): Part =>
      with_({ type: 'image', source: { kind: 'inline', base64: 'AAAA' } }, carried),
    ),
  )

  test('say the same, and the official client accepts every step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const answer = answerOf(parts)
        const whole = wholeOf(answer)
        const told = streamOf(eventsOf(answer).map((event) => [event]))
        const last = told.events.at(-1)
        assert.ok(last?.type === 'response.completed')
        assert.deepEqual(last.response, whole)
        const { output, output_text: said } = await accumulated(told)
        assert.deepEqual(
          JSON.parse(
            JSON.stringify(output, (key, value: unknown) =>
              key === 'parsed' || key === 'parsed_arguments' ? undefined : value,
            ),
          ),
          whole.output,
        )
        const spoken = parts.map((one) => (one.type === 'text' && !one.isToolPlan ? one.text : '')).join('')
        assert.equal(said, spoken)
      }),
      { numRuns: 150 },
    )
  })
})
