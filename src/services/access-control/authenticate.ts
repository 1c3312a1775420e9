/** Authentication: from what came in a header to a caller, from memory where it can and in constant time where it must. */
import { hash, timingSafeEqual } from 'node:crypto'
import type { Caller, Credential, Permission } from '#core/domain/caller.ts'
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Directory, KeyRecord } from '#services/access-control/directory.ts'
import { createFailedAttempts } from '#services/access-control/failed-attempts.ts'
import type { FailedAttempts } from '#services/access-control/failed-attempts.ts'
import { keyIdOf, keyPrefix } from '#services/access-control/key-form.ts'
import { createKnownKeys } from '#services/access-control/known-keys.ts'
import type { KnownKeys } from '#services/access-control/known-keys.ts'
import { permissionsOfRole } from '#services/access-control/rights.ts'

export interface AuthenticatePorts {
  readonly directory: Directory
  readonly clock: Clock
  /** HMAC of a whole key: 32 bytes. */
  readonly digestOf: (key: string) => Buffer
}

export interface AuthenticateSettings {
  /** Whether a request without a key is refused; false is development mode. */
  readonly requireKey: boolean
  /** The tenant for which requests without a key, and the operator, act. */
  readonly developmentTenant: string
  /** The operator's own key; undefined when there is none. */
  readonly adminKey: string | undefined
  /** Wrong keys from one address in a minute before it is told to wait. */
  readonly failedKeysPerMinute: number
}

export interface Authentication {
  readonly authenticate: (credential: Credential, permission: Permission) => Soon<Caller>
  /** Forgets at once what is known of a key. */
  readonly forget: (keyId: string) => void
}

interface Proof {
  readonly caller: Caller
  readonly expiresAtMs: number | undefined
}

/** How long a key is believed without another look: the longest that a revocation elsewhere goes unnoticed. */
const believedMs = 10_000
const refusedMs = 5_000
/** While the directory cannot be asked, a key is believed this long: an outage must not shut everybody out. */
const staleMs = 900_000
const entriesMax = 50_000

export function createAuthentication(
  ports: AuthenticatePorts,
  settings: AuthenticateSettings,
): Authentication {
  const { clock } = ports
  const memory: Memory = {
    believed: createKnownKeys(entriesMax),
    refused: createKnownKeys(entriesMax),
    failures: createFailedAttempts(settings.failedKeysPerMinute),
    forgotten: 0,
  }
  const operatorHash = settings.adminKey === undefined ? undefined : hashOf(settings.adminKey)
  const operator = specialCaller(settings.developmentTenant, 'operator')
  const development = specialCaller(settings.developmentTenant, 'development')
  const isOpen = !settings.requireKey

  return {
    authenticate({ secret, peerAddress }, permission) {
      if (secret === undefined || secret === '') {
        if (isOpen) return permitted(development, permission)
        throw new Problem('missing_key')
      }
      const keyHash = hashOf(secret)
      const nowMs = clock.monotonicMs()
      const believed = memory.believed.find(keyHash, nowMs)
      if (believed && 'caller' in believed) return permitted(believed.caller, permission)
      if (operatorHash !== undefined && isSame(keyHash, operatorHash)) return permitted(operator, permission)
      if (isOpen && !secret.startsWith(keyPrefix)) return permitted(development, permission)
      const refused = memory.refused.find(keyHash, nowMs)
      if (refused && 'refusal' in refused) throw new Problem(refused.refusal)
      return lookUp(ports, memory, secret, { keyHash, peerAddress, permission })
    },
    forget(keyId) {
      memory.forgotten += 1
      memory.believed.forget(keyId)
    },
  }
}

