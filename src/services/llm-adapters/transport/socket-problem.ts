/** What a broken socket means, in the catalogue's words. */
import { Problem } from '#core/domain/problem.ts'

/** An error of the socket, the resolver, TLS or the HTTP parser, as a Problem. `hasBegun`: the status line had come. */
export function problemOfSocket(error: Error, hasBegun: boolean): Problem {
  const isParserError = error.name === 'HTTPParserError'
  const code = codeOf(error)
  const facts = {
    // The parser's error carries the bytes that it could not read: perhaps an answer, which no log may see.
    cause: isParserError ? new Error(error.message) : error,
    ...(code === undefined ? {} : { upstreamCode: code }),
  }
  if (hasBegun) return new Problem('stream_cut', facts)
  if (isParserError || (code !== undefined && unreadable.has(code))) {
    return new Problem('provider_malformed', facts)
  }
  const detail = reachDetail(code)
  const phase = neverConnected.has(code ?? '') || isOfTls(code) ? { facts: { phase: 'connect' } } : {}
  return new Problem('provider_unreachable', { ...facts, ...phase, ...(detail ? { detail } : {}) })
}

/** Replies whose head contradicts itself or has no end, as undici names them. */
const unreadable: ReadonlySet<string> = new Set([
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_HEADERS_OVERFLOW',
])

/** Nothing was sent: there was no connection yet. */
const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function codeOf(error: Error): string | undefined {
  const { code } = error as Error & { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

function reachDetail(code: string | undefined): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return 'The provider refused the connection.'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return "The provider's name could not be resolved."
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'The provider did not accept the connection in time.'
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      return 'The provider closed the connection before it answered.'
    default:
      return isOfTls(code) ? "The provider's certificate is not valid." : undefined
  }
}

const isOfTls = (code: string | undefined): boolean =>
  code !== undefined && (code.includes('CERT') || code.startsWith('ERR_TLS'))
