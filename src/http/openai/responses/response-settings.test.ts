/** What the settings and tools of a Responses request come to. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ResponseCreateParams } from 'openai/resources/responses/responses'
import type { ChatQuestion } from '#core/domain/chat.ts'
import { readResponseQuestion } from '#http/openai/responses/response-question.ts'
import { responseRequest } from '#http/openai/responses/response-request-schema.ts'
import { parseWith } from '#http/schema-problem.ts'

const read = (request: ResponseCreateParams): ChatQuestion =>
  readResponseQuestion(parseWith(responseRequest, JSON.parse(JSON.stringify(request))))

describe('settings', () => {
  test('each has its word', () => {
    const question = read({
      input: 'Hi',
      stream: true,
      max_output_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 3,
      parallel_tool_calls: false,
      reasoning: { effort: 'low', summary: 'auto' },
      safety_identifier: 'ann',
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
    })
    assert.equal(question.isStreamed, true)
    assert.equal(question.maxOutputTokens, 50)
    assert.equal(question.temperature, 0.5)
    assert.equal(question.topP, 0.9)
    assert.deepEqual(question.logprobs, { top: 3 })
    assert.equal(question.isParallelToolUseAllowed, false)
    assert.deepEqual(question.reasoning, { effort: 'low', isShown: true })
    assert.equal(question.endUser, 'ann')
    assert.deepEqual(question.responseFormat, {
      type: 'json_schema',
      name: 'n',
      schema: { type: 'object' },
      isStrict: true,
    })
    assert.deepEqual(read({ input: 'Hi', text: { format: { type: 'json_object' } } }).responseFormat, {
      type: 'json',
    })
    assert.deepEqual(read({ input: 'Hi', include: ['message.output_text.logprobs'] }).logprobs, { top: 0 })
  })

  test('what is null was not stated', () => {
    const question = read({
      input: 'Hi',
      temperature: null,
      tools: [],
      reasoning: null,
      max_output_tokens: null,
    })
    assert.deepEqual(Object.keys(question).sort(), ['isStreamed', 'messages'])
  })
})

describe('tools', () => {
  const closed = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  }
  const strictOf = (parameters: Record<string, unknown>, strict: boolean | null) => {
    const [tool] =
      read({ input: 'Hi', tools: [{ type: 'function', name: 'f', parameters, strict }] }).tools ?? []
    return tool?.kind === 'function' ? tool.isStrict : 'none'
  }

  test('a function is strict by default where its schema can be', () => {
    const open = { type: 'object', properties: { a: { type: 'string' } } }
    assert.equal(strictOf(closed, null), true)
    assert.equal(strictOf(open, null), undefined)
    assert.equal(strictOf(open, true), true)
    assert.equal(strictOf(closed, false), false)
    const nested = (inner: object) => ({ ...closed, properties: { a: inner } })
    assert.equal(strictOf(nested({ type: 'array', items: closed }), null), true)
    assert.equal(strictOf(nested({ type: 'array', items: open }), null), undefined)
    assert.equal(strictOf(nested({ anyOf: [closed, { type: 'null' }] }), null), true)
    assert.equal(strictOf(nested({ anyOf: [open, { type: 'null' }] }), null), undefined)
    assert.equal(strictOf({ ...closed, $defs: { b: open } }, null), undefined)
  })

  test('free-form tools, tools of OpenAI and every choice among them are read', () => {
    const tools: ResponseCreateParams['tools'] = [
      { type: 'function', name: 'f', parameters: null, strict: null },
      { type: 'custom', name: 'sql', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
      { type: 'web_search', search_context_size: 'low' },
    ]
    const choiceOf = (tool_choice: ResponseCreateParams['tool_choice']) =>
      read({ input: 'Hi', tools, ...(tool_choice ? { tool_choice } : {}) }).toolChoice
    assert.deepEqual(read({ input: 'Hi', tools }).tools?.[2], {
      kind: 'server',
      name: 'web_search',
      origin: 'openai-responses',
      value: { type: 'web_search', search_context_size: 'low' },
    })
    for (const mode of ['none', 'auto', 'required'] as const) assert.deepEqual(choiceOf(mode), { mode })
    assert.deepEqual(choiceOf({ type: 'function', name: 'f' }), { mode: 'named', name: 'f' })
    assert.deepEqual(choiceOf({ type: 'custom', name: 'sql' }), { mode: 'named', name: 'sql' })
    assert.deepEqual(
      choiceOf({
        type: 'allowed_tools',
        mode: 'required',
        tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }],
      }),
      { mode: 'allowed', names: ['f', 'web_search'], isRequired: true },
    )
  })
})
