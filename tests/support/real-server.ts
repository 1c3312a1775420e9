/** What starting a real server for a test takes, whatever it is. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const attemptsMax = 300
const pauseMs = 50

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until something listens. Throws when nothing does in time. */
export async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await sleep(pauseMs)
  }
  throw new Error(`no server came up on port ${port}`)
}
