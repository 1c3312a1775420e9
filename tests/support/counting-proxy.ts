/** A way to a server that counts the round trips that are made on it: each time something is sent after something came back. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface CountingProxy {
  readonly port: number
  /** Since the last `reset`. */
  roundTrips(): number
  /** How often a word was sent since the last `reset`. */
  sent(word: string): number
  reset(): void
  close(): Promise<void>
}

export async function startCountingProxy(serverPort: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>()
  let trips = 0
  let text = ''
  let isAnswered = true
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => {
      if (isAnswered) trips += 1
      isAnswered = false
      text += bytes.toString('latin1')
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      isAnswered = true
      client.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    roundTrips: () => trips,
    sent: (word) => text.split(word).length - 1,
    reset() {
      trips = 0
      text = ''
      isAnswered = true
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
