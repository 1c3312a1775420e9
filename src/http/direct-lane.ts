/** The direct lane: inference requests go straight from the table to their row, without a walk through the framework. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '#core/domain/caller.ts'
import { toProblem } from '#core/domain/problem.ts'
import type { AnswerProblem } from '#http/listener.ts'
import type { DoorPorts } from '#http/ports.ts'
import { createPeerReader, credentialOf, requestIdOf } from '#http/request-head.ts'
import { problemShapeOf } from '#http/routes.ts'
import type { RouteRow } from '#http/routes.ts'

/** Serves a request that belongs to the lane; false for every other, untouched. */
export type DirectLane = (request: IncomingMessage, response: ServerResponse) => boolean

const noParams = Object.freeze({})

/**
 * For rows of the table that answer questions at a fixed address. What such a request passes is the same as anywhere:
 * its row's permission, before a byte of its body is read. An address with a query takes the framework's way.
 */
export function createDirectLane(
  rows: readonly RouteRow[],
  { gateway, clock, chance, settings }: Pick<DoorPorts, 'gateway' | 'clock' | 'chance' | 'settings'>,
  answer: AnswerProblem,
): DirectLane {
  const laneRows = rows.filter(({ method, permission, path }) => isOfLane(method, permission, path))
  const byPath = new Map(laneRows.map((row) => [row.path, row]))
  const peerOf = createPeerReader(settings.trustedPeers)

  const serve = async (row: RouteRow, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAtMs = clock.monotonicMs()
    const requestId = requestIdOf(request.headers, chance)
    try {
      const known = gateway.authenticate(credentialOf(request.headers, peerOf(request)), row.permission)
      const caller: Caller = known instanceof Promise ? await known : known
      const exchange = {
        request,
        response,
        requestId,
        caller,
        startedAtMs,
        params: noParams,
        query: noParams,
      }
      await row.serve(exchange)
    } catch (thrown) {
      const shape = problemShapeOf(row, request.headers)
      answer(request, response, { problem: toProblem(thrown), requestId, shape })
    }
  }

  return (request, response) => {
    const row = request.method === 'POST' ? byPath.get(request.url ?? '') : undefined
    if (!row) return false
    void serve(row, request, response)
    return true
  }
}

function isOfLane(method: RouteRow['method'], permission: RouteRow['permission'], path: string): boolean {
  return method === 'POST' && permission === 'inference' && !path.includes(':')
}
