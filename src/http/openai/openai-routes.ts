/** The rows of the OpenAI API. */
import { readChatCompletion } from '#http/openai/chat-completions.ts'
import { chatCompletion } from '#http/openai/chat-answer-schema.ts'
import { chatRequest } from '#http/openai/chat-schema.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function openaiRoutes({ serveInference }: RouteParts): readonly RouteRow[] {
  return [
    {
      method: 'POST',
      permission: 'inference',
      path: '/v1/chat/completions',
      shape: 'openai',
      summary: 'The OpenAI chat API, for every model.',
      body: chatRequest,
      answer: { status: 200, schema: chatCompletion },
      serve: (exchange) => serveInference(exchange, readChatCompletion),
    },
  ]
}
