/** Reading a request body: measured against the limit before and while it comes, and never larger in memory. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '#core/domain/problem.ts'
import type { Turn } from '#core/domain/turn.ts'
import { readJsonBody } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'

const jsonContentType = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i

/**
 * Refuses every content type but JSON. A web page can send a form or plain text to a server on its visitor's own
 * machine without asking first, so those are never read as JSON, and neither is a body without a type.
 */
export function requireJson(request: IncomingMessage): void {
  const contentType = request.headers['content-type']
  if (contentType === undefined || !jsonContentType.test(contentType)) {
    throw new Problem('unsupported_content_type', {
      detail:
        contentType === undefined
          ? 'The request has no content-type header.'
          : 'The content-type of the request is not JSON.',
      param: 'content-type',
    })
  }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem('unsupported_content_type', {
      detail: 'Compressed request bodies are not accepted.',
      param: 'content-encoding',
      mend: 'Send the body without content-encoding.',
    })
  }
}

/** Requests that wait for `100 Continue` before they send their body. */
const waiting = new WeakSet<IncomingMessage>()

export function markWaiting(request: IncomingMessage): void {
  waiting.add(request)
}

/**
 * The whole body. Throws `body_too_large` (by the stated length before a byte is read, else as soon as the limit is
 * passed) and `caller_left` when the connection ends first. With `arrivals`, bodies that end in one turn of the event
 * loop are handed out together.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  bytesMax: number,
  arrivals?: Turn,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.reject(tooLarge(bytesMax))
  if (waiting.has(request)) response.writeContinue()
  return new Promise<Buffer>((resolve, reject) => {
    let first: Buffer | undefined
    let rest: Buffer[] | undefined
    let size = 0
    const stop = () => {
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('error', onError)
      request.off('close', onError)
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > bytesMax) {
        stop()
        reject(tooLarge(bytesMax))
      } else if (first === undefined) first = chunk
      else (rest ??= [first]).push(chunk)
    }
    const onEnd = () => {
      stop()
      const body = rest ? Buffer.concat(rest, size) : (first ?? Buffer.alloc(0))
      if (arrivals) arrivals.join(() => resolve(body))
      else resolve(body)
    }
    const onError = () => {
      stop()
      reject(new Problem('caller_left', { detail: 'The connection ended before the body was complete.' }))
    }
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('error', onError)
    request.on('close', onError)
  })
}

const tooLarge = (bytesMax: number) =>
  new Problem('body_too_large', {
    detail: `The request body is larger than ${bytesMax} bytes.`,
    facts: { limit_bytes: bytesMax },
  })

/** The whole body as one JSON object: for routes that are not in a hurry. Throws as its parts do. */
export async function readRequestJson(
  request: IncomingMessage,
  response: ServerResponse,
  bytesMax: number,
): Promise<JsonBody> {
  requireJson(request)
  return readJsonBody(await readBody(request, response, bytesMax))
}
