/** The rows of the Cohere API. */
import { chatReply } from '#http/cohere/chat-answer-schema.ts'
import { chatRequest } from '#http/cohere/chat-schema.ts'
import { readCohereChat } from '#http/cohere/chat.ts'
import { embedAnswer, embedRequest } from '#http/cohere/embed-schema.ts'
import { readCohereEmbed } from '#http/cohere/embed.ts'
import { rerankAnswer, rerankRequest } from '#http/cohere/rerank-schema.ts'
import { readCohereRerank } from '#http/cohere/rerank.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function cohereRoutes({ serveInference, serveErrand }: RouteParts): readonly RouteRow[] {
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
    {
      method: 'POST',
      permission: 'inference',
      path: '/v2/embed',
      shape: 'cohere',
      summary: 'The Cohere embeddings API, for every embedding model.',
      body: embedRequest,
      answer: { status: 200, schema: embedAnswer },
      serve: (exchange) => serveErrand(exchange, readCohereEmbed),
    },
    {
      method: 'POST',
      permission: 'inference',
      path: '/v2/rerank',
      shape: 'cohere',
      summary: 'The Cohere ranking API, for every model that ranks.',
      body: rerankRequest,
      answer: { status: 200, schema: rerankAnswer },
      serve: (exchange) => serveErrand(exchange, readCohereRerank),
    },
  ]
}
