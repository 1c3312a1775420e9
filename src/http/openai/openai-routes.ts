/** The rows of the OpenAI API. */
import { readChatCompletion } from '#http/openai/chat-completions.ts'
import { chatCompletion } from '#http/openai/chat-answer-schema.ts'
import { chatRequest } from '#http/openai/chat-schema.ts'
import { readEmbeddings } from '#http/openai/embeddings.ts'
import { embeddingsAnswer, embeddingsRequest } from '#http/openai/embeddings-schema.ts'
import { moderationsAnswer, moderationsRequest } from '#http/openai/moderations-schema.ts'
import { readModerations } from '#http/openai/moderations.ts'
import { inputTokensAnswer, readInputTokens } from '#http/openai/responses/input-tokens.ts'
import { createKeptResponses } from '#http/openai/responses/kept-responses.ts'
import { responseAnswer } from '#http/openai/responses/response-answer-schema.ts'
import { responseRequest } from '#http/openai/responses/response-request-schema.ts'
import { readResponses } from '#http/openai/responses/responses.ts'
import { storedRoutes } from '#http/openai/responses/stored-routes.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function openaiRoutes(
  { serveInference, serveErrand }: RouteParts,
  { responses, settings }: Pick<DoorPorts, 'responses' | 'settings'>,
): readonly RouteRow[] {
  const kept = createKeptResponses(responses, settings.bodyBytesMax)
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
      serve: (exchange) => serveInference(exchange, responses.isOn() ? kept.read : readResponses),
    },
    {
      method: 'POST',
      permission: 'inference',
      path: '/v1/responses/input_tokens',
      shape: 'openai',
      summary: 'How many tokens a request to the Responses API counts as, for every model.',
      body: responseRequest,
      answer: { status: 200, schema: inputTokensAnswer },
      serve: (exchange) => serveErrand(exchange, responses.isOn() ? kept.readInputTokens : readInputTokens),
    },
    ...storedRoutes(responses),
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
    {
      method: 'POST',
      permission: 'inference',
      path: '/v1/moderations',
      shape: 'openai',
      summary: 'The OpenAI moderation API, for every model that judges content.',
      body: moderationsRequest,
      answer: { status: 200, schema: moderationsAnswer },
      serve: (exchange) => serveErrand(exchange, readModerations),
    },
  ]
}
