/** Hears an answer as an application of Anthropic's Messages API does: through the official client. */
import Anthropic, { APIError } from '@anthropic-ai/sdk'

import type { FinishReason } from '../../src/core/domain/answer.ts'
import type { Carry } from '../../src/core/domain/chat.ts'
import type { JsonValue } from '../../src/core/domain/json.ts'
import { readCarriedThinking } from '../../src/http/anthropic/carried-thinking.ts'
import type { DoorReader, Heard, HeardAnswer, HeardFailure } from './door-reader.ts'

export const anthropicReader: DoorReader = {
  dialect: 'anthropic-messages',
  async ask(address, { model, isStreamed }) {
    const client = new Anthropic({ baseURL: address, apiKey: 'sbx_good', maxRetries: 0 })
    return isStreamed ? hearStream(client, model) : hearWhole(client, model)
  },
}

const question = (model: string) => ({
  model,
  max_tokens: 4_096,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
})

async function hearWhole(client: Anthropic, model: string): Promise<Heard> {
  try {
    return heardAnswer(await client.messages.create(question(model)))
  } catch (thrown) {
    return heardFailure(thrown, '')
  }
}

/** The client's own accumulator must accept every event. */
async function hearStream(client: Anthropic, model: string): Promise<Heard> {
  let textBefore = ''
  try {
    const stream = client.messages.stream(question(model))
    stream.on('text', (text) => {
      textBefore += text
    })
    return heardAnswer(await stream.finalMessage())
  } catch (thrown) {
    return heardFailure(thrown, textBefore)
  }
}

function heardAnswer(message: Anthropic.Message): HeardAnswer {
  let text = ''
  let reasoning = ''
  const carried: string[] = []
  const calls: Array<HeardAnswer['calls'][number]> = []
  for (const block of message.content) {
    if (block.type === 'text') text += block.text
    if (block.type === 'tool_use') {
      calls.push({ id: block.id, name: block.name, input: block.input as JsonValue })
    }
    if (block.type === 'thinking') {
      reasoning += block.thinking
      carried.push(...tokensIn(block.signature))
    }
    if (block.type === 'redacted_thinking') carried.push(...tokensIn(block.data))
  }
  const { stop_details: details, usage } = message
  // A model that refuses says so as its text; a filter's reason is not the model's.
  const isRefusal = text !== '' && details?.explanation === text
  const cached = usage.cache_read_input_tokens ?? 0
  const written = usage.cache_creation_input_tokens ?? 0
  return {
    kind: 'answer',
    text: isRefusal ? '' : text,
    refusal: isRefusal ? text : '',
    reasoning,
    carried,
    calls,
    finish: isRefusal ? 'stop' : finishOf(message.stop_reason),
    usage: {
      inputTokens: usage.input_tokens + cached + written,
      outputTokens: usage.output_tokens,
      cachedInputTokens: usage.cache_read_input_tokens ?? undefined,
      reasoningTokens: usage.output_tokens_details?.thinking_tokens,
    },
  }
}

const tokenKinds: readonly Carry['kind'][] = ['signature', 'thought_signature', 'encrypted', 'redacted']

/** Anthropic's own token, or those of another provider that travel in its place. */
function tokensIn(token: string): readonly string[] {
  if (token === '') return []
  const read = readCarriedThinking(token, 'signature')
  if (!read) return [token]
  const carries = [
    ...read.own,
    ...read.before,
    ...read.calls.flatMap(({ carry }) => carry),
    ...read.parts.flatMap(({ carry }) => carry ?? []),
  ]
  return carries.filter(({ kind }) => tokenKinds.includes(kind)).map(({ value }) => value)
}

const finishWords: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
  pause_turn: 'pause',
  compaction: 'pause',
}

function finishOf(word: string | null): FinishReason {
  return finishWords[word ?? ''] ?? 'other'
}

function heardFailure(thrown: unknown, textBefore: string): HeardFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const isOfApi = error instanceof APIError
  const status: unknown = isOfApi ? error.status : undefined
  return {
    kind: 'failure',
    status: typeof status === 'number' ? status : undefined,
    word: (isOfApi ? error.type : undefined) ?? error.constructor.name,
    message: error.message,
    textBefore,
  }
}
