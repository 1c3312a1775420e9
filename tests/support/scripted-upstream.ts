// A real HTTP server on a free port that does what a test says, and remembers what it was sent.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface SeenRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface ScriptedUpstream {
  readonly baseUrl: string
  readonly seen: SeenRequest[]
  /** Connections made so far. */
  readonly connections: () => number
  /** Resolves once every connection made so far is closed. */
  readonly allClosed: () => Promise<void>
  close(): Promise<void>
}

export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void

export async function openUpstream(behave: Behaviour): Promise<ScriptedUpstream> {
  const seen: SeenRequest[] = []
  const closings: Promise<void>[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, body })
      behave(response, request)
    })
    request.on('error', () => undefined)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    closings.push(
      new Promise((resolve) => {
        socket.on('close', () => {
          sockets.delete(socket)
          resolve()
        })
      }),
    )
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    seen,
    connections: () => closings.length,
    allClosed: async () => {
      await Promise.all(closings)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
