/** Facts about requests that arrive as chat completions and leave as such. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { encodeWith, nativeOf } from '#tests/support/adapter-writing.ts'
import type { Circumstances } from '#tests/support/adapter-writing.ts'

const sendNative = (
  body: JsonObject,
  circumstances: Circumstances = {},
  isStreamed = body['stream'] === true,
) => String(encodeWith(openAiChat, { native: nativeOf('openai-chat', body), isStreamed }, circumstances).body)

test("a caller's own request keeps every character but the model and the cap", () => {
  const body = {
    model: 'alias',
    messages: [{ role: 'user', content: 'x' }],
    future: { a: [1.5] },
    max_tokens: 90,
  }
  const own = nativeOf('openai-chat', body).text
  assert.equal(sendNative(body), own.replace('"alias"', '"gpt-x"'))
  assert.equal(sendNative(body, { cap: 50 }), own.replace('"alias"', '"gpt-x"').replace(': 90', ': 50'))
  const { max_tokens: _, ...uncapped } = body
  assert.equal(
    sendNative(uncapped),
    nativeOf('openai-chat', uncapped)
      .text.replace('"alias"', '"gpt-x"')
      .replace(/ }$/, ' ,"max_completion_tokens":100}'),
  )
})

test('exactly one word for the cap is sent, and never more than was paid for', () => {
  const caps = (body: JsonObject, circumstances?: Circumstances) => {
    const { max_tokens: old, max_completion_tokens: fresh } = JSON.parse(
      sendNative({ model: 'm', messages: [], ...body }, circumstances),
    ) as Record<string, unknown>
    return [old, fresh]
  }
  assert.deepEqual(caps({ max_tokens: 500 }), [100, undefined])
  assert.deepEqual(caps({ max_completion_tokens: 50 }), [undefined, 50])
  assert.deepEqual(caps({ max_tokens: 40, max_completion_tokens: 50 }), [undefined, 50])
  assert.deepEqual(caps({ max_completion_tokens: 50 }, { quirks: ['max_tokens_word'] }), [50, undefined])
  assert.deepEqual(caps({ max_tokens: 50 }, { modelQuirks: ['max_completion_tokens'] }), [undefined, 50])
})

test("a caller's own stream asks for usage beside the caller's own options", () => {
  const options = (body: JsonObject, circumstances?: Circumstances) =>
    (JSON.parse(sendNative({ stream: true, ...body }, circumstances)) as Record<string, unknown>)[
      'stream_options'
    ]
  assert.deepEqual(options({}), { include_usage: true })
  assert.deepEqual(options({ stream_options: { include_obfuscation: false } }), {
    include_obfuscation: false,
    include_usage: true,
  })
  assert.equal(options({}, { quirks: ['no_stream_options'] }), undefined)
})

test("a caller's own request is fitted to a cousin only where it must be", () => {
  const body = {
    model: 'm',
    messages: [
      { role: 'developer', content: 'x' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '' },
    ],
  }
  const quirks = ['no_developer_role', 'nine_character_tool_ids'] as const
  const sent = JSON.parse(sendNative(body, { quirks })) as typeof body
  assert.equal(sent.messages[0]?.role, 'system')
  assert.match(sent.messages[2]?.tool_call_id ?? '', /^[A-Za-z0-9]{9}$/)
  assert.equal(sent.messages[1]?.tool_calls?.[0]?.id, sent.messages[2]?.tool_call_id)
  const untouched = sendNative({ model: 'm', messages: [{ role: 'user', content: 'x' }] }, { quirks })
  assert.ok(untouched.includes('"messages" : [{"role":"user","content":"x"}]'))
})

test('what a cousin refuses as unknown is renamed or left out', () => {
  const quirks = ['random_seed_word', 'no_end_user', 'no_stream_options'] as const
  const body = { model: 'm', messages: [], seed: 7, user: 'u', safety_identifier: 's', future: 1 }
  const sent = JSON.parse(sendNative(body, { quirks })) as JsonObject
  assert.deepEqual(sent, {
    model: 'gpt-x',
    messages: [],
    future: 1,
    max_completion_tokens: 100,
    random_seed: 7,
  })
  const plain = { model: 'm', messages: [], stream: true, stream_options: { include_usage: true } }
  assert.equal('stream_options' in (JSON.parse(sendNative(plain, { quirks })) as JsonObject), false)
})

test('media in an answer or a result move behind it, and everything else stays as it was', () => {
  const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }
  const body = {
    model: 'm',
    store: true,
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: [image] },
    ],
  }
  const messages: ChatQuestion['messages'] = [
    { role: 'user', parts: [{ type: 'text', text: 'x' }] },
    { role: 'assistant', parts: [{ type: 'image', source: { kind: 'url', url: image.image_url.url } }] },
  ]
  const sent = encodeWith(openAiChat, { native: nativeOf('openai-chat', body), messages })
  const { store, messages: moved } = JSON.parse(String(sent.body)) as typeof body
  assert.equal(store, true)
  assert.deepEqual(moved[2], {
    role: 'user',
    content: [{ type: 'text', text: 'From the assistant:' }, image],
  })
})

test('thinking of earlier turns and cache marks go only to providers that know them', () => {
  const body = {
    model: 'm',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] },
      {
        role: 'assistant',
        content: 'y',
        reasoning_content: 'hm',
        reasoning_details: [{ type: 'reasoning.text', text: 'hm' }],
        tool_calls: [
          { id: 'c', type: 'function', extra_content: {}, function: { name: 'f', arguments: '{}' } },
        ],
      },
    ],
    tools: [{ type: 'function', function: { name: 'f' }, cache_control: { type: 'ephemeral' } }],
  }
  const plain = sendNative(body)
  for (const name of ['cache_control', 'reasoning_content', 'reasoning_details', 'extra_content']) {
    assert.ok(!plain.includes(name), name)
  }
  assert.ok(plain.includes('"text":"x"') && plain.includes('"name":"f"'))
  assert.ok(sendNative(body, { quirks: ['reasoning_content_returned'] }).includes('"reasoning_content":"hm"'))
  const kept = sendNative(body, { quirks: ['reply_members_returned', 'takes_cache_marks'] })
  assert.equal(JSON.stringify((JSON.parse(kept) as JsonObject)['messages']), JSON.stringify(body.messages))
})

test('what OpenAI and its client put into answers does not go back to a provider that refuses it', () => {
  const calls = [
    { id: 'c', type: 'function', function: { name: 'f', arguments: '{}', parsed_arguments: { a: 1 } } },
  ]
  const body = {
    model: 'm',
    messages: [
      { role: 'user', content: [{ type: 'refusal', refusal: 'x' }] },
      {
        role: 'assistant',
        content: null,
        refusal: null,
        annotations: [],
        parsed: { a: 1 },
        tool_calls: calls,
      },
      { role: 'assistant', content: 'y', refusal: 'I would rather not.', audio: null, function_call: null },
    ],
  }
  const sent = JSON.parse(sendNative(body, { quirks: ['no_answer_echoes'] })) as JsonObject
  assert.deepEqual(sent['messages'], [
    body.messages[0],
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { role: 'assistant', content: 'y', refusal: 'I would rather not.' },
  ])
  const kept = JSON.parse(sendNative(body)) as JsonObject
  assert.deepEqual(kept['messages'], body.messages)
})
