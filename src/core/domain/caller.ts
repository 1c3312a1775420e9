/** Who asks: what a credential proves, and nothing that a body claims. */

import type { Priority } from '#core/domain/priority.ts'

/** What a key may be given. */
export const keyPermissions = ['inference', 'analytics', 'metrics', 'admin'] as const

/** What a route may demand. The route table names one for every route. */
export type Permission = 'public' | (typeof keyPermissions)[number]

export type CallerRole = 'user' | 'tenant_admin' | 'operator'

export interface Caller {
  readonly tenantId: string
  /** The key's public id; `development` when development mode lets a request in without one. */
  readonly keyId: string
  readonly role: CallerRole
  readonly permissions: ReadonlySet<Permission>
  /** Set when the key itself belongs to one user: then a body cannot name another. */
  readonly userId?: string | undefined
  readonly teamId?: string | undefined
  readonly projectId?: string | undefined
  /** Patterns of models that the key may use (`gpt-*`); undefined is all. */
  readonly allowedModels?: readonly string[] | undefined
  /** Limits that belong to this key alone, beside the configured ones. */
  readonly limits?: CallerLimits | undefined
}

/** Undefined means no limit; of the priority, that nothing is said of it. */
export interface CallerLimits {
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
  readonly concurrentRequests?: number | undefined
  /** The most urgent priority that may be used. */
  readonly priorityMax?: Priority | undefined
}

/** A credential as it came in a header: never logged, never stored. */
export interface Credential {
  readonly secret?: string | undefined
  /** Address of the peer socket, for the limit on failed attempts. */
  readonly peerAddress: string
}
