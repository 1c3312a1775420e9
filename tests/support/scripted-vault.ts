/** A secret server in name only, over a real socket: it answers whatever a test wants, or nothing. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface VaultQuestion {
  readonly method: string
  /** Behind `/v1/`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export interface ScriptedVault {
  readonly address: string
  readonly questions: readonly VaultQuestion[]
  /** What is answered from now on, unless a way of logging in is asked for. */
  play(respond: (response: ServerResponse, question: VaultQuestion) => void): void
  close(): Promise<void>
}

export const reply = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** What KV version 2 answers. */
export const secretOf = (fields: Readonly<Record<string, unknown>>) => ({
  data: { data: fields, metadata: { version: 1 } },
})

export async function startScriptedVault(): Promise<ScriptedVault> {
  const questions: VaultQuestion[] = []
  let answer: Parameters<ScriptedVault['play']>[0] = (response) => reply(response, 404, { errors: [] })
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => hear(request, response, Buffer.concat(pieces).toString('utf8')))
  }).listen(0, '127.0.0.1')
  const hear = (
    { method = '', url = '', headers }: IncomingMessage,
    response: ServerResponse,
    body: string,
  ) => {
    const question = { method, path: url.replace('/v1/', ''), headers, body }
    questions.push(question)
    if (question.path === 'auth/token/lookup-self') reply(response, 200, { data: { ttl: 0 } })
    else answer(response, question)
  }
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    questions,
    play(respond) {
      answer = respond
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
