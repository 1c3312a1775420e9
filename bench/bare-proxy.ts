/**
 * The yardstick: the least that a correct pass-through proxy on `node:http` and undici's `dispatch` does.
 * It keeps no keys, counts nothing and reads nothing; it only carries bytes, holds the sender back when the reader
 * is slow, and stops the upstream request when the reader leaves.
 *
 * Environment: PORT to listen on, UPSTREAM_ORIGIN to pass everything on to.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Pool, type Dispatcher } from 'undici'

const origin = process.env['UPSTREAM_ORIGIN'] ?? 'http://127.0.0.1:9'
const port = Number(process.env['PORT'] ?? 8080)
const pool = new Pool(origin, { connections: 512 })

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
])
const notForUpstream = new Set([...hopByHop, 'host', 'content-length', 'expect'])

function endToEnd(raw: ReadonlyArray<string | Buffer>, left: Set<string>): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = String(raw[at])
    if (!left.has(name.toLowerCase())) kept.push(name, String(raw[at + 1]))
  }
  return kept
}

function fail(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(502, { 'content-length': 0 })
  response.end()
}

function passOn(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  let upstream: Dispatcher.DispatchController | undefined
  let readerLeft = false
  response.on('drain', () => upstream?.resume())
  response.on('close', () => {
    if (response.writableFinished) return
    readerLeft = true
    upstream?.abort(new Error('the reader left'))
  })
  pool.dispatch(
    {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: endToEnd(request.rawHeaders, notForUpstream),
      body: body.length > 0 ? body : null,
    },
    {
      onRequestStart(controller) {
        upstream = controller
        if (readerLeft) controller.abort(new Error('the reader left'))
      },
      onResponseStart(controller, statusCode) {
        if (statusCode < 200) return
        response.writeHead(statusCode, endToEnd(controller.rawHeaders as Buffer[], hopByHop))
      },
      onResponseData(controller, chunk) {
        if (!response.write(chunk)) controller.pause()
      },
      onResponseEnd() {
        response.end()
      },
      onResponseError() {
        fail(response)
      },
    },
  )
}

const server = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const [only] = pieces
    passOn(request, response, pieces.length === 1 && only ? only : Buffer.concat(pieces))
  })
  request.on('error', () => response.destroy())
})
server.listen(port, '127.0.0.1')
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
})
