/** An open answer stream towards a caller: back-pressure, signs of life while nothing comes, and an end to stalled readers. */
import type { ServerResponse } from 'node:http'

export interface StreamOut {
  /** Sends a piece. The promise, when there is one, must be awaited before the next: the reader is slower than the model. */
  write(piece: string | Uint8Array): Promise<void> | undefined
  /** A clean end, after a last piece when there is one. */
  end(closing: string): void
  /** Ends a broken answer with what tells of the break, or, where nothing can, by cutting the connection. */
  breakOff(closing: string | undefined): void
}

export interface StreamOuts {
  /** `heartbeat` is sent when nothing else was for a while; undefined where the form has no such thing. */
  open(response: ServerResponse, heartbeat: string | undefined): StreamOut
  /** How many are open. */
  count(): number
  /** Stops the shared clock; open streams go on without signs of life. */
  close(): void
}

interface OpenStream {
  readonly response: ServerResponse
  readonly heartbeat: string | undefined
  /** Ticks since anything was written, or since the reader stopped reading. */
  quietTicks: number
  isBlocked: boolean
}

const ticksPerHeartbeat = 3
/** A reader who takes nothing for this many heartbeats holds memory and a provider's connection for nobody. */
const heartbeatsUntilCut = 2

/** All streams share one interval; it runs while any is open. */
export function createStreamOuts(heartbeatMs: number): StreamOuts {
  const streams = new Set<OpenStream>()
  let interval: NodeJS.Timeout | undefined
  let isClosed = false

  const tick = () => {
    for (const stream of streams) beat(stream)
  }
  const leave = (stream: OpenStream) => {
    streams.delete(stream)
    if (streams.size > 0 || !interval) return
    clearInterval(interval)
    interval = undefined
  }

  return {
    count: () => streams.size,
    open(response, heartbeat) {
      const stream: OpenStream = { response, heartbeat, quietTicks: 0, isBlocked: false }
      streams.add(stream)
      if (!interval && !isClosed) interval = setInterval(tick, heartbeatMs / ticksPerHeartbeat).unref()
      response.once('close', () => leave(stream))
      return outOf(stream)
    },
    close() {
      isClosed = true
      if (interval) clearInterval(interval)
      interval = undefined
    },
  }
}

function beat(stream: OpenStream): void {
  stream.quietTicks++
  if (stream.isBlocked) {
    if (stream.quietTicks >= ticksPerHeartbeat * heartbeatsUntilCut) stream.response.destroy()
  } else if (stream.heartbeat !== undefined && stream.quietTicks >= ticksPerHeartbeat) {
    stream.quietTicks = 0
    stream.response.write(stream.heartbeat)
  }
}

function outOf(stream: OpenStream): StreamOut {
  const { response } = stream
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
      if (closing === '') response.end()
      else response.end(closing)
    },
    breakOff(closing) {
      if (closing !== undefined) response.end(closing)
      else if (response.chunkedEncoding) {
        // What was written still arrives, but never the chunk that would end it; a stalled reader is cut by the clock.
        // The turn's writes are gathered and go out at its end, so the closing waits for that.
        stream.isBlocked = true
        setImmediate(() => response.socket?.destroySoon())
      } else response.socket?.resetAndDestroy()
    },
  }
}
