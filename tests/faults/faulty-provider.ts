/** A provider over a raw socket, which does on it step by step whatever a fault says. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import type { WireStep } from '#tests/faults/wire-step.ts'

export interface HeardRequest {
  readonly path: string
  readonly head: string
  readonly body: string
}

export interface WirePlay {
  readonly steps: readonly WireStep[]
  /** Resolves when the caller was shown something. */
  readonly readerBegan: Promise<unknown>
}

/** One request and what became of its socket. */
export interface HeardExchange {
  readonly request: HeardRequest
  /** The steps are done, and the socket may be used again. */
  isIdle: boolean
  /** Nothing will happen any more until the other side acts. */
  isSilent: boolean
  isClosed: boolean
}

export interface FaultyProvider {
  readonly port: number
  /** In the order of their arrival. */
  readonly heard: readonly HeardExchange[]
  forget(): void
  /** The clock has leapt: whoever waited for that goes on. */
  noteLeap(): void
  /** Closes every connection, and goes on listening. */
  hangUp(): void
  /** Closes the door and every connection; whoever asks now is refused. */
  leave(): Promise<void>
  /** Listens again on the same port. */
  comeBack(): Promise<void>
  close(): Promise<void>
}

export interface FaultyProviderPorts {
  /** What is done about a request; asked once for each. */
  readonly play: (request: HeardRequest) => WirePlay
  /** Whether it is done as soon as the head was heard. */
  readonly strikesEarly?: (path: string) => boolean
}

/** Listens on a free port of the loopback. */
export async function startFaultyProvider(ports: FaultyProviderPorts): Promise<FaultyProvider> {
  const heard: HeardExchange[] = []
  const sockets = new Set<Socket>()
  const leaps = createLeaps()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    converse(socket, { ...ports, leaps }, heard).catch(() => socket.destroy())
  })
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  const leave = async () => {
    hangUp()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  const port = await listen(0)
  return {
    port,
    heard,
    forget: () => void heard.splice(0),
    noteLeap: () => leaps.note(),
    hangUp,
    leave,
    comeBack: async () => void (await listen(port)),
    close: leave,
  }
}

/** One request after the other, as long as the socket lives. */
async function converse(
  socket: Socket,
  { play, leaps, strikesEarly = () => false }: FaultyProviderPorts & { leaps: Leaps },
  heard: HeardExchange[],
): Promise<void> {
  const ear = createEar(socket)
  let current: HeardExchange | undefined
  socket.once('close', () => {
    if (current) current.isClosed = true
  })
  while (!socket.destroyed) {
    const head = await ear.head()
    if (head === undefined) return
    const early: HeardRequest = { path: pathOf(head), head, body: '' }
    const request = strikesEarly(early.path) ? early : { ...early, body: (await ear.body(head)) ?? '' }
    const exchange: HeardExchange = { request, isIdle: false, isSilent: false, isClosed: socket.destroyed }
    current = exchange
    heard.push(exchange)
    await perform(socket, play(request), { exchange, leaps })
    exchange.isIdle = !socket.destroyed && !socket.writableEnded
  }
}

const pathOf = (head: string) => head.split(' ', 2)[1] ?? ''

interface Leaps {
  note(): void
  next(): Promise<void>
}

function createLeaps(): Leaps {
  let next = Promise.withResolvers<void>()
  return {
    note() {
      next.resolve()
      next = Promise.withResolvers()
    },
    next: () => next.promise,
  }
}

/** What a play is seen by and waits for. */
interface Scene {
  readonly exchange: HeardExchange
  readonly leaps: Leaps
}

async function perform(socket: Socket, play: WirePlay, scene: Scene): Promise<void> {
  for (const step of play.steps) {
    if (socket.destroyed) return
    if (step.do === 'await-reader') await Promise.race([play.readerBegan, closing(socket)])
    else await act(socket, step, scene)
  }
}

async function act(socket: Socket, step: WireStep, { exchange, leaps }: Scene): Promise<void> {
  switch (step.do) {
    case 'write':
      return written(socket, step.bytes)
    case 'repeat':
      return repeat(socket, step, exchange)
    case 'breathe':
      await sleep(5)
      return undefined
    case 'await-leap':
      exchange.isSilent = true
      await Promise.race([leaps.next(), closing(socket)])
      exchange.isSilent = false
      return undefined
    case 'turn-deaf':
      socket.allowHalfOpen = true
      return undefined
    case 'silence':
      exchange.isSilent = true
      await closing(socket)
      return undefined
    case 'fin':
      socket.end()
      return closing(socket)
    case 'rst':
      socket.resetAndDestroy()
      return undefined
    case 'await-reader':
      return undefined
  }
}

async function repeat(
  socket: Socket,
  step: Extract<WireStep, { do: 'repeat' }>,
  exchange: HeardExchange,
): Promise<void> {
  if (step.everyMs > 0) exchange.isSilent = true
  for (let count = 0; count < (step.times ?? Number.POSITIVE_INFINITY) && !socket.destroyed; count += 1) {
    await written(socket, step.bytes)
    if (step.everyMs > 0) await sleep(step.everyMs)
  }
}

/** Resolves when the bytes have left, or never will. */
function written(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  if (socket.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    socket.once('close', resolve)
    socket.write(bytes, () => {
      socket.off('close', resolve)
      resolve()
    })
  })
}

const closings = new WeakMap<Socket, Promise<void>>()

/** One promise for each socket, however many exchanges wait for it. */
function closing(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve()
  let promise = closings.get(socket)
  if (!promise) {
    promise = new Promise((resolve) => {
      socket.once('close', () => resolve())
    })
    closings.set(socket, promise)
  }
  return promise
}

/** What is heard on a socket, taken head by head and body by body. */
function createEar(socket: Socket) {
  let heard: Buffer = Buffer.alloc(0)
  let wake = () => {}
  let isOver = false
  socket.on('data', (piece: Buffer) => {
    heard = Buffer.concat([heard, piece])
    wake()
  })
  for (const end of ['end', 'close'] as const) {
    socket.on(end, () => {
      isOver = true
      wake()
    })
  }
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const take = (count: number) => {
    const taken = heard.subarray(0, count)
    heard = heard.subarray(count)
    return taken
  }
  return {
    async head(): Promise<string | undefined> {
      for (;;) {
        const end = heard.indexOf('\r\n\r\n')
        if (end !== -1) return take(end + 4).toString('latin1')
        if (isOver) return undefined
        await more()
      }
    },
    async body(head: string): Promise<string | undefined> {
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      while (heard.length < length) {
        if (isOver) return undefined
        await more()
      }
      return take(length).toString()
    },
  }
}
