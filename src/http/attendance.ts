/** A request being attended to: its place among those in flight, its body read within limits, and its leaving noticed. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '#core/domain/caller.ts'
import { Leaving } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import { priorities } from '#core/domain/priority.ts'
import type { Priority } from '#core/domain/priority.ts'
import { createTurn } from '#core/domain/turn.ts'
import { readBody, requireJson } from '#http/body-reader.ts'
import type { DoorState } from '#http/door-state.ts'
import type { Exchange } from '#http/exchange.ts'
import { jsonBodyLimits, readJsonBody } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import type { DoorPorts, LoadPort } from '#http/ports.ts'

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
  readonly leaving: Leaving
  readonly priority: Priority
}

/** Throws what reading the body throws, `overloaded` and `invalid_value`; what `serve` throws passes through. */
export type Attend = (exchange: Exchange, serve: (attended: Attended) => Promise<void>) => Promise<void>

const retryWhenFullMs = 1_000

/** `itemsMax` bounds the commas of a body, where the usual bound is too low. */
export function createAttendance(
  { settings, clock, load }: Pick<DoorPorts, 'settings' | 'clock' | 'load'>,
  state: DoorState,
  itemsMax = jsonBodyLimits.itemsMax,
): Attend {
  const arrivals = createTurn()
  const limits = { ...jsonBodyLimits, depthMax: settings.bodyDepthMax, itemsMax }

  return async ({ request, response, requestId, caller, params, query }, serve) => {
    const priority = admitted(load, caller, { request, response })
    if (state.attended.size >= settings.requestsInFlightMax) {
      throw new Problem('overloaded', { retryAfterMs: retryWhenFullMs })
    }
    const leaving = new Leaving()
    state.attended.add(leaving)
    const onClose = () => {
      if (!response.writableFinished) leaving.abort()
    }
    response.on('close', onClose)
    try {
      requireJson(request)
      const bytes = await readBody(request, response, settings.bodyBytesMax, arrivals)
      const body = readJsonBody(bytes, limits)
      const head = { headers: request.headers, params, query, requestId, caller, nowMs: clock.nowMs() }
      await serve({ body, head, leaving, priority })
    } finally {
      state.attended.remove(leaving)
      response.off('close', onClose)
    }
  }
}

const priorityHeader = 'x-signalbox-priority'

/** From the head alone, so that a refusal costs no more than that. Tells the caller of a priority that it did not get. */
function admitted(
  load: LoadPort,
  caller: Caller,
  { request, response }: Pick<Exchange, 'request' | 'response'>,
): Priority {
  const stated = request.headers[priorityHeader]
  const wished = priorities.find((priority) => priority === stated)
  if (stated !== undefined && wished === undefined) {
    throw new Problem('invalid_value', {
      param: priorityHeader,
      detail: `${priorityHeader} must be one of ${priorities.join(', ')}.`,
    })
  }
  const priority = load.admit(caller, wished)
  if (wished !== undefined && wished !== priority) response.setHeader(priorityHeader, priority)
  return priority
}
