// A story as each API streams it: what opens the stream, each piece of text, and what ends it.
import type { Dialect } from '#core/domain/chat.ts'

export interface StoryFrames {
  readonly opening: string
  readonly piece: (text: string) => string
  /** `text`: all pieces together. */
  readonly ending: (text: string, usage: StoryUsage) => string
}

export interface StoryUsage {
  readonly input: number
  readonly output: number
}

export interface StoryWish {
  readonly id: string
  readonly model: string
  readonly isUsageWanted: boolean
}

const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`
const typed = (type: string, more: object) => `event: ${type}\n${data({ type, ...more })}`

function chat({ id, model, isUsageWanted }: StoryWish): StoryFrames {
  const chunk = (delta: object, finish_reason: string | null = null) =>
    data({
      id,
      object: 'chat.completion.chunk',
      created: 1_800_000_000,
      model,
      system_fingerprint: 'fp_1',
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(isUsageWanted ? { usage: null } : {}),
    })
  return {
    opening: chunk({ role: 'assistant', content: '', refusal: null }),
    piece: (content) => chunk({ content }),
    ending(_text, { input, output }) {
      const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
      const counted = {
        id,
        object: 'chat.completion.chunk',
        created: 1_800_000_000,
        model,
        choices: [],
        usage,
      }
      return `${chunk({}, 'stop')}${isUsageWanted ? data(counted) : ''}data: [DONE]\n\n`
    },
  }
}

function responses({ id, model }: StoryWish): StoryFrames {
  let number = 0
  const event = (type: string, more: object) => typed(type, { sequence_number: number++, ...more })
  const response = (status: string, output: readonly object[], usage: object | null) => ({
    id,
    object: 'response',
    created_at: 1_800_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    model,
    output,
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage,
  })
  const thought = { id: `rs_${id}`, type: 'reasoning', summary: [] }
  const message = (status: string, content: readonly object[]) => ({
    id: `msg_${id}`,
    type: 'message',
    status,
    content,
    role: 'assistant',
  })
  const part = (text: string) => ({ type: 'output_text', annotations: [], logprobs: [], text })
  const place = { item_id: `msg_${id}`, output_index: 1, content_index: 0 }
  return {
    opening: [
      event('response.created', { response: response('in_progress', [], null) }),
      event('response.in_progress', { response: response('in_progress', [], null) }),
      event('response.output_item.added', { output_index: 0, item: thought }),
      event('response.output_item.done', { output_index: 0, item: thought }),
      event('response.output_item.added', { output_index: 1, item: message('in_progress', []) }),
      event('response.content_part.added', { ...place, part: part('') }),
    ].join(''),
    piece: (delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] }),
    ending(text, { input, output }) {
      const whole = message('completed', [part(text)])
      const usage = {
        input_tokens: input,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: output,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: input + output,
      }
      return [
        event('response.output_text.done', { ...place, text, logprobs: [] }),
        event('response.content_part.done', { ...place, part: part(text) }),
        event('response.output_item.done', { output_index: 1, item: whole }),
        event('response.completed', { response: response('completed', [thought, whole], usage) }),
      ].join('')
    },
  }
}

function anthropic({ id, model }: StoryWish): StoryFrames {
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 50, output_tokens: 1 },
  }
  return {
    opening:
      typed('message_start', { message }) +
      typed('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
      typed('ping', {}),
    piece: (text) => typed('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    ending: (_text, { input, output }) =>
      typed('content_block_stop', { index: 0 }) +
      typed('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { input_tokens: input, output_tokens: output },
      }) +
      typed('message_stop', {}),
  }
}

function gemini({ id, model }: StoryWish): StoryFrames {
  const frame = (text: string, more: object, usage: object) =>
    data({
      candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...more }],
      usageMetadata: usage,
      modelVersion: model,
      responseId: id,
    }).replaceAll('\n', '\r\n')
  return {
    opening: '',
    piece: (text) => frame(text, {}, { promptTokenCount: 50, totalTokenCount: 50 }),
    ending: (_text, { input, output }) =>
      frame(
        '',
        { finishReason: 'STOP' },
        { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output },
      ),
  }
}

function cohere({ id }: StoryWish): StoryFrames {
  return {
    opening:
      typed('message-start', {
        id,
        delta: {
          message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] },
        },
      }) + typed('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
    piece: (text) => typed('content-delta', { index: 0, delta: { message: { content: { text } } } }),
    ending: (_text, { input, output }) =>
      typed('content-end', { index: 0 }) +
      typed('message-end', {
        delta: {
          finish_reason: 'COMPLETE',
          usage: {
            billed_units: { input_tokens: input, output_tokens: output },
            tokens: { input_tokens: input, output_tokens: output },
          },
        },
      }),
  }
}

export const storyFrames: Readonly<Record<Dialect, (wish: StoryWish) => StoryFrames>> = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': anthropic,
  'gemini-generate': gemini,
  'cohere-chat': cohere,
}
