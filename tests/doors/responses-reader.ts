/** Hears an answer as an application of OpenAI's Responses does: through the official client, at its strictest. */
import OpenAI from 'openai'
import type { Response, ResponseOutputItem, ResponseStreamEvent } from 'openai/resources/responses/responses'

import type { FinishReason } from '../../src/core/domain/answer.ts'
import { parseJson } from '../../src/core/domain/json.ts'
import type { DoorReader, Heard, HeardAnswer } from './door-reader.ts'
import { heardFailure } from './openai-failure.ts'
import { thinkingTokens } from './thinking-tokens.ts'

export const responsesReader: DoorReader = {
  dialect: 'openai-responses',
  async ask(address, { model, isStreamed }) {
    const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'sbx_good', maxRetries: 0 })
    return isStreamed ? hearStream(client, model) : hearWhole(client, model)
  },
}

const input = 'Say hello.'

async function hearWhole(client: OpenAI, model: string): Promise<Heard> {
  try {
    return heardAnswer(await client.responses.create({ model, input }))
  } catch (thrown) {
    return heardFailure(thrown, '')
  }
}

/** The client's own accumulator must accept every event, and agree with the response that ends the stream. */
async function hearStream(client: OpenAI, model: string): Promise<Heard> {
  let textBefore = ''
  let last: ResponseStreamEvent | undefined
  try {
    const stream = client.responses.stream({ model, input })
    stream.on('event', (event) => {
      last = event
      if (event.type === 'response.output_text.delta') textBefore += event.delta
    })
    const response = await stream.finalResponse()
    if (last && 'response' in last) return heardAnswer(response)
    return heardFailure(new Error(`The stream ended with ${last?.type ?? 'nothing'}.`), textBefore)
  } catch (thrown) {
    return heardFailure(thrown, textBefore)
  }
}

function heardAnswer(response: Response): HeardAnswer {
  const { output, usage } = response
  const calls = output.flatMap(callsOf)
  return {
    kind: 'answer',
    text: response.output_text,
    refusal: output.map(refusalOf).join(''),
    reasoning: output.map(reasoningOf).join(''),
    carried: output.flatMap(carriedBy),
    calls,
    finish: finishOf(response, calls.length > 0),
    usage: {
      inputTokens: usage?.input_tokens,
      outputTokens: usage?.output_tokens,
      cachedInputTokens: usage?.input_tokens_details.cached_tokens,
      reasoningTokens: usage?.output_tokens_details.reasoning_tokens,
    },
  }
}

function refusalOf(item: ResponseOutputItem): string {
  if (item.type !== 'message') return ''
  return item.content.map((part) => (part.type === 'refusal' ? part.refusal : '')).join('')
}

function reasoningOf(item: ResponseOutputItem): string {
  if (item.type !== 'reasoning') return ''
  return [...item.summary, ...(item.content ?? [])].map(({ text }) => text).join('')
}

function carriedBy(item: ResponseOutputItem): readonly string[] {
  return item.type === 'reasoning' && item.encrypted_content ? thinkingTokens(item.encrypted_content) : []
}

function callsOf(item: ResponseOutputItem): HeardAnswer['calls'] {
  if (item.type === 'custom_tool_call') return [{ id: item.call_id, name: item.name, input: item.input }]
  if (item.type !== 'function_call') return []
  const given = parseJson(item.arguments) ?? item.arguments
  return [{ id: item.call_id, name: item.name, input: given }]
}

function finishOf({ status, incomplete_details: details }: Response, hasCalls: boolean): FinishReason {
  switch (status) {
    case 'completed':
      return hasCalls ? 'tool_calls' : 'stop'
    case 'incomplete':
      return details?.reason === 'content_filter' ? 'content_filter' : 'length'
    case 'failed':
      return 'error'
    case 'queued':
    case 'in_progress':
      return 'pause'
    default:
      return 'other'
  }
}
