/** Facts about responses, whole and streamed. */
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { openAiResponses } from '#services/llm-adapters/openai-responses/openai-responses.ts'
import { readStream, readWhole } from '#tests/support/adapter-reading.ts'

const adapter = openAiResponses
const message = (text: string, rest: JsonObject = {}) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
  ...rest,
})
const functionCall = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{"a":1}' }
const thinking = {
  type: 'reasoning',
  id: 'rs_1',
  summary: [{ type: 'summary_text', text: 'why' }],
  encrypted_content: 'ENC',
}
const responseOf = (output: readonly JsonObject[], rest: JsonObject = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 7,
  model: 'gpt-x',
  status: 'completed',
  output,
  usage: { input_tokens: 3, output_tokens: 2, output_tokens_details: { reasoning_tokens: 1 } },
  ...rest,
})
const read = (output: readonly JsonObject[], rest?: JsonObject) =>
  readWhole({ adapter }, responseOf(output, rest))
type Event = JsonObject & { readonly type: string }

const eventsOf = (...events: readonly Event[]) =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
const created = { type: 'response.created', response: responseOf([], { status: 'in_progress', usage: null }) }
const completed = (output: readonly JsonObject[] = []) => ({
  type: 'response.completed',
  response: responseOf(output),
})
const stream = (...events: readonly Event[]) => readStream({ adapter }, eventsOf(created, ...events))

test('text, thinking and calls keep their order, and the token keeps its item', () => {
  const answer = read([thinking, message('Hello'), functionCall])
  const [choice] = answer.choices
  assert.deepEqual(
    choice?.parts.map((part) => part.type),
    ['reasoning', 'text', 'tool_call'],
  )
  assert.deepEqual(choice?.parts[0]?.carry, [
    { origin: 'openai-responses', kind: 'encrypted', value: 'ENC', itemId: 'rs_1' },
  ])
  assert.deepEqual(choice?.finish, { unified: 'tool_calls', raw: 'completed' })
  assert.equal(answer.usage.reasoningTokens, 1)
})

test('the status says how it ended', () => {
  const finish = (rest: JsonObject) => read([message('x')], rest).choices[0]?.finish.unified
  assert.equal(finish({}), 'stop')
  const incomplete = (reason: string) => finish({ status: 'incomplete', incomplete_details: { reason } })
  assert.equal(incomplete('max_output_tokens'), 'length')
  assert.equal(incomplete('content_filter'), 'content_filter')
  assert.equal(incomplete('steered'), 'pause')
  assert.equal(finish({ status: 'queued' }), 'pause')
  assert.equal(finish({ status: 'cancelled' }), 'other')
})

test("a provider's own tools, produced images and unknown items are kept whole", () => {
  const search = { type: 'web_search_call', id: 'ws_1', action: { type: 'search' } }
  const image = { type: 'image_generation_call', id: 'ig_1', result: 'QUJD', output_format: 'webp' }
  const answer = read([search, image, { type: 'compaction', id: 'cmp_1', encrypted_content: 'x' }])
  assert.deepEqual(
    answer.choices[0]?.parts.map((part) => part.type),
    ['server_tool', 'server_tool', 'image', 'opaque'],
  )
  assert.deepEqual(answer.usage.serverToolUses, { web_search: 1, image_generation: 1 })
})

test('what is no item says nothing, however often', () => {
  const answer = read([message('x'), ...Array.from({ length: 1_000 }, () => ({}))])
  assert.deepEqual(
    answer.choices[0]?.parts.map((part) => part.type),
    ['text'],
  )
})

test('a call that the caller must run in a form of its own ends the turn all the same', () => {
  const shell = {
    type: 'local_shell_call',
    id: 'lsh_1',
    call_id: 'c',
    action: { type: 'exec', command: ['ls'] },
  }
  assert.equal(read([shell]).choices[0]?.finish.unified, 'tool_calls')
})

test('a failed response is a Problem, whole or streamed', () => {
  const error = { code: 'insufficient_quota', message: 'You exceeded your current quota.' }
  assert.throws(
    () => read([], { status: 'failed', error }),
    (thrown) => thrown instanceof Problem && thrown.code === 'provider_quota',
  )
  const failed = stream({ type: 'response.failed', response: responseOf([], { status: 'failed', error }) })
  assert.equal(failed.problem?.code, 'provider_quota')
  assert.equal(failed.answer.choices[0]?.finish.unified, 'error')
  assert.equal(stream({ type: 'error', error }).problem?.code, 'provider_quota')
  assert.equal(stream({ type: 'error', code: 'server_error', message: 'x' }).problem?.code, 'provider_error')
})

