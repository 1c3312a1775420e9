/** Cross-origin requests from web pages: refused by default, answered for the origins that the operator names. */
import type { IncomingMessage, ServerResponse } from 'node:http'

const exposed =
  'x-request-id, retry-after, x-signalbox-provider, x-signalbox-model, x-signalbox-cost-usd, x-signalbox-repeat-of'

/** The returned function adds the headers, and returns true when it has answered a preflight itself. */
export function createCors(
  allowedOrigins: readonly string[],
): (request: IncomingMessage, response: ServerResponse) => boolean {
  if (allowedOrigins.length === 0) return () => false
  const allowed = new Set(allowedOrigins)
  const isAny = allowed.has('*')
  return (request, response) => {
    const { origin } = request.headers
    if (origin === undefined || !(isAny || allowed.has(origin))) return false
    response.setHeader('access-control-allow-origin', isAny ? '*' : origin)
    response.setHeader('access-control-expose-headers', exposed)
    if (!isAny) response.setHeader('vary', 'origin')
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
      return false
    response.writeHead(204, {
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
      'access-control-max-age': '600',
    })
    response.end()
    return true
  }
}
