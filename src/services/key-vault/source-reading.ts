/** Reading a secret from several places in order, and what there is to tell about it: never a value. */
import type { Clock } from '#core/domain/clock.ts'
import type { Secret } from '#services/key-vault/secret.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'

/** For the audit trail. */
export interface SecretEvent {
  readonly kind: 'found' | 'rotated' | 'removed' | 'missing' | 'unreadable' | 'given_up'
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

/** Never rejects: a source's failure is reported and the next one asked. */
export async function askSources(ports: SourcePorts, name: string): Promise<SourcesAnswer> {
  let isReadable = true
  for (const source of ports.sources) {
    try {
      const secret = await source.read(name)
      if (secret) return { isReadable: true, secret, source: source.kind }
    } catch (failure) {
      isReadable = false
      ports.audit({ kind: 'unreadable', name, source: source.kind, atMs: ports.clock.nowMs() })
      ports.report(failure, `reading ${name} from ${source.describe()}`)
    }
  }
  return { isReadable, secret: undefined, source: undefined }
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
