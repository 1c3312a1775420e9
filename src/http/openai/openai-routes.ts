/** The rows of the OpenAI API. */
import { readChatCompletion } from '#http/openai/chat-completions.ts'
import { chatCompletion } from '#http/openai/chat-answer-schema.ts'
import { chatRequest } from '#http/openai/chat-schema.ts'
import { readEmbeddings } from '#http/openai/embeddings.ts'
import { embeddingsAnswer, embeddingsRequest } from '#http/openai/embeddings-schema.ts'
import { responseAnswer } from '#http/openai/responses/response-answer-schema.ts'
import { responseRequest } from '#http/openai/responses/response-request-schema.ts'
import { readResponses } from '#http/openai/responses/responses.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function openaiRoutes({ serveInference, serveErrand }: RouteParts): readonly RouteRow[] {
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
    {
      method: 'POST',
      permission: 'inference',
      path: '/v1/responses',
      shape: 'openai',
      summary: 'The OpenAI Responses API, for every model.',
      body: responseRequest,
      answer: { status: 200, schema: responseAnswer },
      serve: (exchange) => serveInference(exchange, readResponses),
    },
    {
      method: 'POST',
      permission: 'inference',
      path: '/v1/embeddings',
      shape: 'openai',
      summary: 'The OpenAI embeddings API, for every embedding model.',
      body: embeddingsRequest,
      answer: { status: 200, schema: embeddingsAnswer },
      serve: (exchange) => serveErrand(exchange, readEmbeddings),
    },
  ]
}
