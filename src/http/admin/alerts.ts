/** POST /admin/v1/alerts/test: a test alert to every destination, and what came of each. */
import { z } from 'zod'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { DoorPorts } from '#http/ports.ts'

export const alertTest = z
  .object({
    data: z.array(
      z.object({
        destination: z.string(),
        kind: z.enum(['webhook', 'slack', 'email']),
        delivered: z.boolean(),
        failure: z.string().nullable().describe('Why it was not delivered.'),
      }),
    ),
  })
  .meta({ id: 'AlertTest' })

export function createAlertAdmin({ alerts }: Pick<DoorPorts, 'alerts'>) {
  return {
    test: async (exchange: Exchange): Promise<void> => {
      const results = await alerts.test(exchange.caller)
      const data = results.map(({ destination, kind, failure }) => ({
        destination,
        kind,
        delivered: failure === undefined,
        failure: failure ?? null,
      }))
      sendJson(exchange, { data } satisfies z.output<typeof alertTest>)
    },
  }
}
