/** A request being attended to: its place among those in flight, its body read within limits, and its leaving noticed. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '#core/domain/caller.ts'
import { Problem } from '#core/domain/problem.ts'
import { readBody, requireJson } from '#http/body-reader.ts'
import type { DoorState } from '#http/door-state.ts'
import type { Exchange } from '#http/exchange.ts'
import { jsonBodyLimits, readJsonBody } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import type { DoorPorts } from '#http/ports.ts'

export interface SurfaceHead {
  readonly headers: IncomingHttpHeaders
  /** The variable parts of the path, decoded; `*` is its rest. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly requestId: string
  readonly caller: Caller
  readonly nowMs: number
}

export interface Attended {
  readonly body: JsonBody
  readonly head: SurfaceHead
  /** Aborted when the caller leaves before its answer is whole, or, with a Problem, when the gateway ends it. */
  readonly leaving: AbortController
}

/** Throws what reading the body throws, and `overloaded`; what `serve` throws passes through. */
export type Attend = (exchange: Exchange, serve: (attended: Attended) => Promise<void>) => Promise<void>

const retryWhenFullMs = 1_000

/** `itemsMax` bounds the commas of a body, where the usual bound is too low. */
export function createAttendance(
  { settings, clock }: Pick<DoorPorts, 'settings' | 'clock'>,
  state: DoorState,
  itemsMax = jsonBodyLimits.itemsMax,
): Attend {
  const limits = { ...jsonBodyLimits, depthMax: settings.bodyDepthMax, itemsMax }

  return async ({ request, response, requestId, caller, params, query }, serve) => {
    if (state.attended.size >= settings.requestsInFlightMax) {
      throw new Problem('overloaded', { retryAfterMs: retryWhenFullMs })
    }
    const leaving = new AbortController()
    state.attended.add(leaving)
    const onClose = () => {
      if (!response.writableFinished) leaving.abort()
    }
    response.once('close', onClose)
    try {
      requireJson(request)
      const body = readJsonBody(await readBody(request, response, settings.bodyBytesMax), limits)
      const head = { headers: request.headers, params, query, requestId, caller, nowMs: clock.nowMs() }
      await serve({ body, head, leaving })
    } finally {
      state.attended.delete(leaving)
      response.off('close', onClose)
    }
  }
}
