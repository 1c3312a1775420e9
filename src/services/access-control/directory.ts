/** The port of the directory: the keys that exist. It never sees a secret, only what proves one. */
import type { CallerLimits, CallerRole, Permission } from '#core/domain/caller.ts'
import type { Soon } from '#core/domain/soon.ts'

/** A key as it is stored. */
export interface KeyRecord {
  /** The public part of the key; unique. */
  readonly keyId: string
  /** HMAC-SHA-256 of the whole key, base64url. */
  readonly digest: string
  /** What people call it. */
  readonly name: string
  readonly tenantId: string
  readonly userId: string | undefined
  readonly teamId: string | undefined
  readonly projectId: string | undefined
  readonly role: CallerRole
  readonly permissions: readonly Permission[]
  /** Patterns of models; undefined is all. */
  readonly allowedModels: readonly string[] | undefined
  readonly limits: CallerLimits | undefined
  readonly createdAtMs: number
  readonly createdBy: string
  readonly expiresAtMs: number | undefined
  readonly revokedAtMs: number | undefined
}

export interface KeyListing {
  /** Undefined lists every tenant's keys. */
  readonly tenantId: string | undefined
  /** Keys after this one, in order of their ids; undefined begins at the first. */
  readonly after: string | undefined
  readonly limit: number
}

/** Throws `store_unavailable` when the store cannot be reached. */
export interface Directory {
  /** Throws `already_exists` when the id is taken. */
  addKey(record: KeyRecord): Soon<void>
  findKey(keyId: string): Soon<KeyRecord | undefined>
  /** Ends a key for good and returns it; undefined when there is none. A second time keeps the first moment. */
  revokeKey(keyId: string, atMs: number): Soon<KeyRecord | undefined>
  listKeys(listing: KeyListing): Soon<readonly KeyRecord[]>
}
