/** Addresses at which the connection itself fails, each in its own way. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls'

import { openBlackHole } from '#tests/faults/black-hole.ts'

/**
 * Where a provider's address may lead. Somebody answers at `double`, with two keys at `pool`, with a second region at
 * `regions`, by deadlines of its own where the name says so, and over TLS at `tls-sound`.
 */
export const placeNames = [
  'double',
  'pool',
  'regions',
  'own-headers',
  'own-first-token',
  'own-idle',
  'own-total',
  'early-reset',
  'early-fin',
  'refused',
  'unknown-host',
  'black-hole',
  'reset-on-accept',
  'closed-on-accept',
  'tls-sound',
  'tls-unvouched',
  'tls-expired',
  'tls-other-name',
  'tls-plain',
  'tls-reset',
  'tls-silent',
] as const
export type PlaceName = (typeof placeNames)[number]

export interface FailingPlaces {
  /** The origin at each place; those of the double itself are not among them. */
  readonly origins: ReadonlyMap<PlaceName, string>
  /** Connections that are open at those where nobody answers. */
  openSockets(): number
  close(): Promise<void>
}

const certificate = (name: string) => readFileSync(join(import.meta.dirname, 'certificate', name))

/** `doublePort` is where the answers come from. */
export async function openFailingPlaces(doublePort: number): Promise<FailingPlaces> {
  trustAuthority()
  const sockets = new Set<Socket>()
  const answering = new Set<Socket>()
  const closers: Array<() => Promise<void>> = []
  const origins = new Map<PlaceName, string>([
    ['refused', `http://127.0.0.1:${await freedPort()}`],
    ['unknown-host', 'http://nobody.invalid'],
  ])
  const open = async (name: PlaceName, scheme: string, server: Server, path = '') => {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      if (name === 'tls-sound') answering.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => {
        sockets.delete(socket)
        answering.delete(socket)
      })
    })
    const port = await listening(server)
    origins.set(name, `${scheme}://127.0.0.1:${port}${path}`)
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
  for (const [name, papers] of Object.entries(tlsPapers)) {
    const isSound = name === 'tls-sound'
    const serve = isSound ? forwardTo(doublePort) : (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')
    const server = createTlsServer(papers, serve)
    server.on('tlsClientError', () => {})
    await open(name as PlaceName, 'https', server, isSound ? `/${name}` : '')
  }
  const hole = await openBlackHole()
  origins.set('black-hole', `http://127.0.0.1:${hole.port}`)
  closers.push(() => hole.close())
  return {
    origins,
    openSockets: () => sockets.size - answering.size,
    async close() {
      await Promise.all(closers.map((close) => close()))
    },
  }
}

const papersOf = (key: string, cert: string) => ({ key: certificate(key), cert: certificate(cert) })

/** The key and the certificate that are shown at each place. */
const tlsPapers = {
  'tls-sound': papersOf('vouched-key.pem', 'vouched.pem'),
  'tls-unvouched': papersOf('key.pem', 'certificate.pem'),
  'tls-expired': papersOf('vouched-key.pem', 'expired.pem'),
  'tls-other-name': papersOf('vouched-key.pem', 'other-name.pem'),
} satisfies Partial<Record<PlaceName, object>>

/** From now on this process trusts the authority of these tests, so that certificates fail for what they say. */
function trustAuthority(): void {
  const authority = certificate('authority.pem').toString().trim()
  const trusted = getCACertificates('default')
  if (!trusted.some((one) => one.trim() === authority)) setDefaultCACertificates([...trusted, authority])
}

/** Hands every byte on to a port of this machine, and back. */
const forwardTo = (port: number) => (socket: Socket) => {
  const onward = connect(port, '127.0.0.1')
  onward.on('error', () => socket.destroy())
  socket.once('close', () => onward.destroy())
  socket.pipe(onward).pipe(socket)
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
