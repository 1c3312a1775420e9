/** The official Anthropic client at a house, and the two ways of asking it the same thing. */
import Anthropic from '@anthropic-ai/sdk'
import type { ClientOptions } from '@anthropic-ai/sdk'

export type Params = Anthropic.MessageCreateParamsNonStreaming

/** Without retries: each question is one request. */
export const clientOf = (address: string, options: ClientOptions = {}): Anthropic =>
  new Anthropic({ baseURL: address, apiKey: 'callers-own-text', maxRetries: 0, ...options })

/** The same message whole, or gathered by the client from its stream. */
export function ask(client: Anthropic, params: Params, isStreamed: boolean): Promise<Anthropic.Message> {
  return isStreamed ? client.messages.stream(params).finalMessage() : client.messages.create(params)
}

export const toolUses = (message: Anthropic.Message): readonly Anthropic.ToolUseBlock[] =>
  message.content.filter((block) => block.type === 'tool_use')

export const textOf = (message: Anthropic.Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')

export const weatherTool: Anthropic.Tool = {
  name: 'weather',
  description: 'Gets the weather of a place.',
  input_schema: {
    type: 'object',
    properties: { latitude: { type: 'string' }, longitude: { type: 'string' } },
  },
}

/** The answer as it came, and a result for each of its calls: what an agent sends next. */
export function nextTurn(params: Params, answer: Anthropic.Message, result: string): Params {
  return {
    ...params,
    messages: [
      ...params.messages,
      { role: 'assistant', content: answer.content },
      {
        role: 'user',
        content: toolUses(answer).map(({ id }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: result,
        })),
      },
    ],
  }
}
