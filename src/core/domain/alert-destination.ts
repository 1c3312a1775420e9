/** Where alerts are sent, and about which budgets. */
import type { BudgetScope } from '#core/domain/budget-scope.ts'

interface Audience {
  /** Unique among the destinations; what was sent is remembered under it. */
  readonly name: string
  /** Undefined is every scope. */
  readonly scopes: readonly BudgetScope[] | undefined
  /** Undefined is every tenant, and what spans tenants as well. */
  readonly tenants: readonly string[] | undefined
  /** Whether it may be reached without TLS beyond the loopback. */
  readonly allowsUnencrypted: boolean
}

export interface WebhookDestination extends Audience {
  readonly kind: 'webhook'
  /** An address that is no secret; undefined when the secret below holds it. */
  readonly url: string | undefined
  readonly urlSecretName: string | undefined
  /** The name of the secret that signs. */
  readonly secretName: string
}

export interface SlackDestination extends Audience {
  readonly kind: 'slack'
  /** An address that is no secret; undefined when the secret below holds it. */
  readonly url: string | undefined
  readonly urlSecretName: string | undefined
}

export interface EmailDestination extends Audience {
  readonly kind: 'email'
  readonly host: string
  readonly port: number
  /** `tls` from the first byte, `starttls` required, or `none`. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user: string | undefined
  readonly userSecretName: string | undefined
  readonly passwordSecretName: string | undefined
  readonly from: string
  readonly to: readonly string[]
}

export type AlertDestination = WebhookDestination | SlackDestination | EmailDestination
