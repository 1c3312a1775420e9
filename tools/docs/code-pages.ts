/** The pages of errors, metrics and routes. */
import { problemCatalogue } from '#core/domain/problem-catalogue.ts'
import type { ProblemKind } from '#core/domain/problem.ts'
import { createDocs } from '#http/docs/docs-pages.ts'
import { createDoorState } from '#http/door-state.ts'
import type { DoorPorts } from '#http/ports.ts'
import { createRoutes } from '#http/routes.ts'
import type { RouteRow } from '#http/routes.ts'
import { createDoor } from '#http/server.ts'
import { metricTable } from '#services/analytics-collector/metric-table.ts'
import type { MetricKind } from '#services/analytics-collector/metric-table.ts'
import { code, page, table } from './markdown.ts'

export function errorsPage(): string {
  const kinds: [string, ProblemKind][] = Object.entries(problemCatalogue)
  return page(
    'Errors',
    'Every error carries one of these codes, in the shape of the API that was called. "Retry" says whether the same request may succeed later; "elsewhere" whether another model may be asked in its place, which the gateway then does by itself.',
    table(
      ['Code', 'Status', 'Fault', 'Retry', 'Elsewhere', 'What happened', 'How to mend it'],
      kinds.map(([name, kind]) => [
        code(name),
        String(kind.status),
        kind.fault,
        kind.isRetryable ? 'yes' : 'no',
        kind.isReroutable ? 'yes' : 'no',
        kind.sentence,
        kind.mend,
      ]),
    ),
  )
}

export function metricsPage(): string {
  const kinds: [string, MetricKind][] = Object.entries(metricTable)
  return page(
    'Metrics',
    'Served at `/metrics` in the Prometheus text format. Labels are bounded: no tenant, user, key or request is ever one.',
    table(
      ['Metric', 'Type', 'Labels', 'What it is'],
      kinds.map(([name, kind]) => [code(name), kind.type, kind.labels.map(code).join(', '), kind.help]),
    ),
  )
}

export function routesPage(): string {
  return page(
    'Routes',
    'The one table of what is served. "Permission" is what the key needs; `public` needs none. In development mode `/metrics` and `/health/detailed` are public too. The same as an OpenAPI document: [openapi.json](openapi.json).',
    table(
      ['Method', 'Path', 'Permission', 'What it does'],
      routeRows().map((row) => [row.method, code(row.path), row.permission, row.summary]),
    ),
  )
}

function routeRows(): readonly RouteRow[] {
  return createRoutes(portsOf('0'), {
    serveInference: () => Promise.resolve(),
    serveErrand: () => Promise.resolve(),
    docs: createDocs(() => ({})),
    state: createDoorState(),
  })
}

export async function openapiDocument(version: string): Promise<object> {
  const door = await createDoor(portsOf(version))
  try {
    await door.server.ready()
    return door.server.swagger()
  } finally {
    await door.close(0)
  }
}

/** A door is only looked at here, never gone through: its ports need no rooms behind them. */
function portsOf(version: string): DoorPorts {
  const settings: DoorPorts['settings'] = {
    version,
    mode: 'production',
    bodyBytesMax: 1,
    bodyDepthMax: 1,
    requestsInFlightMax: 1,
    connectionsMax: 1,
    headersTimeoutMs: 1,
    requestTimeoutMs: 1,
    keepAliveTimeoutMs: 1,
    leaveQuietMs: 0,
    heartbeatMs: 1000,
    readerStallMs: 1000,
    trustedPeers: [],
    allowedOrigins: [],
  }
  return { settings } as unknown as DoorPorts
}
