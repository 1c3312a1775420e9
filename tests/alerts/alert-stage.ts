/** A room of alerts over a book in memory, with a clock and budgets that a test sets. */
import type { AlertDestination } from '#core/domain/alert-destination.ts'
import type { BudgetStanding } from '#core/domain/budget-standing.ts'
import { windowAt } from '#core/domain/budget-window.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { createAlerts } from '#services/alerts/alerts.ts'
import type { AlertPorts, AlertSettings, Alerts } from '#services/alerts/alerts.ts'
import type { AlertBook } from '#services/alerts/alert-book.ts'
import { createMemoryAlertBook } from '#stores/memory/alert-book.ts'

export interface Budget {
  counter: string
  tenantId: string
  window: BudgetStanding['window']
  spent: number
  limit: number
}

export interface Town {
  nowMs: number
  readonly budgets: Budget[]
  readonly book: AlertBook
}

export const town = (more: Partial<Town> = {}): Town => ({
  nowMs: Date.UTC(2026, 10, 11),
  budgets: [{ counter: 'tenant:acme', tenantId: 'acme', window: 'month', spent: 0, limit: 1e9 }],
  book: createMemoryAlertBook(),
  ...more,
})

export function standingsOf({ budgets, nowMs }: Town): BudgetStanding[] {
  return budgets.map(({ counter, tenantId, window, spent, limit }) => ({
    scope: 'tenant',
    subject: tenantId,
    tenantId,
    counter,
    window,
    span: windowAt(window, nowMs),
    limitNanoUsd: toNanoUsd(limit),
    isHard: true,
    spentNanoUsd: toNanoUsd(spent),
    heldNanoUsd: toNanoUsd(0),
    isRefusing: false,
  }))
}

const audience = { scopes: undefined, tenants: undefined, allowsUnencrypted: false }

export const webhook = (name: string, url: string, more: Partial<AlertDestination> = {}): AlertDestination =>
  ({ ...audience, kind: 'webhook', name, url, secretName: 'SIGNING', ...more }) as AlertDestination

export const slack = (name: string, urlSecretName: string): AlertDestination => ({
  ...audience,
  kind: 'slack',
  name,
  url: undefined,
  urlSecretName,
})

export const quietSettings: AlertSettings = {
  isEnabled: true,
  rules: { thresholds: [0.5, 0.8, 1], forecast: { isEnabled: false, daysAhead: 7, windows: ['month'] } },
  destinations: [],
}

export interface Instance {
  readonly alerts: Alerts
  /** `mark budget window` of every alert that this instance told, in order. */
  readonly told: string[]
  readonly warned: string[]
}

/** A key vault of these secrets. */
export const secretsOf = (secrets: Readonly<Record<string, string>>) => (name: string) =>
  Promise.resolve(secrets[name])

let instances = 0

/** One instance among those that share the town's book. */
export function openInstance(
  place: Town,
  settings: Partial<AlertSettings> = {},
  ports: Partial<AlertPorts> = {},
): Instance {
  const told: string[] = []
  const warned: string[] = []
  const instance = (instances += 1)
  let ids = 0
  const alerts = createAlerts(
    {
      standings: () => standingsOf(place),
      book: place.book,
      clock: { nowMs: () => place.nowMs, monotonicMs: () => place.nowMs },
      chance: {
        fraction: () => 0.5,
        uniqueId: () => `alert-${instance}-${String((ids += 1)).padStart(6, '0')}`,
      },
      secret: secretsOf({ SIGNING: 'whsec-of-this-test' }),
      isLoopback: (host) => host === '127.0.0.1',
      pause: () => Promise.resolve(),
      log: {
        info(fields) {
          const { mark, budget, window } = fields as Record<string, string>
          told.push(`${mark} ${budget} ${window}`)
        },
        warn: (fields, sentence) => void warned.push(`${sentence} ${JSON.stringify(fields)}`),
      },
      report: (failure) => void warned.push(String(failure)),
      ...ports,
    },
    { ...quietSettings, ...settings },
  )
  return { alerts, told, warned }
}
