/** Registering the table: who asks is settled from the head, then the row serves, and every failure is answered. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '#core/domain/caller.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { Exchange } from '#http/exchange.ts'
import { anonymous } from '#http/exchange.ts'
import type { Answering, AnswerProblem } from '#http/listener.ts'
import { routeSchema } from '#http/openapi.ts'
import type { DoorPorts } from '#http/ports.ts'
import { createPeerReader, credentialOf, credentialOfGemini } from '#http/request-head.ts'
import { problemShapeOf } from '#http/routes.ts'
import type { RouteRow } from '#http/routes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the request is authenticated; public routes never are. */
    caller: Caller | null
    startedAtMs: number
  }
}

/** A route without a row would have no permission: registering one is an error of the program. */
export function guardRegistration(server: FastifyInstance, rows: readonly RouteRow[]): void {
  const known = new Set(rows.map(({ method, path }) => `${method} ${path}`))
  server.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) {
      if (known.has(`${name} ${url}`)) continue
      throw new Problem('internal_error', { detail: `${name} ${url} is not in the table of routes` })
    }
  })
}

export function registerRoutes(
  server: FastifyInstance,
  ports: Pick<DoorPorts, 'gateway' | 'clock' | 'settings'>,
  rows: readonly RouteRow[],
  answer: AnswerProblem,
): void {
  server.decorateRequest('caller', null)
  server.decorateRequest('startedAtMs', 0)
  // Bodies are read by the routes that want one, after everything that can be refused from the head alone.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, _payload, done) => done(null))
  // Schemas are for the reference here; each route checks with the same ones in its own time.
  server.setValidatorCompiler(() => () => true)
  server.setSerializerCompiler(() => JSON.stringify)

  const peerOf = createPeerReader(ports.settings.trustedPeers)
  for (const row of rows)
    registerRoute(server, row, { authenticate: authenticator(ports, row, peerOf), answer })
  server.setErrorHandler((error, request, reply) => {
    reply.hijack()
    answer(request.raw, reply.raw, { problem: toProblem(error), requestId: request.id })
  })
  server.setNotFoundHandler((request, reply) => {
    reply.hijack()
    answer(request.raw, reply.raw, { ...nothingThere(rows, request.raw), requestId: request.id })
  })
}

interface RouteMeans {
  readonly authenticate: Authenticate
  readonly answer: AnswerProblem
}

function registerRoute(server: FastifyInstance, row: RouteRow, { authenticate, answer }: RouteMeans): void {
  const fail = (request: FastifyRequest, reply: FastifyReply, thrown: unknown) => {
    const shape = problemShapeOf(row, request.headers)
    answer(request.raw, reply.raw, { problem: toProblem(thrown), requestId: request.id, shape })
  }
  server.route({
    method: row.method,
    url: row.path,
    schema: routeSchema(row),
    onRequest: (request, _reply, done) => authenticate(request, done),
    errorHandler: (error, request, reply) => {
      reply.hijack()
      fail(request, reply, error)
    },
    handler: (request, reply) => {
      reply.hijack()
      try {
        const served = row.serve(exchangeOf(request, reply))
        if (served) served.catch((thrown: unknown) => fail(request, reply, thrown))
      } catch (thrown) {
        fail(request, reply, thrown)
      }
    },
  })
}

const exchangeOf = (request: FastifyRequest, reply: FastifyReply): Exchange => ({
  request: request.raw,
  response: reply.raw,
  requestId: request.id,
  caller: request.caller ?? anonymous,
  startedAtMs: request.startedAtMs,
  params: request.params as Exchange['params'],
  query: request.query as Exchange['query'],
})

type Authenticate = (request: FastifyRequest, done: (problem?: Problem) => void) => void

/** Who asks, from the head alone. Runs without a promise where that is known at once. */
function authenticator(
  { gateway, clock }: Pick<DoorPorts, 'gateway' | 'clock'>,
  { permission, shape }: RouteRow,
  peerOf: (request: IncomingMessage) => string,
): Authenticate {
  return (request, done) => {
    request.startedAtMs = clock.monotonicMs()
    if (permission === 'public') {
      done()
      return
    }
    try {
      const peer = peerOf(request.raw)
      const credential =
        shape === 'gemini' ? credentialOfGemini(request.raw, peer) : credentialOf(request.headers, peer)
      const caller = gateway.authenticate(credential, permission)
      if (caller instanceof Promise) void enterLater(request, caller, done)
      else {
        request.caller = caller
        done()
      }
    } catch (thrown) {
      done(toProblem(thrown))
    }
  }
}

async function enterLater(
  request: FastifyRequest,
  caller: Promise<Caller>,
  done: (problem?: Problem) => void,
): Promise<void> {
  let refusal: Problem | undefined
  try {
    request.caller = await caller
  } catch (thrown) {
    refusal = toProblem(thrown)
  }
  done(refusal)
}

/** Nothing at the path, or something for other methods. */
function nothingThere(rows: readonly RouteRow[], request: IncomingMessage): Omit<Answering, 'requestId'> {
  const segments = (request.url ?? '').split('?', 1)[0]?.split('/') ?? []
  const here = rows.filter(({ path }) => isAt(path.split('/'), segments))
  const [first] = here
  if (!first) return { problem: new Problem('not_found') }
  const allow = here.map(({ method }) => method).join(', ')
  return {
    problem: new Problem('method_not_allowed', { facts: { allow } }),
    shape: problemShapeOf(first, request.headers),
    headers: { allow },
  }
}

function isAt(pattern: readonly string[], segments: readonly string[]): boolean {
  const hasRest = pattern.at(-1) === '*'
  if (hasRest ? segments.length < pattern.length : segments.length !== pattern.length) return false
  return pattern.every((part, index) => part === '*' || part.startsWith(':') || part === segments[index])
}
