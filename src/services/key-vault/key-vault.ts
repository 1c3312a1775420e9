/** The key vault: provider keys, read from their source when first needed, kept in memory, and read again so that they can be rotated. */
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import { createSecretShelf } from '#services/key-vault/secret-shelf.ts'
import type { ShelfSettings, UnreadSecret } from '#services/key-vault/secret-shelf.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'
import type { SecretEvent } from '#services/key-vault/source-reading.ts'

export interface KeyVaultPorts {
  /** Asked in order; the first that has the secret counts. */
  readonly sources: readonly SecretSource[]
  /** Every provider whose key may be needed; read anew at each refresh. */
  readonly rows: () => readonly ProviderRow[]
  readonly clock: Clock
  readonly settings: () => ShelfSettings
  /** What was read, from where and when; never a value. */
  readonly audit: (event: SecretEvent) => void
  /** Failures of a source that no caller is told of. */
  readonly report: (failure: unknown, place: string) => void
  /** Called after a key came or went, so that routing can be told who is live. */
  readonly onLiveChange?: (() => void) | undefined
}

export interface KeyVault {
  /**
   * The provider's key, at once when it is known; undefined when the row needs none. Throws or rejects with
   * `secret_missing`, naming what to set, when no source has it.
   */
  secretFor(provider: ProviderRow): string | undefined | Promise<string>
  /**
   * A provider refused this key of its: reads it again, unless that was done a moment ago, and says whether there is
   * another one now. Never rejects.
   */
  isReplaced(provider: ProviderRow, refused: string): Promise<boolean>
  /** Another secret by its name; undefined when no source has it. Never rejects. */
  secretNamed(name: string): Promise<string | undefined>
  /** Names of the providers that have their key by the last reading, or need none. */
  liveProviders(): ReadonlySet<string>
  /** Reads the keys of all rows now: at the start, at a reload, and whenever keys may have come. Never rejects. */
  refresh(): Promise<void>
  /** Called about once a second: reads again what could not be read, and lets sources renew. Never rejects. */
  tend(): Promise<void>
  standing(): VaultStanding
  /** Ends the sources; nothing is read after that. */
  close(): Promise<void>
}

/** For operators: where secrets are read, and which of them cannot be. */
export interface VaultStanding {
  readonly sources: readonly { readonly kind: string; readonly place: string }[]
  readonly unread: readonly UnreadSecret[]
}

export function createKeyVault(ports: KeyVaultPorts): KeyVault {
  const live = createLiveWatch(ports, (name) => shelf.peek(name) !== undefined)
  const shelf = createSecretShelf({ ...ports, onLoss: () => live.tell() })
  const readAgain = nowAndThen(ports.clock, (name) => shelf.reread(name))
  const otherNames = new Set<string>()

  const readFirst = async (row: ProviderRow): Promise<string> => {
    for (const name of namesOf(row)) {
      const secret = await shelf.obtain(name)
      if (secret) return secret.reveal()
    }
    throw secretMissing(row)
  }

  return {
    secretFor(row) {
      if (row.auth === 'none') return undefined
      for (const name of namesOf(row)) {
        const known = shelf.get(name)
        if (known) return known.reveal()
        // A name whose absence is known lets the next one speak; one that was never read must be read first.
        if (!shelf.isKnownMissing(name)) return readFirst(row)
      }
      throw secretMissing(row)
    },
    async isReplaced(row, refused) {
      const name = namesOf(row).find((one) => shelf.peek(one) !== undefined)
      if (name === undefined) return false
      await readAgain(name)
      return ![undefined, refused].includes(shelf.peek(name)?.reveal())
    },
    async secretNamed(name) {
      otherNames.add(name)
      const secret = shelf.get(name) ?? (await shelf.obtain(name))
      return secret?.reveal()
    },
    liveProviders: live.providers,
    async refresh() {
      const names = new Set(ports.rows().flatMap((row) => (row.auth === 'none' ? [] : namesOf(row))))
      shelf.keepOnly(names.union(otherNames))
      await live.during(() => Promise.all([...names].map((name) => shelf.reread(name))))
    },
    async tend() {
      for (const source of ports.sources) source.tend?.()
      if (shelf.unread().length > 0) await live.during(() => shelf.retry())
    },
    standing: () => ({
      sources: ports.sources.map((source) => ({ kind: source.kind, place: source.describe() })),
      unread: shelf.unread(),
    }),
    async close() {
      await Promise.all(ports.sources.map(async (source) => source.close?.()))
    },
  }
}

/** Who has a key now, and telling those who route when that changes. */
function createLiveWatch({ rows, onLiveChange, report }: KeyVaultPorts, isKnown: (name: string) => boolean) {
  const isLive = (row: ProviderRow) => row.auth === 'none' || namesOf(row).some(isKnown)
  const providers = () =>
    new Set(
      rows()
        .filter(isLive)
        .map(({ name }) => name),
    )
  const names = () => [...providers()].sort().join()
  /** As they were when anybody was told: a key may be given up between two readings, by time alone. */
  let told: string | undefined
  const tell = () => {
    told = names()
    try {
      onLiveChange?.()
    } catch (failure) {
      report(failure, 'telling who is live')
    }
  }
  return {
    providers,
    tell,
    async during(reading: () => Promise<unknown>): Promise<void> {
      told ??= names()
      await reading()
      if (names() !== told) tell()
    },
  }
}

/** A key that goes on being refused is not read again for each request that it fails. */
const doubtEveryMs = 10_000

function nowAndThen(clock: Clock, read: (name: string) => Promise<void>): (name: string) => Promise<void> {
  const readAtMs = new Map<string, number>()
  return async (name) => {
    const lastMs = readAtMs.get(name)
    if (lastMs !== undefined && clock.monotonicMs() - lastMs < doubtEveryMs) return
    await read(name)
    readAtMs.set(name, clock.monotonicMs())
  }
}

/** The operator's own name for the key first, then the usual ones. */
function namesOf({ vaultKeyName, keyNames }: ProviderRow): readonly string[] {
  return vaultKeyName === undefined ? keyNames : [vaultKeyName, ...keyNames]
}

function secretMissing(row: ProviderRow): Problem {
  const names = namesOf(row)
  return new Problem('secret_missing', {
    detail: `The key of ${row.title} is not set.`,
    mend: names.length > 0 ? `Set ${names.join(' or ')}.` : `Name its key under providers.${row.name}.`,
    provider: row.name,
    facts: { provider: row.name, names },
  })
}
