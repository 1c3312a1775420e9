/** A provider of OpenAI's protocol that never stops talking: it says as much as anybody takes. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PouringProvider {
  readonly baseUrl: string
  /** Answers that are running. */
  running(): number
  /** Bytes that it could get rid of, over all answers. */
  poured(): number
  close(): Promise<void>
}

/** One piece of an answer, as large as sockets like them. */
const pieceCharacters = 16_384

export async function startPouringProvider(): Promise<PouringProvider> {
  const seen = { running: 0, poured: 0 }
  const text = 'words '.repeat(pieceCharacters / 6)
  const choice = { index: 0, delta: { content: text }, finish_reason: null }
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] }
  const piece = `data: ${JSON.stringify(chunk)}\n\n`
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    seen.running++
    response.once('close', () => seen.running--)
    void pour(response, piece, (bytes) => {
      seen.poured += bytes
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    running: () => seen.running,
    poured: () => seen.poured,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Until nobody takes any more: a write that fails is the last one. */
async function pour(response: ServerResponse, piece: string, count: (bytes: number) => void): Promise<void> {
  for (let isTaken = true; isTaken;) {
    isTaken = await new Promise<boolean>((resolve) => {
      const leave = () => resolve(false)
      response.once('close', leave)
      response.write(piece, (error) => {
        response.off('close', leave)
        resolve(!error)
      })
    })
    if (isTaken) count(piece.length)
  }
}
