/**
 * A cheap double of providers of every API: whole answers of 1,024 bytes, streams of 100 events, paced or in one
 * burst. Written on `node:net` with as little HTTP as works on loopback, so that it is never the limit.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import {
  chunkGapMs,
  chunksPerStream,
  nowMicros,
  readRequestMark,
  timeLetters,
  writeLetters,
  type Kind,
} from './conversation.ts'
import { voiceOf, voices, type Voice } from './voices.ts'

/** What a test makes the double do wrong, to prove that the load generator sees it. */
export type Fault = 'lost-event' | 'doubled-event' | 'swapped-events' | 'cut-stream' | 'wrong-number'

export type Upstream = {
  port: number
  /** Streams whose reader left before the end. */
  abandonedStreams: () => number
  close: () => Promise<void>
}

type PacedStream = { socket: Socket; script: Script; next: number; dueMicros: number }

/** Everything that is said in one API's form, written once. */
type Script = {
  voice: Voice
  answer: { bytes: Buffer; numberOffset: number }
  events: Array<{ bytes: Buffer; timeOffset: number }>
  end: Buffer
  burst: Buffer
  burstTimeOffsets: number[]
}

const tickMs = 1

function writeScript(voice: Voice): Script {
  const events = voice.streamEvents()
  const end = voice.streamEnd()
  const burst = Buffer.concat([voice.streamHead, ...events.map((event) => event.bytes), end])
  let start = voice.streamHead.length
  const burstTimeOffsets = events.map((event) => {
    const offset = start + event.timeOffset
    start += event.bytes.length
    if (start > burst.length) throw new Error('an event lies outside the burst')
    return offset
  })
  return { voice, answer: voice.wholeAnswer(), events, end, burst, burstTimeOffsets }
}

const scripts = voices.map(writeScript)
const usualScript = scripts.find(({ voice }) => voice === voiceOf('openai-chat'))

/** By the path that is asked; the dialect of chat completions unless another is known. */
function scriptAt(path: string): Script {
  const script = scripts.find(({ voice }) => voice.isAskedAt(path)) ?? usualScript
  if (!script) throw new Error('no script')
  return script
}

function orderOfEvents(fault: Fault | undefined): number[] {
  const places = Array.from({ length: chunksPerStream }, (_, place) => place)
  if (fault === 'lost-event') places.splice(50, 1)
  if (fault === 'doubled-event') places.splice(50, 0, 49)
  if (fault === 'swapped-events') places.splice(50, 2, 51, 50)
  if (fault === 'cut-stream') places.length = 60
  return places
}

/** Answers one request on its socket. */
function createResponder(pacer: Pacer, fault: Fault | undefined) {
  const order = orderOfEvents(fault)

  function respondWhole(socket: Socket, number: Buffer, { answer }: Script): void {
    const bytes = Buffer.from(answer.bytes)
    if (fault !== 'wrong-number') number.copy(bytes, answer.numberOffset)
    socket.write(bytes)
  }

  function respondBurst(socket: Socket, script: Script): void {
    const { voice, end, burst, burstTimeOffsets } = script
    if (fault) {
      socket.write(Buffer.concat([voice.streamHead, ...order.map((place) => eventNow(script, place))]))
      socket.write(fault === 'cut-stream' ? '0\r\n\r\n' : end)
      return
    }
    const bytes = Buffer.from(burst)
    const first = burstTimeOffsets[0] ?? 0
    writeLetters(bytes, first, timeLetters, nowMicros())
    for (const offset of burstTimeOffsets) bytes.copy(bytes, offset, first, first + timeLetters)
    socket.write(bytes)
  }

  return (socket: Socket, { kind, number }: { kind: Kind; number: Buffer }, script: Script): void => {
    if (kind === 'whole') respondWhole(socket, number, script)
    else if (kind === 'burst') respondBurst(socket, script)
    else pacer.begin(socket, script)
  }
}

function eventNow({ events }: Script, place: number): Buffer {
  const event = events[place]
  if (!event) throw new Error(`no event ${place}`)
  const bytes = Buffer.from(event.bytes)
  writeLetters(bytes, event.timeOffset, timeLetters, nowMicros())
  return bytes
}

type Pacer = {
  begin: (socket: Socket, script: Script) => void
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
        stream.socket.write(eventNow(stream.script, stream.next++))
      } else {
        stream.socket.write(stream.script.end)
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
    begin(socket, script) {
      socket.write(script.voice.streamHead)
      streams.set(socket, { socket, script, next: 0, dueMicros: nowMicros() })
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

type WholeRequest = { length: number; path: string; body: Buffer }

/** The first whole request in `bytes`; undefined while bytes are missing. */
function firstRequest(bytes: Buffer): WholeRequest | undefined {
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
  if (bytes.length < length) return undefined
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/'))
  return { length, path, body: bytes.subarray(bodyStart, length) }
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
        if (mark) respond(socket, mark, scriptAt(request.path))
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
