/** Answers to bytes that are not a request: too large a head, too slow, or no HTTP at all. */
import type { Socket } from 'node:net'
import { Problem } from '#core/domain/problem.ts'
import { signalboxProblem } from '#http/problem-reply.ts'

const codes: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: new Problem('malformed_request', { detail: 'The head of the request is too large.' }),
  ERR_HTTP_REQUEST_TIMEOUT: new Problem('request_timeout'),
}
const malformed = new Problem('malformed_request')
const reasons: Readonly<Record<number, string>> = { 400: 'Bad Request', 408: 'Request Timeout' }

/** Node keeps the response that a socket is busy with here; writing into its middle would corrupt it. */
interface BusySocket {
  readonly _httpMessage?: { readonly headersSent: boolean } | null
}

export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  const busyWith = (socket as BusySocket)._httpMessage
  if (error.code === 'ECONNRESET' || !socket.writable || busyWith?.headersSent) {
    socket.destroy()
    return
  }
  const { status, body } = signalboxProblem(codes[error.code ?? ''] ?? malformed, '')
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  )
}
