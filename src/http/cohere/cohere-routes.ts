/** The rows of the Cohere API. */
import { chatReply } from '#http/cohere/chat-answer-schema.ts'
import { chatRequest } from '#http/cohere/chat-schema.ts'
import { readCohereChat } from '#http/cohere/chat.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function cohereRoutes({ serveInference }: RouteParts): readonly RouteRow[] {
  return [
    {
      method: 'POST',
      permission: 'inference',
      path: '/v2/chat',
      shape: 'cohere',
      summary: 'The Cohere chat API, for every model.',
      body: chatRequest,
      answer: { status: 200, schema: chatReply },
      serve: (exchange) => serveInference(exchange, readCohereChat),
    },
  ]
}
