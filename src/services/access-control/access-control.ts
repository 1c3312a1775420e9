/** Access control: which caller a credential proves, and the keys that prove one. */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { Caller, Credential, Permission } from '#core/domain/caller.ts'
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'
import { createAuthentication } from '#services/access-control/authenticate.ts'
import type { AuthenticateSettings } from '#services/access-control/authenticate.ts'
import type { Directory, KeyRecord } from '#services/access-control/directory.ts'
import { formKey, secretBytes } from '#services/access-control/key-form.ts'
import { checkKeyRequest } from '#services/access-control/key-request.ts'
import type { KeyRequest } from '#services/access-control/key-request.ts'
import { mayActFor, requireSubset } from '#services/access-control/rights.ts'

export interface AccessControlSettings extends AuthenticateSettings {
  /** At least 32 random bytes, kept apart from the directory: without them nobody can make or test a digest. */
  readonly pepper: Uint8Array
}

/** A key as it may be shown: everything but what proves it. */
export type KeyInfo = Omit<KeyRecord, 'digest'>

export interface AccessControl {
  /**
   * Throws `missing_key`, `invalid_key`, `revoked_key`, `expired_key`, `not_permitted`, `too_many_failed_keys`.
   * In development mode anything that has not the form of a Signalbox key counts as no key, because client
   * libraries insist on sending one.
   */
  authenticate(credential: Credential, permission: Permission): Soon<Caller>
  /** The secret is in the answer and nowhere else, ever. Throws `invalid_value`, `not_permitted`. */
  createKey(actor: Caller, request: KeyRequest): Promise<{ readonly key: string; readonly info: KeyInfo }>
  /** Ends a key: here at once, on other instances within ten seconds. Throws `not_found`, also for other tenants' keys. */
  revokeKey(actor: Caller, keyId: string): Promise<KeyInfo>
  /** Keys in the order of their ids. Without a tenant: all for operators, the actor's own for others. */
  listKeys(actor: Caller, listing: KeyListingWish): Promise<readonly KeyInfo[]>
}

export interface KeyListingWish {
  readonly tenantId?: string | undefined
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

export interface AccessControlPorts {
  readonly directory: Directory
  readonly clock: Clock
}

const listingMax = 200

export function createAccessControl(
  ports: AccessControlPorts,
  settings: AccessControlSettings,
): AccessControl {
  const { directory, clock } = ports
  const pepper = createSecretKey(settings.pepper)
  const digestOf = (key: string) => createHmac('sha256', pepper).update(key).digest()
  const authentication = createAuthentication({ directory, clock, digestOf }, settings)

  return {
    authenticate: authentication.authenticate,
    async createKey(actor, request) {
      const nowMs = clock.nowMs()
      const wish = checkKeyRequest(request, nowMs)
      requireSubset(actor, wish)
      const { keyId, key } = formKey(randomBytes(9), randomBytes(secretBytes))
      const info: KeyInfo = {
        keyId,
        name: request.name,
        ...wish,
        createdAtMs: nowMs,
        createdBy: actor.keyId,
        expiresAtMs: request.expiresAtMs,
        revokedAtMs: undefined,
      }
      // Not the same statement as the answer: the digest goes to the directory and nowhere else.
      await directory.addKey({ ...info, digest: digestOf(key).toString('base64url') })
      return { key, info }
    },
    async revokeKey(actor, keyId) {
      const record = await directory.findKey(keyId)
      if (!record || !mayActFor(actor, record.tenantId))
        throw new Problem('not_found', {
          detail: 'There is no such key.',
          mend: 'List the keys to find its id.',
        })
      const revoked = await directory.revokeKey(keyId, clock.nowMs())
      authentication.forget(keyId)
      return infoOf(revoked ?? record)
    },
    async listKeys(actor, { tenantId, after, limit }) {
      const wished = tenantId ?? (actor.role === 'operator' ? undefined : actor.tenantId)
      if (wished !== undefined && !mayActFor(actor, wished)) return []
      const records = await directory.listKeys({
        tenantId: wished,
        after,
        limit: Math.min(limit ?? listingMax, listingMax),
      })
      return records.map(infoOf)
    },
  }
}

function infoOf(record: KeyRecord): KeyInfo {
  const { digest: _digest, ...info } = record
  return info
}
