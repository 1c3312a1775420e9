/**
 * A cheap double of an OpenAI-speaking provider: whole answers of 1,024 bytes, streams of 100 events, paced or
 * in one burst. Written on `node:net` with as little HTTP as works on loopback, so that it is never the limit.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import {
  chunkGapMs,
  chunksPerStream,
  nowMicros,
  readRequestMark,
  streamEnd,
  streamEvents,
  streamHead,
  timeLetters,
  wholeAnswer,
  writeLetters,
  type Kind,
} from './conversation.ts'

/** What a test makes the double do wrong, to prove that the load generator sees it. */
export type Fault = 'lost-event' | 'doubled-event' | 'swapped-events' | 'cut-stream' | 'wrong-number'

export type Upstream = {
  port: number
  /** Streams whose reader left before the end. */
  abandonedStreams: () => number
  close: () => Promise<void>
}

type PacedStream = { socket: Socket; next: number; dueMicros: number }

const tickMs = 1
const answer = wholeAnswer()
const events = streamEvents()
const end = streamEnd()
const burst = Buffer.concat([streamHead, ...events.map((event) => event.bytes), end])
const burstTimeOffsets = timeOffsetsIn(burst)

function timeOffsetsIn(bytes: Buffer): number[] {
  let start = streamHead.length
  return events.map((event) => {
    const offset = start + event.timeOffset
    start += event.bytes.length
    if (start > bytes.length) throw new Error('an event lies outside the burst')
    return offset
  })
}

function orderOfEvents(fault: Fault | undefined): number[] {
  const places = events.map((_, place) => place)
  if (fault === 'lost-event') places.splice(50, 1)
  if (fault === 'doubled-event') places.splice(50, 0, 49)
  if (fault === 'swapped-events') places.splice(50, 2, 51, 50)
  if (fault === 'cut-stream') places.length = 60
  return places
}

/** Answers one request on its socket. */
function createResponder(pacer: Pacer, fault: Fault | undefined) {
  const order = orderOfEvents(fault)

  function respondWhole(socket: Socket, number: Buffer): void {
    const bytes = Buffer.from(answer.bytes)
    if (fault !== 'wrong-number') number.copy(bytes, answer.numberOffset)
    socket.write(bytes)
  }

  function respondBurst(socket: Socket): void {
    if (fault) {
      socket.write(Buffer.concat([streamHead, ...order.map((place) => eventNow(place))]))
      socket.write(fault === 'cut-stream' ? '0\r\n\r\n' : end)
      return
    }
    const bytes = Buffer.from(burst)
    const first = burstTimeOffsets[0] ?? 0
    writeLetters(bytes, first, timeLetters, nowMicros())
    for (const offset of burstTimeOffsets) bytes.copy(bytes, offset, first, first + timeLetters)
    socket.write(bytes)
  }

  return (socket: Socket, kind: Kind, number: Buffer): void => {
    if (kind === 'whole') respondWhole(socket, number)
    else if (kind === 'burst') respondBurst(socket)
    else pacer.begin(socket)
  }
}

function eventNow(place: number): Buffer {
  const event = events[place]
  if (!event) throw new Error(`no event ${place}`)
  const bytes = Buffer.from(event.bytes)
  writeLetters(bytes, event.timeOffset, timeLetters, nowMicros())
  return bytes
}

type Pacer = {
  begin: (socket: Socket) => void
  abandon: (socket: Socket) => void
  abandoned: () => number
  close: () => void
}

/** Writes the events of every paced stream when they are due; one timer for all streams. */
function createPacer(): Pacer {
  const streams = new Map<Socket, PacedStream>()
  const gapMicros = chunkGapMs * 1000
  let timer: NodeJS.Timeout | undefined
  let abandoned = 0

  function writeDue(): void {
    const now = nowMicros()
    for (const stream of streams.values()) {
      if (stream.dueMicros > now) continue
      stream.dueMicros = Math.max(stream.dueMicros + gapMicros, now + gapMicros / 2)
      if (stream.next < chunksPerStream) {
        stream.socket.write(eventNow(stream.next++))
      } else {
        stream.socket.write(end)
        streams.delete(stream.socket)
      }
    }
    if (streams.size === 0) stopTimer()
  }

  function stopTimer(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    begin(socket) {
      socket.write(streamHead)
      streams.set(socket, { socket, next: 0, dueMicros: nowMicros() })
      timer ??= setInterval(writeDue, tickMs)
    },
    abandon(socket) {
      if (streams.delete(socket)) abandoned++
    },
    abandoned: () => abandoned,
    close: stopTimer,
  }
}

const headEnd = Buffer.from('\r\n\r\n')
const lastChunk = Buffer.from('0\r\n\r\n')

/** Length of the first whole request in `bytes` and its body; undefined while bytes are missing. */
function firstRequest(bytes: Buffer): { length: number; body: Buffer } | undefined {
  const headLength = bytes.indexOf(headEnd)
  if (headLength < 0) return undefined
  const bodyStart = headLength + headEnd.length
  const head = bytes.toString('latin1', 0, headLength)
  const declared = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  let length = bodyStart + Number(declared ?? 0)
  if (declared === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)) {
    const last = bytes.indexOf(lastChunk, bodyStart)
    if (last < 0) return undefined
    length = last + lastChunk.length
  }
  return bytes.length < length ? undefined : { length, body: bytes.subarray(bodyStart, length) }
}

/** Starts the double on a free loopback port, in this process. */
export async function startUpstream(fault?: Fault): Promise<Upstream> {
  const pacer = createPacer()
  const respond = createResponder(pacer, fault)
  const sockets = new Set<Socket>()

  const server = createServer({ noDelay: true }, (socket) => {
    let pending: Buffer | undefined
    sockets.add(socket)
    socket.on('data', (piece: Buffer) => {
      let bytes = pending ? Buffer.concat([pending, piece]) : piece
      for (let request = firstRequest(bytes); request; request = firstRequest(bytes)) {
        const mark = readRequestMark(request.body)
        if (mark) respond(socket, mark.kind, mark.number)
        else socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
        bytes = bytes.subarray(request.length)
      }
      pending = bytes.length > 0 ? bytes : undefined
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      pacer.abandon(socket)
    })
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    abandonedStreams: pacer.abandoned,
    close: async () => {
      pacer.close()
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}
