/** An inference request from its first body byte to the last byte of its answer, the same for every surface. */
import type { ChatAnswer } from '#core/domain/answer.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Asked, Receipt } from '#core/gateway/asked.ts'
import { createAttendance } from '#http/attendance.ts'
import type { SurfaceHead } from '#http/attendance.ts'
import type { Delivery } from '#http/delivery.ts'
import type { DoorState } from '#http/door-state.ts'
import type { Exchange } from '#http/exchange.ts'
import { readRepeatMark } from '#http/idempotency-key.ts'
import type { JsonBody } from '#http/json-body.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { FlatHeaders } from '#http/receipt-headers.ts'
import type { StreamForm } from '#http/stream-form.ts'

/** What a surface reads out of a request: everything of `Asked` that is its own to say. */
export interface ReadRequest {
  readonly asked: Omit<Asked, 'requestId' | 'mark' | 'startedAtMs' | 'signal' | 'priority'>
  /** How its answer is written when whole. */
  readonly writeWhole: (answer: ChatAnswer, receipt: Receipt) => Uint8Array
  /** A fresh form for its stream. */
  readonly openForm: () => StreamForm
  /** What becomes of the answer's bytes before they go out; undefined leaves them as they are. */
  readonly keeping?: AnswerKeeping
  /** Headers that the surface's own API sends with its answers, and what they say of this one. */
  readonly headers?: FlatHeaders | ((receipt: Receipt) => FlatHeaders)
}

/** An answer that is kept for later says so itself, and is there before its reader can come back for it. Never throws. */
export interface AnswerKeeping {
  whole(bytes: Uint8Array): Promise<Uint8Array>
  /** A piece of a stream, which begins and ends between events. */
  piece(piece: string | Uint8Array): Soon<string | Uint8Array>
}

/** Everything that differs from surface to surface. Throws a Problem for what is wrong with the request. */
export type ReadSurface = (body: JsonBody, head: SurfaceHead) => ReadRequest

/** Throws a Problem while nothing has been sent; afterwards a failure is told in the stream's own form. */
export type ServeInference = (
  exchange: Exchange,
  read: (body: JsonBody, head: SurfaceHead) => Soon<ReadRequest>,
) => Promise<void>

export function createInference(ports: DoorPorts, state: DoorState, delivery: Delivery): ServeInference {
  const { gateway } = ports
  const attend = createAttendance(ports, state)
  return (exchange, read) =>
    attend(exchange, async ({ body, head, leaving, priority }) => {
      const reading = read(body, head)
      const wanted = reading instanceof Promise ? await reading : reading
      const { requestId, startedAtMs } = exchange
      const mark = readRepeatMark(exchange, body)
      const asked = { ...wanted.asked, mark, requestId, startedAtMs, signal: leaving, priority }
      const reply = await gateway.ask(exchange.caller, asked)
      const isStreamed = wanted.asked.question.isStreamed
      const delivering = isStreamed
        ? delivery.stream(exchange, wanted, reply, leaving)
        : delivery.whole(exchange, wanted, reply)
      if (delivering instanceof Promise) await delivering
    })
}
