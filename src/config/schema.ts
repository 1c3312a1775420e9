/** The one truth about the settings file: every field, its form, its default and one sentence. */
import { z } from 'zod'
import { alertsSettings } from '#config/schema/alerts.ts'
import { idempotencySettings } from '#config/schema/idempotency.ts'
import { analyticsSettings, cacheSettings, catalogSettings } from '#config/schema/keeping.ts'
import { loadSettings } from '#config/schema/load.ts'
import { budgetSettings } from '#config/schema/money.ts'
import { pricingSettings } from '#config/schema/pricing.ts'
import { keyVaultSettings } from '#config/schema/key-vault.ts'
import { providersSetting, simulationSettings } from '#config/schema/providers.ts'
import { limitsSettings } from '#config/schema/limits.ts'
import { routingSettings } from '#config/schema/requests.ts'
import { responsesSettings } from '#config/schema/responses.ts'
import { rescueSettings } from '#config/schema/rescue.ts'
import { resilienceSettings } from '#config/schema/resilience.ts'
import {
  accessSettings,
  logSettings,
  modeSetting,
  serverSettings,
  storageSettings,
} from '#config/schema/server.ts'

export const adminConfigSchema = z
  .strictObject({
    mode: modeSetting,
    server: serverSettings.prefault({}),
    storage: storageSettings.prefault({}),
    access: accessSettings.prefault({}),
    key_vault: keyVaultSettings.prefault({}),
    providers: providersSetting,
    simulation: simulationSettings.prefault({}),
    routing: routingSettings.prefault({}),
    resilience: resilienceSettings.prefault({}),
    rescue: rescueSettings.prefault({}),
    limits: limitsSettings.prefault({}),
    load: loadSettings.prefault({}),
    budget: budgetSettings.prefault({}),
    alerts: alertsSettings.prefault({}),
    pricing: pricingSettings.prefault({}),
    idempotency: idempotencySettings.prefault({}),
    responses: responsesSettings.prefault({}),
    cache: cacheSettings.prefault({}),
    analytics: analyticsSettings.prefault({}),
    log: logSettings.prefault({}),
    catalog: catalogSettings.prefault({}),
  })
  .describe('Settings of Signalbox')

/** The settings as the file states them, defaults filled in. */
export type AdminConfig = z.output<typeof adminConfigSchema>
