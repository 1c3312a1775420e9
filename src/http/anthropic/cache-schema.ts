/** Forms that stand in many places of a request: any JSON value, and the mark up to which a prompt is cached. */
import { z } from 'zod'
import type { JsonValue } from '#core/domain/json.ts'

/** Bodies come out of a JSON parser, so nothing is left to check; z.json() has no place of its own in the reference. */
export const anyJson = z.unknown() as unknown as z.ZodType<JsonValue>

export const cacheControl = z
  .object({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).nullish() })
  .describe('Asks that the prompt be cached up to here, where the model can.')
  .nullish()
export type WireCacheControl = z.output<typeof cacheControl>

/** The hint as the gateway keeps it on a part. */
export function cacheHintOf(control: WireCacheControl): { readonly ttl?: string } | undefined {
  if (!control) return undefined
  return control.ttl ? { ttl: control.ttl } : {}
}
