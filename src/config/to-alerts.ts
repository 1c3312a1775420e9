/** The settings of alerts in the form that the house reads. */
import type { AlertsConfig } from '#config/config.ts'
import type { AdminConfig } from '#config/schema.ts'
import type { AlertDestination } from '#core/domain/alert-destination.ts'

type Stated = AdminConfig['alerts']['destinations'][number]

export function toAlerts({ alerts }: AdminConfig): AlertsConfig {
  return {
    isEnabled: alerts.enabled,
    checkEveryMs: alerts.check_every_ms,
    rules: {
      thresholds: [...new Set(alerts.thresholds)],
      forecast: {
        isEnabled: alerts.forecast.enabled,
        daysAhead: alerts.forecast.days_ahead,
        windows: alerts.forecast.windows,
      },
    },
    destinations: alerts.destinations.map(toDestination),
  }
}

/** Checked before: every field that the kind needs is there. */
function toDestination(stated: Stated): AlertDestination {
  const audience = {
    name: stated.name,
    scopes: stated.scopes,
    tenants: stated.tenants,
    allowsUnencrypted: stated.allow_unencrypted,
  }
  const address = { url: stated.url, urlSecretName: stated.url_secret }
  switch (stated.kind) {
    case 'webhook':
      return { ...audience, ...address, kind: 'webhook', secretName: stated.secret ?? '' }
    case 'slack':
      return { ...audience, ...address, kind: 'slack' }
    case 'email':
      return { ...audience, kind: 'email', ...mailboxOf(stated) }
  }
}

const usualPorts = { starttls: 587, tls: 465, none: 25 } as const

function mailboxOf(stated: Stated) {
  const security = stated.security ?? 'starttls'
  return {
    host: stated.host ?? '',
    port: stated.port ?? usualPorts[security],
    security,
    user: stated.user,
    userSecretName: stated.user_secret,
    passwordSecretName: stated.password_secret,
    from: stated.from ?? '',
    to: stated.to ?? [],
  }
}
