/** Health for people, probes and scrapers. */
import { z } from 'zod'
import type { DoorState } from '#http/door-state.ts'
import { sendJson, sendText } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { DoorPorts } from '#http/ports.ts'

export const healthAnswer = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable', 'draining']),
    version: z.string(),
    mode: z.enum(['development', 'production']),
    uptime_s: z.int(),
    simulated: z.boolean().describe('Whether answers are made up because no provider has a key.'),
  })
  .meta({ id: 'Health' })

export const probeAnswer = z
  .object({ status: z.enum(['ok', 'unavailable', 'draining']) })
  .meta({ id: 'Probe' })

type HealthPorts = Pick<DoorPorts, 'health' | 'metrics' | 'settings'>

export function createHealth({ health, metrics, settings }: HealthPorts, state: DoorState) {
  const summary = (): z.output<typeof healthAnswer> => {
    const { status, uptimeMs, isSimulated } = health.summary()
    return {
      status: state.isLeaving ? 'draining' : status,
      version: settings.version,
      mode: settings.mode,
      uptime_s: Math.floor(uptimeMs / 1_000),
      simulated: isSimulated,
    }
  }
  const statusOf = (status: string) => (status === 'ok' || status === 'degraded' ? 200 : 503)

  return {
    overview: (exchange: Exchange): void => {
      const value = summary()
      sendJson(exchange, value, statusOf(value.status))
    },
    detailed: async (exchange: Exchange): Promise<void> => {
      const value = summary()
      const details = await health.details()
      sendJson(exchange, { ...value, in_flight: state.attended.size, ...details }, statusOf(value.status))
    },
    /** Alive as long as it can answer at all. */
    live: (exchange: Exchange): void => {
      sendJson(exchange, { status: 'ok' })
    },
    /** Ready for new requests: not while leaving, nor while nothing can be answered. */
    ready: (exchange: Exchange): void => {
      const { status } = summary()
      const isReady = statusOf(status) === 200
      sendJson(exchange, { status: isReady ? 'ok' : status }, isReady ? 200 : 503)
    },
    metrics: async (exchange: Exchange): Promise<void> => {
      sendText(exchange, await metrics.render())
    },
  }
}
