/** HTTP as bytes on a socket, for what no client library would send. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Lets timers and sockets have their turn. */
export const nextTurn = () => wait(10)

export interface Later {
  readonly next: string
  readonly after: PromiseWithResolvers<undefined>
}

/**
 * Sends bytes as they are and returns everything that came back (latin1) until the end, or until a text has been seen.
 * With `Later`, more is sent on the same socket after a moment.
 */
export async function rawHttp(port: number, bytes: string, until: string | Later = ''): Promise<string> {
  const enough = typeof until === 'string' && until !== '' ? until : undefined
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (enough !== undefined && text.includes(enough)) socket.destroy()
  })
  socket.on('error', () => undefined)
  socket.write(bytes)
  if (typeof until === 'object') {
    await until.after.promise
    socket.write(until.next)
  }
  await once(socket, 'close')
  return text
}
