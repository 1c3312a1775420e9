/** The settings of the store of responses in the form that the house reads. */
import type { ResponsesConfig } from '#config/config.ts'
import type { EnvironmentSettings } from '#config/environment.ts'
import type { AdminConfig } from '#config/schema.ts'

const hourMs = 3_600_000

export function toResponses(
  { responses }: AdminConfig,
  { responseStoreKeys }: EnvironmentSettings,
): ResponsesConfig {
  return {
    isOn: responses.store === 'on',
    keepMs: responses.store_ttl_hours * hourMs,
    responseBytesMax: responses.response_bytes_max,
    responsesMax: responses.responses_per_tenant_max,
    keys: responseStoreKeys,
  }
}
