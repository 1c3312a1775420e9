/** Hears an answer as an application of OpenAI's chat completions does: through the official client, at its strictest. */
import OpenAI from 'openai'
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'

import type { FinishReason } from '../../src/core/domain/answer.ts'
import { asArray, asObject, asString, parseJson } from '../../src/core/domain/json.ts'
import type { JsonObject, JsonValue } from '../../src/core/domain/json.ts'
import type { DoorReader, Heard, HeardAnswer } from './door-reader.ts'
import { heardFailure } from './openai-failure.ts'
import { thinkingTokens } from './thinking-tokens.ts'

export const chatReader: DoorReader = {
  dialect: 'openai-chat',
  async ask(address, { model, isStreamed }) {
    const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'sbx_good', maxRetries: 0 })
    return isStreamed ? hearStream(client, model) : hearWhole(client, model)
  },
}

const messages = [{ role: 'user', content: 'Say hello.' }] as const

async function hearWhole(client: OpenAI, model: string): Promise<Heard> {
  try {
    const completion = await client.chat.completions.create({ model, messages: [...messages] })
    return heardAnswer(completion, createExtensions([completion.choices[0]?.message]))
  } catch (thrown) {
    return heardFailure(thrown, '')
  }
}

/** The client's own accumulator must accept every chunk; what it does not know is gathered beside it. */
async function hearStream(client: OpenAI, model: string): Promise<Heard> {
  const deltas: unknown[] = []
  let textBefore = ''
  try {
    const stream = client.chat.completions.stream({
      model,
      messages: [...messages],
      stream_options: { include_usage: true },
    })
    stream.on('chunk', (chunk: ChatCompletionChunk) => {
      const first = chunk.choices.find((choice) => choice.index === 0)
      if (first?.delta) deltas.push(first.delta)
      textBefore += first?.delta?.content ?? ''
    })
    const completion = await stream.finalChatCompletion()
    return heardAnswer(completion, createExtensions(deltas))
  } catch (thrown) {
    return heardFailure(thrown, textBefore)
  }
}

/** The members that the official client has no type for, out of one message or the deltas of one. */
interface Extensions {
  readonly reasoning: string
  readonly carried: readonly string[]
}

function createExtensions(pieces: readonly unknown[]): Extensions {
  let plain = ''
  let detailed = ''
  const carried: string[] = []
  /** Of a streamed call the last word about its tokens counts, as it does for the client. */
  const extras = new Map<JsonValue | undefined, JsonObject>()
  for (const [number, piece] of pieces.entries()) {
    const members = asObject(piece) ?? {}
    plain += asString(members['reasoning_content']) ?? asString(members['reasoning']) ?? ''
    for (const value of asArray(members['reasoning_details'])) {
      const detail = asObject(value) ?? {}
      detailed += asString(detail['text']) ?? asString(detail['summary']) ?? ''
      const token = asString(detail['signature']) ?? asString(detail['data'])
      if (token) carried.push(...thinkingTokens(token))
    }
    for (const [place, call] of asArray(members['tool_calls']).entries()) {
      const { index = `${number}/${place}`, extra_content: extra } = asObject(call) ?? {}
      if (asObject(extra)) extras.set(index, asObject(extra) ?? {})
    }
  }
  for (const extra of extras.values()) {
    const token = asString(asObject(extra['google'])?.['thought_signature'])
    const others = asString(asObject(extra['signalbox'])?.['carried'])
    carried.push(...(token ? [token] : []), ...(others ? thinkingTokens(others) : []))
  }
  // The plain member repeats the text of the details.
  return { reasoning: plain === '' ? detailed : plain, carried }
}

function heardAnswer(completion: ChatCompletion, extensions: Extensions): HeardAnswer {
  const choice = completion.choices.find(({ index }) => index === 0)
  const { usage } = completion
  return {
    kind: 'answer',
    text: choice?.message.content ?? '',
    refusal: choice?.message.refusal ?? '',
    ...extensions,
    calls: (choice?.message.tool_calls ?? []).map(heardCall),
    finish: finishOf(choice?.finish_reason),
    usage: {
      inputTokens: usage?.prompt_tokens,
      outputTokens: usage?.completion_tokens,
      cachedInputTokens: usage?.prompt_tokens_details?.cached_tokens,
      reasoningTokens: usage?.completion_tokens_details?.reasoning_tokens,
    },
  }
}

type WireCall = NonNullable<ChatCompletion['choices'][number]['message']['tool_calls']>[number]

function heardCall(call: WireCall): HeardAnswer['calls'][number] {
  if (call.type === 'custom') return { id: call.id, name: call.custom.name, input: call.custom.input }
  const input: JsonValue = parseJson(call.function.arguments) ?? call.function.arguments
  return { id: call.id, name: call.function.name, input }
}

const finishWords: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  error: 'error',
}

function finishOf(word: string | undefined): FinishReason {
  return finishWords[word ?? ''] ?? 'other'
}
