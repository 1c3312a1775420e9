/** The one table of routes: nothing is served that does not stand here with the permission it asks for. */
import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { Permission } from '#core/domain/caller.ts'
import { anthropicRoutes } from '#http/anthropic/anthropic-routes.ts'
import { adminRoutes } from '#http/admin/admin-routes.ts'
import { cohereRoutes } from '#http/cohere/cohere-routes.ts'
import type { createDocs } from '#http/docs/docs-pages.ts'
import { createLanding } from '#http/docs/landing.ts'
import type { DoorState } from '#http/door-state.ts'
import type { Exchange } from '#http/exchange.ts'
import { geminiRoutes } from '#http/gemini/gemini-routes.ts'
import type { ServeErrand } from '#http/errand.ts'
import { generateRoutes } from '#http/generate/generate-routes.ts'
import { createHealth, healthAnswer, probeAnswer } from '#http/health/health.ts'
import type { ServeInference } from '#http/inference.ts'
import { modelRoutes } from '#http/model-lists.ts'
import { openaiRoutes } from '#http/openai/openai-routes.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { ProblemShape } from '#http/problem-reply.ts'

export interface RouteRow {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Variable parts as `:name`; `*` at the end is any rest (names of models have slashes). */
  readonly path: string
  readonly permission: Permission
  /** Whose errors it answers with; a function where several APIs share the address. */
  readonly shape: ProblemShape | ((headers: IncomingHttpHeaders) => ProblemShape)
  readonly summary: string
  readonly body?: z.ZodType
  readonly query?: z.ZodType
  /** What a success answers; the errors are the same everywhere. */
  readonly answer?: { readonly status: number; readonly schema: z.ZodType }
  /** Content types of answers that are not JSON. */
  readonly contentTypes?: readonly string[]
  /** Left out of the reference: another form of an address that is in it. */
  readonly isHidden?: boolean
  readonly serve: (exchange: Exchange) => void | Promise<void>
}

/** The shape of a row's errors for one request. */
export function problemShapeOf({ shape }: RouteRow, headers: IncomingHttpHeaders): ProblemShape {
  return typeof shape === 'string' ? shape : shape(headers)
}

export interface RouteParts {
  readonly serveInference: ServeInference
  readonly serveErrand: ServeErrand
  readonly docs: ReturnType<typeof createDocs>
  readonly state: DoorState
}

export function createRoutes(ports: DoorPorts, parts: RouteParts): readonly RouteRow[] {
  const rows: readonly RouteRow[] = [
    ...generateRoutes(parts),
    ...openaiRoutes(parts, ports),
    ...anthropicRoutes(parts),
    ...geminiRoutes(parts, ports),
    ...cohereRoutes(parts),
    ...modelRoutes(ports),
    ...healthRoutes(ports, parts.state),
    ...adminRoutes(ports),
    ...pageRoutes(ports.settings.version, parts.docs, () => rows),
  ]
  return rows
}

function healthRoutes(ports: DoorPorts, state: DoorState): readonly RouteRow[] {
  const health = createHealth(ports, state)
  const reads = { method: 'GET', shape: 'signalbox' } as const
  const probes = [
    {
      path: '/health',
      summary: 'How the gateway is, in short.',
      schema: healthAnswer,
      serve: health.overview,
    },
    { path: '/livez', summary: 'Whether the process is alive.', schema: probeAnswer, serve: health.live },
    {
      path: '/readyz',
      summary: 'Whether new requests are welcome; 503 while shutting down.',
      schema: probeAnswer,
      serve: health.ready,
    },
  ]
  // On a developer's own machine nobody has a key yet, and nothing here is anybody else's.
  const inside = ports.settings.mode === 'development' ? 'public' : 'metrics'
  return [
    ...probes.flatMap(({ path, summary, schema, serve }): readonly RouteRow[] => [
      { ...reads, permission: 'public', path, summary, answer: { status: 200, schema }, serve },
      { ...reads, method: 'HEAD', permission: 'public', path, summary, serve },
    ]),
    {
      ...reads,
      path: '/health/detailed',
      permission: inside,
      summary: 'Providers, breakers and stores.',
      answer: { status: 200, schema: healthAnswer.loose() },
      serve: health.detailed,
    },
    {
      ...reads,
      path: '/metrics',
      permission: inside,
      summary: 'Metrics in the Prometheus text format.',
      contentTypes: ['text/plain'],
      serve: health.metrics,
    },
  ]
}

function pageRoutes(
  version: string,
  docs: RouteParts['docs'],
  rows: () => readonly RouteRow[],
): readonly RouteRow[] {
  const page = { method: 'GET', permission: 'public', shape: 'signalbox' } as const
  const html = ['text/html']
  const listed = () =>
    rows()
      .filter(({ method, isHidden }) => method !== 'HEAD' && isHidden !== true)
      .map(({ method, path, summary }) => ({ method, path, summary }))
  return [
    { ...page, path: '/', summary: 'This list.', contentTypes: html, serve: createLanding(version, listed) },
    { ...page, path: '/docs', summary: 'The API reference.', contentTypes: html, serve: docs.page },
    {
      ...page,
      path: '/docs/js/scalar.js',
      summary: 'The script of the API reference.',
      contentTypes: ['text/javascript'],
      serve: docs.script,
    },
    {
      ...page,
      path: '/docs/openapi.json',
      summary: 'The OpenAPI 3.1 document.',
      contentTypes: ['application/json'],
      serve: docs.openapi,
    },
  ]
}
