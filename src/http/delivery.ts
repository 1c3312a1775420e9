/** Handing out an answer: whole, or piece by piece until its end, its break or its reader's leaving. */
import type { ServerResponse } from 'node:http'
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatAnswer } from '#core/domain/answer.ts'
import type { Leaving } from '#core/domain/leave-signal.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { EventFlow, Receipt, Reply } from '#core/gateway/asked.ts'
import type { DoorState } from '#http/door-state.ts'
import type { Exchange } from '#http/exchange.ts'
import { logFailure } from '#http/failure-log.ts'
import type { ReadRequest } from '#http/inference.ts'
import type { DoorLog } from '#http/ports.ts'
import { addReceipt } from '#http/receipt-headers.ts'
import type { FlatHeaders } from '#http/receipt-headers.ts'
import { eventsOf } from '#http/stream-form.ts'
import type { StreamForm } from '#http/stream-form.ts'
import type { StreamOut, StreamOuts } from '#http/stream-out.ts'

export interface Delivery {
  whole(exchange: Exchange, wanted: ReadRequest, reply: Reply): Soon<void>
  /** Throws the Problem of an answer that broke before anything of it was sent. */
  stream(exchange: Exchange, wanted: ReadRequest, reply: Reply, leaving: Leaving): Promise<void>
}

export function createDelivery(log: DoorLog, state: DoorState, streams: StreamOuts): Delivery {
  return {
    whole({ response }, wanted, reply) {
      const { receipt } = reply
      const send = (bytes: Uint8Array) => {
        const headers = ownHeaders(wanted, receipt)
        sendWhole(response, bytes, { receipt, headers, isLeaving: state.isLeaving })
        streams.awaitEnd(response)
      }
      const finish = (answer: ChatAnswer): Soon<void> => {
        const written = wanted.writeWhole(answer, receipt)
        return wanted.keeping ? wanted.keeping.whole(written).then(send) : send(written)
      }
      return reply.kind === 'whole' ? finish(reply.answer) : folded(reply.events).then(finish)
    },

    async stream({ response }, wanted, reply, leaving) {
      const form = wanted.openForm()
      const onStall = () => leaving.abort(new Problem('reader_stalled'))
      const { receipt } = reply
      const events = reply.kind === 'stream' ? reply.events : flowOfWhole(reply.answer)
      let out: StreamOut | undefined
      const begin = () => {
        const headers = streamHeaders(form, receipt, state.isLeaving)
        const own = ownHeaders(wanted, receipt)
        if (own) headers.push(...own)
        response.writeHead(200, headers)
        return streams.open(response, { heartbeat: form.heartbeat, onStall })
      }
      try {
        for (let step = await events.next(); step.done !== true; step = await events.next()) {
          const piece = form.batch(step.value, receipt)
          if (piece !== undefined && piece.length > 0) {
            const kept = wanted.keeping ? await wanted.keeping.piece(piece) : piece
            out ??= begin()
            await out.write(kept)
          }
          if (response.destroyed) return
        }
        if (response.destroyed) return
        const ending = form.end(receipt)
        const kept = wanted.keeping && ending !== '' ? await wanted.keeping.piece(ending) : ending
        out ??= begin()
        out.end(kept)
      } catch (thrown) {
        const problem = toProblem(thrown)
        if (!out) throw problem
        logFailure(log, problem, receipt.requestId)
        out.breakOff(form.fail(problem, receipt.requestId))
      } finally {
        // Does nothing after the end; before it, the provider is told to stop.
        await events.return?.()
      }
    },
  }
}

function ownHeaders({ headers }: ReadRequest, receipt: Receipt): FlatHeaders | undefined {
  return typeof headers === 'function' ? headers(receipt) : headers
}

export interface WholeTerms {
  readonly receipt: Receipt
  /** Names and values by turns, beside the usual ones. */
  readonly headers: FlatHeaders | undefined
  readonly isLeaving: boolean
}

/** Sends a whole JSON answer with everything that its receipt says. */
export function sendWhole(response: ServerResponse, bytes: Uint8Array, terms: WholeTerms): void {
  const headers: FlatHeaders = ['content-type', 'application/json', 'content-length', String(bytes.length)]
  addReceipt(headers, terms.receipt, true)
  if (terms.headers) headers.push(...terms.headers)
  if (terms.isLeaving) headers.push('connection', 'close')
  response.writeHead(200, headers)
  if (bytes.length > oneStringBytesMax) response.end(bytes)
  else response.end(latin1Of(bytes), 'latin1')
}

/** Up to here head and body go out as one string, which costs less than two pieces in one write. */
const oneStringBytesMax = 16_384

/** A character for each byte, which the encoding of the same name turns back into these bytes. */
const latin1Of = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('latin1')

function streamHeaders(form: StreamForm, receipt: Receipt, isLeaving: boolean): FlatHeaders {
  const headers: FlatHeaders = [
    'content-type',
    form.contentType,
    'cache-control',
    'no-cache, no-transform',
    'x-accel-buffering',
    'no',
    'x-content-type-options',
    'nosniff',
  ]
  addReceipt(headers, receipt, false)
  if (isLeaving) headers.push('connection', 'close')
  return headers
}

async function folded(events: EventFlow): Promise<ChatAnswer> {
  const builder = createAnswerBuilder()
  for await (const batch of events) for (const event of batch) builder.add(event)
  return builder.build()
}

function flowOfWhole(answer: ChatAnswer): EventFlow {
  async function* flow() {
    yield await Promise.resolve(eventsOf(answer))
  }
  return flow()
}
