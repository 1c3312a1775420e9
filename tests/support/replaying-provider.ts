/** A provider over a real socket that plays recordings back, as slowly, cut and broken as a test wants. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Dialect } from '../../src/core/domain/chat.ts'
import { asObject, parseJson } from '../../src/core/domain/json.ts'
import type { JsonValue } from '../../src/core/domain/json.ts'
import { piecesOf } from './recording-verdict.ts'
import type { Recording } from './recording.ts'
import { replyBytes } from './recording.ts'

export interface ReceivedRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; undefined when it is no JSON. */
  readonly body: JsonValue | undefined
  readonly bodyText: string
  /** The protocol that the path belongs to; undefined for a path that no provider has. */
  readonly dialect: Dialect | undefined
  readonly model: string | undefined
  readonly isStreamed: boolean
  /** Resolves when the exchange is over: whole, or left or cut before its end. */
  readonly ending: Promise<'whole' | 'broken'>
}

/** Of a recording, what is played: of a question or of an errand. */
export type Played = Pick<Recording, 'reply'>

/** How a recording is played back; without more it comes at once and whole. */
export interface Playback {
  readonly recording: Played
  readonly status?: number | undefined
  /** Laid over the recording's own. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The sizes of the pieces that the body is written in, over and over. */
  readonly chunkSizes?: readonly number[] | undefined
  /** Awaited before the status line, and before each piece with the count of bytes already written. */
  readonly beforeHead?: (() => Promise<unknown>) | undefined
  readonly beforeChunk?: ((bytesWritten: number) => Promise<unknown> | undefined) | undefined
  /**
   * Stops after this many bytes of body. `clean` ends the body as if it were whole, `fin` closes the connection
   * without its last chunk, `rst` resets it.
   */
  readonly cut?: { readonly afterBytes: number; readonly how: 'clean' | 'fin' | 'rst' } | undefined
}

export interface ReplayingProvider {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string
  /** The base URL that a provider row of this dialect would have here. */
  baseUrl(dialect: Dialect): string
  /** In the order of their arrival. */
  readonly requests: readonly ReceivedRequest[]
  /** Breaks off whatever is still running. */
  close(): Promise<void>
}

export interface ReplayingProviderOptions {
  /** What answers this request; undefined is a 404. */
  recording(request: ReceivedRequest): Playback | Played | undefined
}

const basePath: Readonly<Record<Dialect, string>> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  'anthropic-messages': '/v1',
  'gemini-generate': '/v1beta',
  'cohere-chat': '/v2',
}

/** Listens on a free port of the loopback. */
export async function startReplayingProvider(options: ReplayingProviderOptions): Promise<ReplayingProvider> {
  const requests: ReceivedRequest[] = []
  const server = createServer((incoming, response) => {
    answer(incoming, response, { options, requests }).catch((thrown: unknown) => {
      response.destroy(thrown instanceof Error ? thrown : undefined)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    baseUrl: (dialect) => origin + basePath[dialect],
    requests,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Stage {
  readonly options: ReplayingProviderOptions
  readonly requests: ReceivedRequest[]
}

async function answer(incoming: IncomingMessage, response: ServerResponse, stage: Stage): Promise<void> {
  const ending = new Promise<'whole' | 'broken'>((resolve) => {
    response.once('close', () => resolve(response.writableFinished ? 'whole' : 'broken'))
  })
  const bodyText = await readText(incoming)
  const request = received(incoming, bodyText, ending)
  stage.requests.push(request)
  const chosen = stage.options.recording(request)
  if (!chosen) {
    response.writeHead(404, { 'content-type': 'application/json' })
    response.end('{"error":{"code":404,"message":"There is nothing here.","status":"NOT_FOUND"}}')
    return
  }
  await play('recording' in chosen ? chosen : { recording: chosen }, response)
}

async function play(playback: Playback, response: ServerResponse): Promise<void> {
  const { recording, cut } = playback
  const whole = replyBytes(recording.reply)
  const bytes = cut ? whole.subarray(0, cut.afterBytes) : whole
  await playback.beforeHead?.()
  if (response.destroyed) return
  response.writeHead(playback.status ?? recording.reply.status, headersOf(playback))
  response.flushHeaders()
  let written = 0
  for (const piece of piecesOf(bytes, playback.chunkSizes ?? [])) {
    await playback.beforeChunk?.(written)
    if (!(await write(response, piece))) return
    written += piece.length
  }
  endAs(cut?.how ?? 'clean', response)
}

/** Waits until the piece has left; false when nobody reads any more. */
async function write(response: ServerResponse, piece: Uint8Array): Promise<boolean> {
  if (response.destroyed) return false
  return new Promise((resolve) => {
    response.write(piece, (error) => resolve(!error))
  })
}

function endAs(how: 'clean' | 'fin' | 'rst', response: ServerResponse): void {
  if (how === 'clean') response.end()
  else if (how === 'fin') response.socket?.end()
  else response.socket?.resetAndDestroy()
}

/** Headers that would contradict the bytes as they are sent now stay behind. */
const framingHeaders: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'connection',
])

function headersOf({ recording, headers }: Playback): Record<string, string> {
  const isStream = recording.reply.stream !== undefined
  const sent: Record<string, string> = { 'content-type': isStream ? 'text/event-stream' : 'application/json' }
  for (const [name, value] of Object.entries({ ...recording.reply.headers, ...headers })) {
    if (!framingHeaders.has(name.toLowerCase())) sent[name.toLowerCase()] = value
  }
  return sent
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

function received(
  incoming: IncomingMessage,
  bodyText: string,
  ending: ReceivedRequest['ending'],
): ReceivedRequest {
  const path = incoming.url ?? '/'
  const body = parseJson(bodyText)
  const members = asObject(body)
  const gemini = geminiPath.exec(path)
  const model = gemini?.[1] === undefined ? members?.['model'] : decodeURIComponent(gemini[1])
  return {
    method: incoming.method ?? '',
    path,
    headers: headersReceived(incoming),
    body,
    bodyText,
    dialect: dialectOf(path),
    model: typeof model === 'string' ? model : undefined,
    isStreamed: gemini ? gemini[2] === 'streamGenerateContent' : members?.['stream'] === true,
    ending,
  }
}

const geminiPath =
  /\/models\/([^/:]+):(generateContent|streamGenerateContent|embedContent|batchEmbedContents|countTokens)(?:\?|$)/

/** By the end of the path, so that prefixes and deployment addresses count as well. */
function dialectOf(path: string): Dialect | undefined {
  if (geminiPath.test(path)) return 'gemini-generate'
  const [plain = ''] = path.split('?')
  return pathEndings.find(([ending]) => plain.endsWith(ending))?.[1]
}

const pathEndings: ReadonlyArray<readonly [ending: string, dialect: Dialect]> = [
  ['/chat/completions', 'openai-chat'],
  ['/embeddings', 'openai-chat'],
  ['/moderations', 'openai-chat'],
  ['/responses', 'openai-responses'],
  ['/responses/input_tokens', 'openai-responses'],
  ['/messages', 'anthropic-messages'],
  ['/messages/count_tokens', 'anthropic-messages'],
  ['/v2/chat', 'cohere-chat'],
  ['/v2/embed', 'cohere-chat'],
  ['/v2/rerank', 'cohere-chat'],
]

function headersReceived(incoming: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}
