/** The server itself: limits on heads, times and connections, and what is refused before any route is looked up. */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { Problem } from '#core/domain/problem.ts'
import { markWaiting } from '#http/body-reader.ts'
import { createCors } from '#http/cors.ts'
import type { DoorState } from '#http/door-state.ts'
import { logFailure } from '#http/failure-log.ts'
import type { DoorPorts, DoorSettings } from '#http/ports.ts'
import { replyWithProblem } from '#http/problem-reply.ts'
import type { ProblemShape } from '#http/problem-reply.ts'
import { isPlainPath, requestIdOf } from '#http/request-head.ts'

const maxHeaderBytes = 16_384
const requestsPerSocketMax = 1_000
/** What a connection keeps of an answer before its writer is made to wait. */
const unsentBytesMax = 16_384

/** Everything that passes the gate goes to `handle`. */
export function createListener(
  ports: Pick<DoorPorts, 'settings' | 'chance'>,
  answer: AnswerProblem,
  state: DoorState,
  handle: RequestListener,
): Server {
  const { settings } = ports
  const cors = createCors(settings.allowedOrigins)
  const listener: RequestListener = (request, response) => {
    if (state.isLeaving) response.shouldKeepAlive = false
    const problem = refusalOf(request, state)
    if (problem) {
      answer(request, response, { problem, requestId: requestIdOf(request.headers, ports.chance) })
    } else if (!cors(request, response)) handle(request, response)
  }
  const server = createServer(serverOptions(settings), listener)
  server.maxConnections = settings.connectionsMax
  server.maxRequestsPerSocket = requestsPerSocketMax
  server.on('checkContinue', (request, response) => {
    markWaiting(request)
    listener(request, response)
  })
  return server
}

function refusalOf(request: IncomingMessage, state: DoorState): Problem | undefined {
  if (state.isClosed) return new Problem('draining')
  if (isPlainPath(request.url ?? '')) return undefined
  return new Problem('malformed_request', { detail: 'The path of the request is not in its plain form.' })
}

const serverOptions = (settings: DoorSettings) => ({
  maxHeaderSize: maxHeaderBytes,
  headersTimeout: Math.min(settings.headersTimeoutMs, settings.requestTimeoutMs),
  requestTimeout: settings.requestTimeoutMs,
  keepAliveTimeout: settings.keepAliveTimeoutMs,
  connectionsCheckingInterval: 1_000,
  requireHostHeader: true,
  noDelay: true,
  highWaterMark: unsentBytesMax,
})

export interface Answering {
  readonly problem: Problem
  readonly requestId: string
  /** Undefined: by the path. */
  readonly shape?: ProblemShape
  readonly headers?: Readonly<Record<string, string>>
}
export type AnswerProblem = (request: IncomingMessage, response: ServerResponse, answering: Answering) => void

/** Writes problems in the shape of the API that was called; what nobody foresaw is logged, not shown. */
export function createProblemAnswerer({ log }: Pick<DoorPorts, 'log'>, state: DoorState): AnswerProblem {
  return (request, response, { problem, requestId, shape, headers }) => {
    logFailure(log, problem, requestId)
    replyWithProblem(request, response, {
      problem,
      requestId,
      shape: shape ?? shapeOf(request.url ?? ''),
      headers,
      isClosing: state.isLeaving,
    })
  }
}

/** For requests that reach no route: whose client would call there. First match wins. */
const shapesByPath: ReadonlyArray<readonly [pattern: RegExp, shape: ProblemShape]> = [
  [/^\/v1\/generate/, 'signalbox'],
  [/^\/v1\/messages/, 'anthropic'],
  [/^\/v1(?:alpha|beta)\//, 'gemini'],
  [/^\/v1\/models\/[^?]*:/, 'gemini'],
  [/^\/v1\//, 'openai'],
  [/^\/v2\//, 'cohere'],
]

function shapeOf(url: string): ProblemShape {
  return shapesByPath.find(([pattern]) => pattern.test(url))?.[1] ?? 'signalbox'
}
