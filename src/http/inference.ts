/** An inference request from its first body byte to the last byte of its answer, the same for every surface. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ChatAnswer } from '#core/domain/answer.ts'
import type { Caller } from '#core/domain/caller.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Asked, Receipt } from '#core/gateway/asked.ts'
import { readBody, requireJson } from '#http/body-reader.ts'
import type { Delivery } from '#http/delivery.ts'
import type { DoorState } from '#http/door-state.ts'
import type { Exchange } from '#http/exchange.ts'
import { jsonBodyLimits, readJsonBody } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { FlatHeaders } from '#http/receipt-headers.ts'
import type { StreamForm } from '#http/stream-form.ts'

/** What a surface reads out of a request: everything of `Asked` that is its own to say. */
export interface ReadRequest {
  readonly asked: Omit<Asked, 'requestId' | 'startedAtMs' | 'signal'>
  /** How its answer is written when whole. */
  readonly writeWhole: (answer: ChatAnswer, receipt: Receipt) => Uint8Array
  /** A fresh form for its stream. */
  readonly openForm: () => StreamForm
  /** Names and values by turns: headers that the surface's own API sends with its answers. */
  readonly headers?: FlatHeaders
}

/** Everything that differs from surface to surface. Throws a Problem for what is wrong with the request. */
export type ReadSurface = (body: JsonBody, head: SurfaceHead) => ReadRequest

export interface SurfaceHead {
  readonly headers: IncomingHttpHeaders
  /** The variable parts of the path, decoded; `*` is its rest. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly requestId: string
  readonly caller: Caller
  readonly nowMs: number
}

/** Throws a Problem while nothing has been sent; afterwards a failure is told in the stream's own form. */
export type ServeInference = (exchange: Exchange, read: ReadSurface) => Promise<void>

const retryWhenFullMs = 1_000

export function createInference(ports: DoorPorts, state: DoorState, delivery: Delivery): ServeInference {
  const { settings, gateway, clock } = ports
  const limits = { ...jsonBodyLimits, depthMax: settings.bodyDepthMax }

  return async (exchange, read) => {
    const { request, response, requestId, caller, startedAtMs, params, query } = exchange
    if (state.inFlight >= settings.requestsInFlightMax) {
      throw new Problem('overloaded', { retryAfterMs: retryWhenFullMs })
    }
    state.inFlight++
    const leaving = new AbortController()
    const onClose = () => {
      if (!response.writableFinished) leaving.abort()
    }
    response.once('close', onClose)
    try {
      requireJson(request)
      const body = readJsonBody(await readBody(request, response, settings.bodyBytesMax), limits)
      const wanted = read(body, {
        headers: request.headers,
        params,
        query,
        requestId,
        caller,
        nowMs: clock.nowMs(),
      })
      const reply = await gateway.ask(caller, {
        ...wanted.asked,
        requestId,
        startedAtMs,
        signal: leaving.signal,
      })
      if (wanted.asked.question.isStreamed) await delivery.stream(exchange, wanted, reply)
      else await delivery.whole(exchange, wanted, reply)
    } finally {
      state.inFlight--
      response.off('close', onClose)
    }
  }
}
