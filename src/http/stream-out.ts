/** An open answer stream towards a caller: back-pressure, signs of life while nothing comes, and an end to stalled readers. */
import type { ServerResponse } from 'node:http'
import { createCrowd, nowhere } from '#core/domain/crowd.ts'
import type { Member } from '#core/domain/crowd.ts'

export interface StreamOut {
  /** Sends a piece. The promise, when there is one, must be awaited before the next: the reader is slower than the model. */
  write(piece: string | Uint8Array): Promise<void> | undefined
  /** A clean end, after a last piece when there is one. */
  end(closing: string | Uint8Array): void
  /** Ends a broken answer with what tells of the break, or, where nothing can, by cutting the connection. */
  breakOff(closing: string | undefined): void
}

export interface StreamOpening {
  /** Sent when nothing else was for a while; undefined where the form has no such thing. */
  readonly heartbeat: string | undefined
  /** Told before the connection of a reader is cut that took nothing for too long. */
  readonly onStall: () => void
}

export interface StreamOuts {
  open(response: ServerResponse, opening: StreamOpening): StreamOut
  /** Watches over an answer that was ended while its reader has not taken all of it. */
  awaitEnd(response: ServerResponse): void
  /** How many are open. */
  count(): number
  /** Stops the shared clock; open streams go on without signs of life. */
  close(): void
}

export interface StreamOutTimes {
  readonly heartbeatMs: number
  /** A reader who takes nothing for this long holds memory and a provider's connection for nobody. */
  readonly stallMs: number
}

interface OpenStream extends Member {
  readonly response: ServerResponse
  readonly opening: StreamOpening | undefined
  /** Ticks since anything was written, or since the reader stopped reading. */
  quietTicks: number
  isBlocked: boolean
}

/** How finely both times are kept. */
const ticksPerTime = 3

interface Ticks {
  readonly untilHeartbeat: number
  readonly untilCut: number
}

/** All streams share one interval; it runs while any is open. */
export function createStreamOuts({ heartbeatMs, stallMs }: StreamOutTimes): StreamOuts {
  const tickMs = Math.min(heartbeatMs, stallMs) / ticksPerTime
  const ticks = { untilHeartbeat: Math.ceil(heartbeatMs / tickMs), untilCut: Math.ceil(stallMs / tickMs) }
  const streams = createCrowd<OpenStream>()
  let endings = 0
  let interval: NodeJS.Timeout | undefined
  let isClosed = false

  const tick = () => {
    streams.each((stream) => beat(stream, ticks))
  }
  const leave = (stream: OpenStream) => {
    streams.remove(stream)
    if (!stream.opening) endings--
    if (streams.size > 0 || !interval) return
    clearInterval(interval)
    interval = undefined
  }
  const watch = (stream: OpenStream) => {
    streams.add(stream)
    if (!interval && !isClosed) interval = setInterval(tick, tickMs).unref()
    stream.response.once('close', () => leave(stream))
  }

  return {
    count: () => streams.size - endings,
    open(response, opening) {
      const stream: OpenStream = { response, opening, quietTicks: 0, isBlocked: false, place: nowhere }
      watch(stream)
      return outOf(stream)
    },
    awaitEnd(response) {
      if (response.writableLength === 0 || response.destroyed) return
      endings++
      watch({ response, opening: undefined, quietTicks: 0, isBlocked: true, place: nowhere })
    },
    close() {
      isClosed = true
      if (interval) clearInterval(interval)
      interval = undefined
    },
  }
}

function beat(stream: OpenStream, { untilHeartbeat, untilCut }: Ticks): void {
  const { response, opening } = stream
  stream.quietTicks++
  if (stream.isBlocked) {
    if (stream.quietTicks < untilCut) return
    opening?.onStall()
    response.destroy()
  } else if (opening?.heartbeat !== undefined && stream.quietTicks >= untilHeartbeat) {
    stream.quietTicks = 0
    response.write(opening.heartbeat)
  }
}

function outOf(stream: OpenStream): StreamOut {
  const { response } = stream
  /** From here on nothing more is written, and the reader has its time to take what was. */
  const lastWord = () => {
    stream.isBlocked = true
    stream.quietTicks = 0
  }
  return {
    write(piece) {
      stream.quietTicks = 0
      if (response.write(piece) || response.destroyed) return undefined
      stream.isBlocked = true
      return new Promise<void>((resolve) => {
        const go = () => {
          response.off('drain', go)
          response.off('close', go)
          stream.isBlocked = false
          stream.quietTicks = 0
          resolve()
        }
        response.on('drain', go)
        response.on('close', go)
      })
    },
    end(closing) {
      lastWord()
      if (closing.length === 0) response.end()
      else response.end(closing)
    },
    breakOff(closing) {
      lastWord()
      if (closing !== undefined) response.end(closing)
      else if (response.chunkedEncoding) {
        // What was written still arrives, but never the chunk that would end it; a stalled reader is cut by the clock.
        // The turn's writes are gathered and go out at its end, so the closing waits for that.
        setImmediate(() => response.socket?.destroySoon())
      } else response.socket?.resetAndDestroy()
    },
  }
}
