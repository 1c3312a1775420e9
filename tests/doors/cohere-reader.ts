/** Hears an answer as an application of Cohere's Chat API does: through the official client. */
import { CohereClientV2, CohereError } from 'cohere-ai'

import type { FinishReason } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import { asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import { readCarriedToken } from '#http/carried-token.ts'
import { gatherMessage } from './cohere-message.ts'
import type { GatheredMessage } from './cohere-message.ts'
import type { DoorReader, Heard, HeardAnswer, HeardFailure } from './door-reader.ts'

export const cohereReader: DoorReader = {
  dialect: 'cohere-chat',
  async ask(address, { model, isStreamed }) {
    const client = new CohereClientV2({ token: 'sbx_good', environment: address, maxRetries: 0 })
    return isStreamed ? hearStream(client, model) : hearWhole(client, model)
  },
}

const question = (model: string) => ({ model, messages: [{ role: 'user' as const, content: 'Say hello.' }] })

async function hearWhole(client: CohereClientV2, model: string): Promise<Heard> {
  try {
    const { message, finishReason, usage } = await client.chat(question(model))
    return heardAnswer({
      content: message.content ?? [],
      calls: message.toolCalls ?? [],
      plan: message.toolPlan ?? '',
      finish: finishReason,
      usage,
    })
  } catch (thrown) {
    return heardFailure(thrown, '')
  }
}

async function hearStream(client: CohereClientV2, model: string): Promise<Heard> {
  const gathering = gatherMessage()
  try {
    for await (const event of await client.chatStream(question(model))) gathering.add(event)
  } catch (thrown) {
    return heardFailure(thrown, gathering.text())
  }
  const message = gathering.message()
  const fault = gathering.fault()
  if (fault === undefined) return heardAnswer(message)
  const textBefore = gathering.text()
  return { kind: 'failure', status: undefined, word: message.finish ?? 'no end', message: fault, textBefore }
}

function heardAnswer({ content, calls, plan, finish, usage }: GatheredMessage): HeardAnswer {
  let text = ''
  let refusal = ''
  let reasoning = ''
  const carried: string[] = []
  for (const item of content) {
    const block = asObject(item) ?? {}
    const said = asString(block['text']) ?? ''
    if (block['is_refusal'] === true) refusal += said
    else text += said
    reasoning += asString(block['thinking']) ?? ''
    carried.push(...tokensIn(block['carried']))
  }
  for (const call of calls) carried.push(...tokensIn(asObject(call)?.['carried']))
  return {
    kind: 'answer',
    text,
    refusal,
    // The plan before tool calls is thinking that is shown, in a place of its own.
    reasoning: reasoning + plan,
    carried,
    calls: calls.map(({ id, function: called }) => {
      const written = called?.arguments ?? ''
      const input = written === '' || written === 'null' ? {} : (parseJson(written) ?? written)
      return { id, name: called?.name ?? '', input }
    }),
    finish: finishWords[finish ?? ''] ?? 'other',
    usage: {
      inputTokens: usage?.tokens?.inputTokens,
      outputTokens: usage?.tokens?.outputTokens,
      cachedInputTokens: usage?.cachedTokens,
      reasoningTokens: asNumber(asObject(usage?.tokens)?.['reasoning_tokens']),
    },
  }
}

const tokenKinds: readonly Carry['kind'][] = ['signature', 'thought_signature', 'encrypted', 'redacted']

function tokensIn(carried: unknown): readonly string[] {
  const carries = typeof carried === 'string' ? readCarriedToken(carried, 'carried') : undefined
  return (carries ?? []).filter(({ kind }) => tokenKinds.includes(kind)).map(({ value }) => value)
}

const finishWords: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR: 'error',
  TIMEOUT: 'error',
}

function heardFailure(thrown: unknown, textBefore: string): HeardFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const isOfApi = error instanceof CohereError
  return {
    kind: 'failure',
    status: isOfApi ? error.statusCode : undefined,
    word: error.constructor.name,
    message: (isOfApi ? asString(asObject(error.body)?.['message']) : undefined) ?? error.message,
    textBefore,
  }
}
