/** The rows of Signalbox's own endpoints for asking. */
import { readGenerate, readGenerateStream } from '#http/generate/generate.ts'
import { generateAnswer, generateRequest } from '#http/generate/generate-schema.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function generateRoutes({ serveInference }: RouteParts): readonly RouteRow[] {
  const asks = { method: 'POST', permission: 'inference', shape: 'signalbox', body: generateRequest } as const
  return [
    {
      ...asks,
      path: '/v1/generate',
      summary: 'Answer a prompt or a conversation.',
      answer: { status: 200, schema: generateAnswer },
      serve: (exchange) => serveInference(exchange, readGenerate),
    },
    {
      ...asks,
      path: '/v1/generate/stream',
      summary:
        'The same, as it comes: bare text, or typed events (start, delta, reasoning, tool_call, usage, then done or error) when text/event-stream is accepted.',
      contentTypes: ['text/plain', 'text/event-stream'],
      serve: (exchange) => serveInference(exchange, readGenerateStream),
    },
  ]
}
