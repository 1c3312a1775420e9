/** The door: one HTTP server whose every route comes from the table, authenticated before a byte of its body is read. */
import fastify, { LogController } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { Problem } from '#core/domain/problem.ts'
import { answerClientError } from '#http/client-error.ts'
import { closeGently } from '#http/closing.ts'
import { watchConnections } from '#http/connections.ts'
import { createDelivery } from '#http/delivery.ts'
import { createDirectLane } from '#http/direct-lane.ts'
import type { DirectLane } from '#http/direct-lane.ts'
import { createDocs } from '#http/docs/docs-pages.ts'
import { createDoorState } from '#http/door-state.ts'
import { createErrands } from '#http/errand.ts'
import { createInference } from '#http/inference.ts'
import { createListener, createProblemAnswerer } from '#http/listener.ts'
import { registerOpenapi } from '#http/openapi.ts'
import type { DoorPorts } from '#http/ports.ts'
import { requestIdOf } from '#http/request-head.ts'
import { guardRegistration, registerRoutes } from '#http/route-registration.ts'
import { createRoutes } from '#http/routes.ts'
import { createStreamOuts } from '#http/stream-out.ts'

export interface Door {
  /** For `listen` and its address; routes are added in the table alone. */
  readonly server: FastifyInstance
  /** What is being answered at this moment. */
  counts(): { readonly requestsInFlight: number; readonly openStreams: number }
  /** Says `draining` on /readyz and closes each connection after its answer; still answers everything. */
  announceLeaving(): void
  /**
   * Takes no new connections and lets begun requests end, with what still comes on their connections. Those that have
   * not ended after `timeoutMs`, or once `hurry` is aborted, are ended with `draining`.
   */
  close(timeoutMs: number, hurry?: AbortSignal): Promise<void>
}

const pathParamCharactersMax = 256

export async function createDoor(ports: DoorPorts): Promise<Door> {
  const { settings, log } = ports
  const state = createDoorState()
  const streams = createStreamOuts({ heartbeatMs: settings.heartbeatMs, stallMs: settings.readerStallMs })
  const answer = createProblemAnswerer(ports, state)
  let lane: DirectLane = () => false
  const server = fastify({
    serverFactory: (handle) =>
      createListener(ports, answer, state, (request, response) => {
        if (!lane(request, response)) handle(request, response)
      }),
    genReqId: (request) => requestIdOf(request.headers, ports.chance),
    exposeHeadRoutes: false,
    // What comes on the connections of begun requests is answered; the listener refuses when the time is over.
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: pathParamCharactersMax },
    frameworkErrors: (_error, request, reply) => {
      reply.hijack()
      answer(request.raw, reply.raw, { problem: new Problem('malformed_request'), requestId: request.id })
    },
    clientErrorHandler: answerClientError,
  })
  const connections = watchConnections(server.server)
  const serveInference = createInference(ports, state, createDelivery(log, state, streams))
  const docs = createDocs(() => server.swagger())
  const serveErrand = createErrands(ports, state)
  const rows = createRoutes(ports, { serveInference, serveErrand, docs, state })
  lane = createDirectLane(rows, ports, answer)
  guardRegistration(server, rows)
  await registerOpenapi(server, settings.version)
  registerRoutes(server, ports, rows, answer)
  return {
    server,
    counts: () => ({ requestsInFlight: state.attended.size, openStreams: streams.count() }),
    announceLeaving() {
      state.isLeaving = true
    },
    async close(timeoutMs, hurry) {
      state.isLeaving = true
      await closeGently({
        server: server.server,
        connections,
        state,
        quietMs: settings.leaveQuietMs,
        stopListening: () => server.close(),
        timeoutMs,
        hurry,
      })
      streams.close()
    },
  }
}
