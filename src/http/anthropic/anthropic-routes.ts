/** The rows of the Anthropic API. */
import { countAnswer, countRequest, readMessageCount } from '#http/anthropic/count-tokens.ts'
import { messageAnswer } from '#http/anthropic/message-answer-schema.ts'
import { messageRequest } from '#http/anthropic/message-schema.ts'
import { readMessageRequest } from '#http/anthropic/create-message.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function anthropicRoutes({ serveInference, serveErrand }: RouteParts): readonly RouteRow[] {
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
    {
      method: 'POST',
      permission: 'inference',
      path: '/v1/messages/count_tokens',
      shape: 'anthropic',
      summary: 'How many tokens a request to the Messages API counts as, for every model.',
      body: countRequest,
      answer: { status: 200, schema: countAnswer },
      serve: (exchange) => serveErrand(exchange, readMessageCount),
    },
  ]
}
