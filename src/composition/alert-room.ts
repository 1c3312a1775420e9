/** Alerts joined to the house: budgets to watch, secrets to sign with, and what health and the admin API tell of them. */
import type { HouseParts } from '#composition/house.ts'
import { pause } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import { isLoopback } from '#config/exposure.ts'
import { isoText } from '#core/domain/budget-window.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { AlertAdminPort } from '#http/ports.ts'
import type { AlertBook } from '#services/alerts/alert-book.ts'
import { createAlerts } from '#services/alerts/alerts.ts'
import type { Alerts, AlertSettings } from '#services/alerts/alerts.ts'
import type { BudgetManager } from '#services/budget-manager/budget-manager.ts'
import type { KeyVault } from '#services/key-vault/key-vault.ts'

export interface AlertRoomParts {
  readonly book: AlertBook
  readonly budgetManager: Pick<BudgetManager, 'standings'>
  readonly keyVault: Pick<KeyVault, 'secretNamed'>
  readonly report: (failure: unknown, place: string) => void
}

export const alertSettings = ({ alerts }: Config): AlertSettings => alerts

export function openAlerts(
  { config, clock, chance, log }: HouseParts,
  { book, budgetManager, keyVault, report }: AlertRoomParts,
): Alerts {
  const ports = {
    book,
    clock,
    chance,
    log,
    report,
    pause,
    isLoopback,
    standings: () => budgetManager.standings(),
    secret: (name: string) => keyVault.secretNamed(name),
  }
  return createAlerts(ports, alertSettings(config))
}

/** The destinations are the operator's; a tenant's administrator has no business with them. */
export function alertAdmin(alerts: Alerts): AlertAdminPort {
  return {
    async test({ role }) {
      if (role !== 'operator') {
        throw new Problem('not_permitted', { detail: 'Only the operator sends test alerts.' })
      }
      return alerts.test()
    },
  }
}

/** For operators: what was told, and what could not be delivered yet, with the reason. */
export async function alertHealth(alerts: Alerts): Promise<JsonValue> {
  const { sent, failed } = alerts.counts()
  try {
    const waiting = await alerts.waiting()
    return {
      sent,
      failed,
      waiting: waiting.map(({ destination, count, claimedAtMs, failure, failures }) => ({
        destination,
        count,
        since: isoText(claimedAtMs),
        failure: failure ?? null,
        failures,
      })),
    }
  } catch (thrown) {
    // Health is asked for most when a store is away.
    if (thrown instanceof Problem) return { sent, failed, waiting: null }
    throw thrown
  }
}
