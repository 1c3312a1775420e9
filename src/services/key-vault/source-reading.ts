/** Reading a secret from several places in order, and what there is to tell about it: never a value. */
import type { Clock } from '#core/domain/clock.ts'
import type { Secret } from '#services/key-vault/secret.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'

/** For the audit trail. */
export interface SecretEvent {
  /**
   * `unreadable` and `readable` are told when they begin; `overdue` of a secret that is used although half the time is
   * over for which it may be, and `given_up` when all of it is.
   */
  readonly kind:
    | 'found'
    | 'rotated'
    | 'removed'
    | 'missing'
    | 'unreadable'
    | 'readable'
    | 'overdue'
    | 'given_up'
  /** The secret's name. */
  readonly name: string
  /** The kind of the source that had it, or that failed. */
  readonly source: string | undefined
  readonly atMs: number
}

export interface SourcePorts {
  readonly sources: readonly SecretSource[]
  readonly clock: Clock
  readonly audit: (event: SecretEvent) => void
  readonly report: (failure: unknown, place: string) => void
}

/** What the sources said together; not readable when none had it and one of them could not be asked. */
export interface SourcesAnswer {
  readonly isReadable: boolean
  readonly secret: Secret | undefined
  readonly source: string | undefined
}

/** Asks never reject: a source's failure is reported, once for however many secrets until it changes or ends, and the next one asked. */
export function createSourceReading(ports: SourcePorts): (name: string) => Promise<SourcesAnswer> {
  const { audit, clock } = ports
  /** What each source failed with last, by its place in the order and the secret's name. */
  const failures = new Map<string, string>()

  const succeeded = (key: string, name: string, { kind }: SecretSource) => {
    if (failures.delete(key)) audit({ kind: 'readable', name, source: kind, atMs: clock.nowMs() })
  }
  const failed = (key: string, name: string, source: SecretSource, failure: unknown) => {
    const before = failures.get(key)
    const now = String(failure)
    if (before === now) return
    // A server that is away is away for every secret: one sentence says so.
    const isTold = failures.values().some((told) => told === now)
    failures.set(key, now)
    if (before === undefined) audit({ kind: 'unreadable', name, source: source.kind, atMs: clock.nowMs() })
    if (!isTold) ports.report(failure, `reading ${name} from ${source.describe()}`)
  }

  return async (name) => {
    let isReadable = true
    for (const [index, source] of ports.sources.entries()) {
      const key = `${index} ${name}`
      try {
        const secret = await source.read(name)
        succeeded(key, name, source)
        if (secret) return { isReadable: true, secret, source: source.kind }
      } catch (failure) {
        isReadable = false
        failed(key, name, source, failure)
      }
    }
    return { isReadable, secret: undefined, source: undefined }
  }
}

/** What an answer changes, or undefined when it says the same as before. */
export function changeOf(
  before: Secret | undefined,
  now: Secret | undefined,
): SecretEvent['kind'] | undefined {
  if (!now) return before ? 'removed' : 'missing'
  if (!before) return 'found'
  return now.isSameAs(before) ? undefined : 'rotated'
}
