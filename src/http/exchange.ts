/** One request at the door, with who asks, and the plain ways to answer it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '#core/domain/caller.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly caller: Caller
  /** When the head was read, by the monotonic clock. */
  readonly startedAtMs: number
  /** The variable parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
}

/** Nobody: what public routes are served to. */
export const anonymous: Caller = {
  tenantId: '',
  keyId: 'anonymous',
  role: 'user',
  permissions: new Set(['public']),
}

export interface PlainAnswer {
  readonly status?: number
  readonly contentType: string
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

export function sendText({ request, response, requestId }: Exchange, answer: PlainAnswer): void {
  const bytes = Buffer.from(answer.text)
  response.writeHead(answer.status ?? 200, {
    'content-type': answer.contentType,
    'content-length': bytes.length,
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

export function sendJson(exchange: Exchange, value: unknown, status = 200): void {
  sendText(exchange, { status, contentType: 'application/json', text: JSON.stringify(value) })
}
