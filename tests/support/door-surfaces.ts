/** What each door reads a request with, taken from the table of routes, without a server before it. */
import type { Caller } from '#core/domain/caller.ts'
import type { Dialect } from '#core/domain/chat.ts'
import { anthropicRoutes } from '#http/anthropic/anthropic-routes.ts'
import { cohereRoutes } from '#http/cohere/cohere-routes.ts'
import type { ReadErrand } from '#http/errand.ts'
import type { Exchange } from '#http/exchange.ts'
import { geminiRoutes } from '#http/gemini/gemini-routes.ts'
import type { ReadRequest, ReadSurface } from '#http/inference.ts'
import type { JsonBody } from '#http/json-body.ts'
import { openaiRoutes } from '#http/openai/openai-routes.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { RouteParts } from '#http/routes.ts'
import type { ErrandKind } from '#core/domain/errand.ts'

export interface DoorAddress {
  readonly path: string
  /** The variable parts of the path. */
  readonly params: Readonly<Record<string, string>>
}

/** Where each dialect's questions are asked; Gemini says in the address whether it is a stream. */
export function questionAddress(dialect: Dialect, isStreamed: boolean): DoorAddress {
  switch (dialect) {
    case 'openai-chat':
      return { path: '/v1/chat/completions', params: {} }
    case 'openai-responses':
      return { path: '/v1/responses', params: {} }
    case 'anthropic-messages':
      return { path: '/v1/messages', params: {} }
    case 'gemini-generate': {
      const method = isStreamed ? 'streamGenerateContent' : 'generateContent'
      return { path: '/v1beta/models/:model', params: { model: `some-model:${method}` } }
    }
    case 'cohere-chat':
      return { path: '/v2/chat', params: {} }
  }
}

const head = {
  headers: {},
  requestId: 'req-1',
  caller: {
    tenantId: 'tenant',
    keyId: 'key',
    role: 'user',
    permissions: new Set(['inference']),
  } as const satisfies Caller,
  nowMs: 1_800_000_000_000,
}

/** Reads a question at an address. Throws what the door throws. */
export function readQuestion(address: DoorAddress, body: JsonBody): ReadRequest {
  return surfaceAt(address).read(body, { ...head, params: address.params, query: { alt: 'sse' } })
}

/** Reads an errand (vectors, ranking, counting) at an address. Throws what the door throws. */
export function readErrandRequest(address: DoorAddress, body: JsonBody): unknown {
  return surfaceAt(address).readErrand(body, { ...head, params: address.params, query: {} })
}

const withoutStore = { responses: { isOn: () => false }, settings: {} } as unknown as DoorPorts

function surfaceAt(address: DoorAddress) {
  let surface: ReadSurface | undefined
  let errand: ReadErrand<ErrandKind> | undefined
  const parts = {
    serveInference: (_: Exchange, read: ReadSurface) => {
      surface = read
    },
    serveErrand: (_: Exchange, read: ReadErrand<ErrandKind>) => {
      errand = read
    },
  } as unknown as RouteParts
  const row = [
    ...openaiRoutes(parts, withoutStore),
    ...anthropicRoutes(parts),
    ...geminiRoutes(parts, {} as DoorPorts),
    ...cohereRoutes(parts),
  ].find(({ method, path }) => method === 'POST' && path === address.path)
  if (!row) throw new Error(`nothing is served at ${address.path}`)
  void row.serve({ params: address.params } as unknown as Exchange)
  return {
    read(...asked: Parameters<ReadSurface>) {
      if (!surface) throw new Error(`no question is answered at ${address.path}`)
      return surface(...asked)
    },
    readErrand(...asked: Parameters<ReadErrand<ErrandKind>>) {
      if (!errand) throw new Error(`no errand is run at ${address.path}`)
      return errand(...asked)
    },
  }
}
