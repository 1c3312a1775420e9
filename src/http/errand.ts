/** An errand's request from its first body byte to the last byte of its answer, the same for every surface. */
import type { ErrandAnswer, ErrandKind } from '#core/domain/errand.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { AskedErrand, Receipt } from '#core/gateway/asked.ts'
import { createAttendance } from '#http/attendance.ts'
import type { SurfaceHead } from '#http/attendance.ts'
import { sendWhole } from '#http/delivery.ts'
import type { DoorState } from '#http/door-state.ts'
import type { Exchange } from '#http/exchange.ts'
import { readRepeatMark } from '#http/idempotency-key.ts'
import type { JsonBody } from '#http/json-body.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { FlatHeaders } from '#http/receipt-headers.ts'

/** What a surface reads out of a request for an errand. */
export interface ErrandRequest<Kind extends ErrandKind> {
  readonly asked: Omit<AskedErrand<Kind>, 'requestId' | 'mark' | 'startedAtMs' | 'signal' | 'priority'>
  readonly write: (answer: ErrandAnswer<Kind>, receipt: Receipt) => Uint8Array
  /** Names and values by turns: headers that the surface's own API sends with its answers. */
  readonly headers?: (receipt: Receipt) => FlatHeaders
}

/** Everything that differs from surface to surface. Throws a Problem for what is wrong with the request. */
export type ReadErrand<Kind extends ErrandKind> = (body: JsonBody, head: SurfaceHead) => ErrandRequest<Kind>

/** Throws a Problem while nothing has been sent. */
export type ServeErrand = <Kind extends ErrandKind>(
  exchange: Exchange,
  read: (body: JsonBody, head: SurfaceHead) => Soon<ErrandRequest<Kind>>,
) => Promise<void>

/** OpenAI takes up to 300,000 tokens in one request for embeddings, and each may be a number of its own. */
const itemsMax = 400_000

const noHeaders = (): FlatHeaders => []

export function createErrands(ports: DoorPorts, state: DoorState): ServeErrand {
  const { gateway } = ports
  const attend = createAttendance(ports, state, itemsMax)
  return (exchange, read) =>
    attend(exchange, async ({ body, head, leaving, priority }) => {
      const { asked, write, headers = noHeaders } = await read(body, head)
      const { requestId, startedAtMs, response } = exchange
      const { answer, receipt } = await gateway.run(exchange.caller, {
        ...asked,
        mark: readRepeatMark(exchange, body),
        requestId,
        startedAtMs,
        signal: leaving,
        priority,
      })
      const isEstimate = 'isEstimated' in answer && answer.isEstimated
      sendWhole(response, write(answer, receipt), {
        receipt,
        headers: isEstimate ? [...headers(receipt), 'x-signalbox-estimated', 'true'] : headers(receipt),
        isLeaving: state.isLeaving,
      })
    })
}
