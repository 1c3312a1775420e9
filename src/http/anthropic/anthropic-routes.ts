/** The rows of the Anthropic API. */
import { messageAnswer } from '#http/anthropic/message-answer-schema.ts'
import { messageRequest } from '#http/anthropic/message-schema.ts'
import { readMessageRequest } from '#http/anthropic/create-message.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function anthropicRoutes({ serveInference }: RouteParts): readonly RouteRow[] {
  return [
    {
      method: 'POST',
      permission: 'inference',
      path: '/v1/messages',
      shape: 'anthropic',
      summary: 'The Anthropic Messages API, for every model.',
      body: messageRequest,
      answer: { status: 200, schema: messageAnswer },
      serve: (exchange) => serveInference(exchange, readMessageRequest),
    },
  ]
}
