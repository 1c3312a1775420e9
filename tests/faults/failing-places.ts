/** Addresses at which the connection itself fails, each in its own way. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'

import { openBlackHole } from '#tests/faults/black-hole.ts'

/** Where a provider's address may lead; only at `double`, and with two keys at `pool`, does anybody answer. */
export const placeNames = [
  'double',
  'pool',
  'early-reset',
  'early-fin',
  'refused',
  'unknown-host',
  'black-hole',
  'reset-on-accept',
  'closed-on-accept',
  'tls-unvouched',
  'tls-plain',
  'tls-reset',
  'tls-silent',
] as const
export type PlaceName = (typeof placeNames)[number]

export interface FailingPlaces {
  /** The origin at each place; those of the double itself are not among them. */
  readonly origins: ReadonlyMap<PlaceName, string>
  /** Connections that are open at all of them. */
  openSockets(): number
  close(): Promise<void>
}

const certificate = (name: string) => readFileSync(join(import.meta.dirname, 'certificate', name))

export async function openFailingPlaces(): Promise<FailingPlaces> {
  const sockets = new Set<Socket>()
  const closers: Array<() => Promise<void>> = []
  const origins = new Map<PlaceName, string>([
    ['refused', `http://127.0.0.1:${await freedPort()}`],
    ['unknown-host', 'http://nobody.invalid'],
  ])
  const open = async (name: PlaceName, scheme: string, server: Server) => {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => sockets.delete(socket))
    })
    const port = await listening(server)
    origins.set(name, `${scheme}://127.0.0.1:${port}`)
    closers.push(() => closed(server, sockets))
  }
  const heard = (act: (socket: Socket) => void) => (socket: Socket) => socket.once('data', () => act(socket))
  await open(
    'reset-on-accept',
    'http',
    createServer((socket) => socket.resetAndDestroy()),
  )
  await open(
    'closed-on-accept',
    'http',
    createServer((socket) => socket.resume().end()),
  )
  await open(
    'tls-silent',
    'https',
    createServer((socket) => socket.resume()),
  )
  await open('tls-reset', 'https', createServer(heard((socket) => socket.resetAndDestroy())))
  await open(
    'tls-plain',
    'https',
    createServer(heard((socket) => socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'))),
  )
  const vouchedByNobody = { key: certificate('key.pem'), cert: certificate('certificate.pem') }
  const tls = createTlsServer(vouchedByNobody, (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
  tls.on('tlsClientError', () => {})
  await open('tls-unvouched', 'https', tls)
  const hole = await openBlackHole()
  origins.set('black-hole', `http://127.0.0.1:${hole.port}`)
  closers.push(() => hole.close())
  return {
    origins,
    openSockets: () => sockets.size,
    async close() {
      await Promise.all(closers.map((close) => close()))
    },
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
}

/** A port on which somebody listened a moment ago, and nobody does now. */
async function freedPort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await closed(server, new Set())
  return port
}
