/** A whole recording told again as its provider would stream it, for what nobody has recorded as a stream. */
import { asArray, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { TargetName } from '#tests/clients/targets.ts'
import { objectOf } from '#tests/support/recording.ts'
import type { Recording } from '#tests/support/recording.ts'

type Frame = readonly [event: string | undefined, data: JsonObject | string]

const tellers: Readonly<Record<TargetName, (body: JsonObject) => readonly Frame[]>> = {
  'openai-chat': chatFrames,
  mistral: chatFrames,
  'openai-responses': responsesFrames,
  'anthropic-messages': anthropicFrames,
  'gemini-generate': geminiFrames,
  'cohere-chat': cohereFrames,
}

/** The same answer as events in the order and form of the provider's reference for streaming. */
export function toldAsStream(target: TargetName, recording: Recording): Recording {
  const frames = tellers[target](objectOf(recording.reply.body))
  const stream = frames
    .map(([event, data]) => {
      const text = typeof data === 'string' ? data : JSON.stringify(data)
      return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`
    })
    .join('')
  const { status } = recording.reply
  return {
    ...recording,
    name: `${recording.name}, as a stream`,
    reply: { status, headers: { 'content-type': 'text/event-stream' }, stream },
  }
}

const membersOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  (asArray(value) ?? []).map(objectOf)
const textOf = (value: JsonValue | undefined): string => asString(value) ?? ''

function chatFrames(body: JsonObject): readonly Frame[] {
  const { id, created, model, usage } = body
  const head = { id, object: 'chat.completion.chunk', created, model } as JsonObject
  const choice = membersOf(body['choices'])[0] ?? {}
  const calls = membersOf(objectOf(choice['message'])['tool_calls']).map((call, index) => ({
    ...call,
    index,
  }))
  const chunk = (delta: JsonObject, finish: JsonValue = null): JsonObject => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  return [
    [undefined, chunk({ role: 'assistant', content: '' })],
    [undefined, { ...chunk({ tool_calls: calls }, choice['finish_reason'] ?? null), usage: usage ?? null }],
    [undefined, '[DONE]'],
  ]
}

function geminiFrames(body: JsonObject): readonly Frame[] {
  const candidate = membersOf(body['candidates'])[0] ?? {}
  const parts = asArray(objectOf(candidate['content'])['parts']) ?? []
  const { finishReason, ...open } = candidate
  return parts.map((part, at) => {
    const isLast = at === parts.length - 1
    const said = { ...open, content: { role: 'model', parts: [part] } }
    return [
      undefined,
      { ...body, candidates: [isLast ? { ...said, finishReason: finishReason ?? null } : said] },
    ]
  })
}

function cohereFrames(body: JsonObject): readonly Frame[] {
  const frames: Frame[] = [
    [
      'message-start',
      { type: 'message-start', id: body['id'] ?? null, delta: { message: { role: 'assistant' } } },
    ],
  ]
  membersOf(objectOf(body['message'])['content']).forEach((part, index) => {
    const type = textOf(part['type'])
    const about = (name: string, content?: JsonObject): Frame => [
      name,
      { type: name, index, ...(content ? { delta: { message: { content } } } : {}) },
    ]
    frames.push(about('content-start', { type, [type]: '' }))
    for (const piece of halves(textOf(part[type]))) frames.push(about('content-delta', { [type]: piece }))
    frames.push(about('content-end'))
  })
  const delta = { finish_reason: body['finish_reason'] ?? null, usage: body['usage'] ?? null }
  return [...frames, ['message-end', { type: 'message-end', delta }]]
}

function anthropicFrames(body: JsonObject): readonly Frame[] {
  const { content, stop_reason, usage, ...rest } = body
  const named = (data: JsonObject): Frame => [textOf(data['type']), data]
  const counted = objectOf(usage)
  const start = {
    ...rest,
    content: [],
    stop_reason: null,
    usage: { ...counted, output_tokens: 1 },
  } as JsonObject
  const blocks = membersOf(content).flatMap((block, index) => [
    named({ type: 'content_block_start', index, content_block: { ...block, input: {} } }),
    ...halves(JSON.stringify(block['input'])).map((partial_json) =>
      named({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json } }),
    ),
    named({ type: 'content_block_stop', index }),
  ])
  return [
    named({ type: 'message_start', message: start }),
    ...blocks,
    named({
      type: 'message_delta',
      delta: { stop_reason: stop_reason ?? null, stop_sequence: null },
      usage: counted,
    }),
    named({ type: 'message_stop' }),
  ]
}

function responsesFrames(body: JsonObject): readonly Frame[] {
  const opened = { ...body, status: 'in_progress', output: [], usage: null } as JsonObject
  const events: JsonObject[] = [
    { type: 'response.created', response: opened },
    { type: 'response.in_progress', response: opened },
    ...membersOf(body['output']).flatMap(itemEvents),
    { type: 'response.completed', response: body },
  ]
  return events.map((event, sequence_number) => [textOf(event['type']), { ...event, sequence_number }])
}

function itemEvents(item: JsonObject, output_index: number): readonly JsonObject[] {
  const at = { output_index, item_id: item['id'] ?? null }
  return [
    { type: 'response.output_item.added', output_index, item: openedItem(item) },
    ...(item['type'] === 'function_call' ? argumentEvents(item, at) : []),
    ...membersOf(item['summary']).flatMap((part, index) =>
      summaryEvents(part, { ...at, summary_index: index }),
    ),
    ...membersOf(item['content']).flatMap((part, index) => textEvents(part, { ...at, content_index: index })),
    { type: 'response.output_item.done', output_index, item },
  ]
}

function openedItem(item: JsonObject): JsonObject {
  const emptied = { arguments: '', summary: [], content: [] } as const
  const members = Object.entries(emptied).filter(([name]) => item[name] !== undefined)
  return { ...item, ...Object.fromEntries(members), status: 'in_progress' }
}

function argumentEvents(item: JsonObject, at: JsonObject): readonly JsonObject[] {
  const whole = textOf(item['arguments'])
  const name = 'response.function_call_arguments'
  return [
    ...halves(whole).map((delta) => ({ type: `${name}.delta`, ...at, delta })),
    { type: `${name}.done`, ...at, arguments: whole },
  ]
}

function summaryEvents(part: JsonObject, at: JsonObject): readonly JsonObject[] {
  const text = textOf(part['text'])
  const name = 'response.reasoning_summary'
  return [
    { type: `${name}_part.added`, ...at, part: { ...part, text: '' } },
    ...halves(text).map((delta) => ({ type: `${name}_text.delta`, ...at, delta })),
    { type: `${name}_text.done`, ...at, text },
    { type: `${name}_part.done`, ...at, part },
  ]
}

function textEvents(part: JsonObject, at: JsonObject): readonly JsonObject[] {
  const text = textOf(part['text'])
  return [
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ...halves(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...at, text, logprobs: [] },
    { type: 'response.content_part.done', ...at, part },
  ]
}

function halves(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '')
}