test('deltas and the whole item say the same thing once', () => {
  const outcome = stream(
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { type: 'reasoning', id: 'rs_1', summary: [] },
    },
    { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'why' },
    { type: 'response.output_item.done', output_index: 0, item: { ...thinking, id: 'rs_2' } },
    { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'Hel' },
    { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'lo' },
    { type: 'response.output_item.done', output_index: 1, item: message('Hello', { phase: 'final_answer' }) },
    completed([thinking, message('Hello')]),
  )
  assert.equal(outcome.problem, undefined)
  const [reasoning, text] = outcome.answer.choices[0]?.parts ?? []
  assert.equal(outcome.answer.choices[0]?.parts.length, 2)
  assert.equal(reasoning?.type === 'reasoning' && reasoning.text, 'why')
  assert.equal(reasoning?.carry?.[0]?.itemId, 'rs_2')
  assert.equal(text?.type === 'text' && text.text, 'Hello')
  assert.deepEqual(text?.carry?.[0]?.extras, { phase: 'final_answer' })
})

test('items that events number beyond the whole output are the same items, in their order', () => {
  const { answer, problem } = stream(
    { type: 'response.output_text.delta', output_index: 7, content_index: 0, delta: 'Hello' },
    { type: 'response.output_item.done', output_index: 7, item: message('Hello') },
    completed([message('Hello'), message(' and'), message(' more')]),
  )
  assert.equal(problem, undefined)
  const texts = answer.choices[0]?.parts.map((part) => (part.type === 'text' ? part.text : part.type))
  assert.deepEqual(texts, ['Hello', ' and', ' more'])
})

test('arguments that come only at the end, or in part before it, are complete', () => {
  const added = {
    type: 'response.output_item.added',
    output_index: 0,
    item: { ...functionCall, arguments: '' },
  }
  const done = { type: 'response.output_item.done', output_index: 0, item: functionCall }
  const half = { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a"' }
  for (const outcome of [
    stream(added, done, completed()),
    stream(added, half, done, completed()),
    stream(completed([functionCall])),
  ]) {
    const [part] = outcome.answer.choices[0]?.parts ?? []
    assert.deepEqual(part?.type === 'tool_call' && [part.id, part.argumentsText], ['call_1', '{"a":1}'])
    assert.equal(outcome.answer.choices[0]?.finish.unified, 'tool_calls')
  }
})

test('a custom call keeps its free text', () => {
  const item = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c', name: 'sql', input: 'select 1' }
  const [part] = read([item]).choices[0]?.parts ?? []
  assert.deepEqual(part?.type === 'tool_call' && [part.kind, part.argumentsText], ['custom', 'select 1'])
})

test('a stream without its ending is cut', () => {
  const outcome = stream({ type: 'response.output_text.delta', output_index: 0, delta: 'x' })
  assert.equal(outcome.problem?.code, 'stream_cut')
})

test('to a caller of Responses every byte passes, and a failure does not', () => {
  const wish = { adapter, isNative: true }
  const delta = { type: 'response.output_text.delta', output_index: 0, delta: 'x', future: 1.5 }
  const body = eventsOf(created, delta, delta, { type: 'response.future.thing' }, completed([message('xx')]))
  const chunks = body.match(/[^]{1,40}/g) ?? []
  const whole = readStream(wish, body)
  const cut = readStream(wish, ...chunks)
  for (const outcome of [whole, cut]) {
    assert.equal(outcome.passed, body)
    assert.equal(outcome.answer.usage.outputTokens, 2)
    assert.equal(outcome.isComplete, true)
  }
  const failure = eventsOf({ type: 'error', error: { code: 'server_error', message: 'x' } })
  const broken = readStream(wish, eventsOf(created, delta), failure)
  assert.equal(broken.passed, eventsOf(created, delta))
  assert.equal(broken.problem?.code, 'provider_error')
})

test('whatever a server sends, reading it ends in an answer or a Problem', () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  const item = fc.record({
    type: fc.constantFrom(
      'message',
      'reasoning',
      'function_call',
      'custom_tool_call',
      'image_generation_call',
      'x',
    ),
    content: value,
    summary: value,
    arguments: value,
    call_id: value,
    result: value,
  })
  const event = fc.record({
    type: fc.constantFrom(
      'response.output_item.added',
      'response.output_item.done',
      'response.output_text.delta',
      'response.function_call_arguments.delta',
      'response.output_text.annotation.added',
      'response.completed',
      'response.failed',
    ),
    output_index: value,
    delta: value,
    item: fc.oneof(value, item),
    annotation: value,
    response: fc.oneof(value, fc.record({ output: fc.array(item), usage: value, status: value })),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 6 }), fc.boolean(), (events, isNative) => {
      const outcome = readStream({ adapter, isNative }, eventsOf(created, ...(events as Event[])))
      assert.notEqual(outcome.problem?.code, 'internal_error')
      for (const { response } of events) {
        try {
          readWhole({ adapter }, response)
        } catch (thrown) {
          assert.ok(thrown instanceof Problem, String(thrown))
        }
      }
    }),
    { numRuns: 500 },
  )
})
