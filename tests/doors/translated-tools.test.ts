/** Tools that a target cannot be offered as they are: they go in another form or name, and come back as they went. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { asArray, asObject, asString, parseJson } from '../../src/core/domain/json.ts'
import type { JsonObject, JsonValue } from '../../src/core/domain/json.ts'
import { openTranslationStage } from './translation-stage.ts'
import type { TranslationStage } from './translation-stage.ts'

let stage: TranslationStage
before(async () => {
  stage = await openTranslationStage()
})
after(() => stage.close())

const sql = 'select "ä" -- \u{1f9a6}\nfrom otters'
const longName = `animals.otters/${'count_'.repeat(12)}now`
const tools = [
  { type: 'custom', custom: { name: 'run_sql', description: 'Runs SQL.' } },
  { type: 'function', function: { name: longName, parameters: { type: 'object', properties: {} } } },
]
const question = { messages: [{ role: 'user', content: 'Count the otters.' }], tools }

/** What Claude answers: a call of each tool, by the names that it was given. */
function claudeReply(names: readonly string[], isStreamed: boolean) {
  const inputs: JsonObject[] = [{ input: sql }, {}]
  const usage = { input_tokens: 9, output_tokens: 9 }
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', usage }
  const call = (at: number, input: JsonObject) => ({
    type: 'tool_use',
    id: `toolu_${at}`,
    name: names[at] ?? '',
    input,
  })
  if (!isStreamed) {
    const body = { ...message, content: inputs.map((input, at) => call(at, input)), stop_reason: 'tool_use' }
    return { status: 200, headers: {}, body }
  }
  const events: JsonObject[] = [{ type: 'message_start', message: { ...message, content: [] } }]
  for (const [index, input] of inputs.entries()) {
    events.push({ type: 'content_block_start', index, content_block: call(index, {}) })
    for (const partial_json of JSON.stringify(input).match(/[^]{1,3}/gu) ?? []) {
      events.push({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json } })
    }
    events.push({ type: 'content_block_stop', index })
  }
  events.push({ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } })
  events.push({ type: 'message_stop' })
  const stream = events.map(
    (event) => `event: ${asString(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`,
  )
  return { status: 200, headers: {}, stream: stream.join('') }
}

async function sentNames(): Promise<readonly string[]> {
  await stage.house.post('/v1/chat/completions', { model: 'to-claude', ...question })
  const [request] = stage.taken()
  return asArray(asObject(request?.body)?.['tools']).map((tool) => asString(asObject(tool)?.['name']) ?? '')
}

describe('tools in other words', () => {
  it('go under names that the target takes', async () => {
    const [first, second] = await sentNames()
    assert.equal(first, 'run_sql')
    assert.match(second ?? '', /^animals_otters_[a-z_]*_[A-Za-z0-9]{8}$/)
    assert.ok((second ?? '').length <= 128)
    assert.deepEqual(await sentNames(), [first, second], 'the same every time')
  })

  it('come back whole as the caller named and wrote them', async () => {
    stage.answerWith(claudeReply(await sentNames(), false))
    const response = await stage.house.post('/v1/chat/completions', { model: 'to-claude', ...question })
    const completion = asObject(parseJson(await response.text()))
    stage.answerWith(undefined)
    const message = asObject(asObject(asArray(completion?.['choices'])[0])?.['message'])
    assert.deepEqual(message?.['tool_calls'], [
      { id: 'toolu_0', type: 'custom', custom: { name: 'run_sql', input: sql } },
      { id: 'toolu_1', type: 'function', function: { name: longName, arguments: '{}' } },
    ])
  })

  it('come back streamed as the caller named and wrote them', async () => {
    stage.answerWith(claudeReply(await sentNames(), true))
    const response = await stage.house.post('/v1/responses', {
      model: 'to-claude',
      stream: true,
      input: 'Count the otters.',
      tools: [
        { type: 'custom', name: 'run_sql' },
        { type: 'function', name: longName, parameters: { type: 'object', properties: {} } },
      ],
    })
    const events = (await response.text())
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => asObject(parseJson(line.slice(6))))
    stage.answerWith(undefined)
    const deltas = events.filter((event) => event?.['type'] === 'response.custom_tool_call_input.delta')
    assert.ok(deltas.length > 3, 'the text comes in pieces')
    assert.equal(deltas.map((event) => asString(event?.['delta']) ?? '').join(''), sql)
    const done = events.findLast((event) => event?.['type'] === 'response.completed')
    const output: readonly JsonValue[] = asArray(asObject(done?.['response'])?.['output'])
    assert.deepEqual(
      output
        .map(asObject)
        .map((item) => [item?.['type'], item?.['name'], item?.['input'] ?? item?.['arguments']]),
      [
        ['custom_tool_call', 'run_sql', sql],
        ['function_call', longName, '{}'],
      ],
    )
  })
})
