/** The open connections of the door: those that nobody uses are let go without losing a request that is on its way. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createCrowd, nowhere } from '#core/domain/crowd.ts'
import type { Member } from '#core/domain/crowd.ts'

export interface Connections {
  /**
   * Lets every connection go that carries no answer, once nothing has come on it for `quietMs`; from now on the others
   * too, so long after their answers.
   */
  letGo(quietMs: number): void
}

interface Connection extends Member {
  readonly socket: Socket
}

/** Zero would mean never. */
const leastQuietMs = 1

export function watchConnections(server: Server): Connections {
  const open = createCrowd<Connection>()
  server.on('connection', (socket) => {
    const connection: Connection = { socket, place: nowhere }
    open.add(connection)
    socket.once('close', () => open.remove(connection))
  })
  server.on('timeout', (socket: Socket) => closeUnlessSomethingCame(socket))
  // Node calls this when it stops listening and would close at once, with what waits unread.
  server.closeIdleConnections = () => undefined
  return {
    letGo(quietMs) {
      const timeoutMs = Math.max(leastQuietMs, quietMs)
      server.keepAliveTimeout = timeoutMs
      server.keepAliveTimeoutBuffer = 0
      open.each(({ socket }) => shorten(socket, timeoutMs))
    },
  }
}

/** Node gives a connection a time only between two requests, and none to one on which nothing ever came. */
function shorten(socket: Socket, timeoutMs: number): void {
  if ((socket.timeout ?? 0) > 0) socket.setTimeout(timeoutMs)
  else if (socket.bytesRead === 0) setTimeout(closeUnlessSomethingCame, timeoutMs, socket, 0)
}

/**
 * A timer is due before the loop reads what has arrived: on a busy instance a request may be waiting, and to close now
 * would answer it with a reset. After the next reading its bytes have been counted.
 */
function closeUnlessSomethingCame(socket: Socket, bytesRead = socket.bytesRead): void {
  setImmediate(() => {
    if (socket.bytesRead === bytesRead) socket.destroy()
  })
}