function lookUp(
  { directory, clock, digestOf }: AuthenticatePorts,
  memory: Memory,
  presented: string,
  attempt: Attempt,
): Soon<Caller> {
  const waitMs = memory.failures.waitMs(attempt.peerAddress, clock.monotonicMs())
  if (waitMs > 0) throw new Problem('too_many_failed_keys', { retryAfterMs: waitMs })
  const seenForgotten = memory.forgotten
  const keyId = keyIdOf(presented)
  const judge = (record: KeyRecord | undefined): Caller => {
    const verdict = verdictOn(record, digestOf(presented), clock.nowMs())
    if (typeof verdict === 'string') {
      // What the directory has taken back is not believed either when it is away.
      if (keyId !== undefined) memory.believed.forget(keyId)
      return refuse(memory, verdict, attempt, clock.monotonicMs())
    }
    // A key revoked while the directory was being asked may have been read before: not to be remembered.
    if (seenForgotten === memory.forgotten) believe(memory, verdict, attempt.keyHash, clock)
    return permitted(verdict.caller, attempt.permission)
  }
  const withoutDirectory = (failure: unknown): Caller => {
    const caller = memory.believed.findStale(attempt.keyHash, clock.monotonicMs())
    if (caller === undefined) throw failure
    return permitted(caller, attempt.permission)
  }
  let record: Soon<KeyRecord | undefined>
  try {
    record = keyId === undefined ? undefined : directory.findKey(keyId)
  } catch (failure) {
    return withoutDirectory(failure)
  }
  return record instanceof Promise ? record.then(judge, withoutDirectory) : judge(record)
}

function refuse(memory: Memory, code: ProblemCode, { keyHash, peerAddress }: Attempt, nowMs: number): never {
  memory.failures.note(peerAddress, nowMs)
  memory.refused.keep(keyHash, { refusal: code, untilMs: nowMs + refusedMs })
  throw new Problem(code)
}

function believe(memory: Memory, { caller, expiresAtMs }: Proof, keyHash: string, clock: Clock): void {
  const leftMs = expiresAtMs === undefined ? Number.POSITIVE_INFINITY : expiresAtMs - clock.nowMs()
  const nowMs = clock.monotonicMs()
  memory.believed.keep(keyHash, {
    caller,
    untilMs: nowMs + Math.min(believedMs, leftMs),
    staleUntilMs: nowMs + Math.min(staleMs, leftMs),
  })
}

/** What was learned lately. Good and wrong keys apart, so that a flood of wrong ones cannot push the good ones out. */
interface Memory {
  readonly believed: KnownKeys
  readonly refused: KnownKeys
  readonly failures: FailedAttempts
  /** Counts revocations made here. */
  forgotten: number
}

interface Attempt {
  readonly keyHash: string
  readonly peerAddress: string
  readonly permission: Permission
}

/** A digest that no key has: compared with when there is no record, so that both ways take the same time. */
const nobodysDigest = Buffer.alloc(32)

function verdictOn(record: KeyRecord | undefined, digest: Buffer, nowMs: number): Proof | ProblemCode {
  const stored = record ? Buffer.from(record.digest, 'base64url') : nobodysDigest
  const isProved = timingSafeEqual(stored.length === digest.length ? stored : nobodysDigest, digest)
  // What became of a key is only told to those who have it.
  if (!record || !isProved) return 'invalid_key'
  if (record.revokedAtMs !== undefined) return 'revoked_key'
  if (record.expiresAtMs !== undefined && record.expiresAtMs <= nowMs) return 'expired_key'
  return { caller: callerOf(record), expiresAtMs: record.expiresAtMs }
}

function callerOf(record: KeyRecord): Caller {
  const { tenantId, keyId, role, userId, teamId, projectId, allowedModels, limits } = record
  const permissions = new Set<Permission>(record.permissions)
  return { tenantId, keyId, role, permissions, userId, teamId, projectId, allowedModels, limits }
}

function specialCaller(tenantId: string, keyId: string): Caller {
  return { tenantId, keyId, role: 'operator', permissions: new Set(permissionsOfRole.operator) }
}

function permitted(caller: Caller, permission: Permission): Caller {
  if (permission === 'public' || caller.permissions.has(permission)) return caller
  throw new Problem('not_permitted', { facts: { permission } })
}

const hashOf = (presented: string): string => hash('sha256', presented, 'base64url')

function isSame(hashed: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hashed, 'latin1'), Buffer.from(other, 'latin1'))
}
