/** The secrets read so far: each read once at a time, kept for a while, and kept a while longer when its source is out of reach. */
import { oneAtATime } from '#services/key-vault/one-at-a-time.ts'
import type { Secret } from '#services/key-vault/secret.ts'
import { changeOf, createSourceReading } from '#services/key-vault/source-reading.ts'
import type { SecretEvent, SourcePorts } from '#services/key-vault/source-reading.ts'

export interface ShelfSettings {
  /** A secret is read again after this long; until the answer comes, the known one is used. */
  readonly refreshMs: number
  /** After a failed or empty reading, so that a missing key does not cost a look-up for each request. */
  readonly retryMs: number
  /** A source that cannot be read leaves its last good secret in use for this long past that. */
  readonly staleMs: number
}

/** A secret whose last reading failed. */
export interface UnreadSecret {
  readonly name: string
  /** For how long the last good one is still used; undefined when there is none. */
  readonly goodForMs: number | undefined
  /** Half of the time is over for which a last good one is used. */
  readonly isOverdue: boolean
}

export interface SecretShelf {
  /** The secret, if it is known and not too old; starts reading it again when it is due. */
  get(name: string): Secret | undefined
  /** The same without any effect. */
  peek(name: string): Secret | undefined
  /** Whether it was looked for lately and not found. */
  isKnownMissing(name: string): boolean
  /** The secret, read if need be. Never rejects: what a source failed with is reported. */
  obtain(name: string): Promise<Secret | undefined>
  /** Reads it now, whatever is known. Never rejects. */
  reread(name: string): Promise<void>
  /** Forgets every other secret. */
  keepOnly(names: ReadonlySet<string>): void
  unread(): readonly UnreadSecret[]
  /** Reads again what could not be read, when it is time, and tells once what goes on for too long. Never rejects. */
  retry(): Promise<void>
}

interface Shelved {
  readonly secret: Secret | undefined
  /** When a source last answered, by the monotonic clock. */
  readonly readAtMs: number
  /** When the next reading may be tried. */
  readonly dueAtMs: number
  /** Whether the last reading failed. */
  readonly isUnread: boolean
  isOverdueTold: boolean
}

export interface ShelfPorts extends SourcePorts {
  readonly settings: () => ShelfSettings
  /** Called when a secret that was used is no longer. Never throws. */
  readonly onLoss: () => void
}

export function createSecretShelf(ports: ShelfPorts): SecretShelf {
  const { clock } = ports
  const shelved = new Map<string, Shelved>()
  const goodForMs = ({ readAtMs }: Shelved): number => {
    const { refreshMs, staleMs } = ports.settings()
    return readAtMs + refreshMs + staleMs - clock.monotonicMs()
  }
  const peek = (name: string): Secret | undefined => {
    const entry = shelved.get(name)
    return entry?.secret && goodForMs(entry) >= 0 ? entry.secret : undefined
  }
  const readOnce = oneAtATime(createShelfReading(ports, shelved, peek))
  return {
    peek,
    async reread(name) {
      await readOnce(name)
    },
    get(name) {
      const secret = peek(name)
      const entry = shelved.get(name)
      if (secret && entry && clock.monotonicMs() >= entry.dueAtMs) {
        void readOnce(name)
      }
      return secret
    },
    isKnownMissing(name) {
      const entry = shelved.get(name)
      return entry !== undefined && entry.secret === undefined && clock.monotonicMs() < entry.dueAtMs
    },
    async obtain(name) {
      return peek(name) ?? readOnce(name)
    },
    keepOnly(names) {
      for (const name of shelved.keys()) if (!names.has(name)) shelved.delete(name)
    },
    ...createUnreadWatch(ports, shelved, { goodForMs, readOnce }),
  }
}

/** Reads a secret, puts what came of it on the shelf and tells what has changed. Never rejects. */
function createShelfReading(
  ports: ShelfPorts,
  shelved: Map<string, Shelved>,
  peek: (name: string) => Secret | undefined,
): (name: string) => Promise<Secret | undefined> {
  const { clock, settings } = ports
  const askSources = createSourceReading(ports)
  const tell = (kind: SecretEvent['kind'], name: string, source?: string) =>
    ports.audit({ kind, name, source, atMs: clock.nowMs() })

  return async (name) => {
    const before = peek(name)
    const entry = shelved.get(name)
    const answer = await askSources(name)
    const now = clock.monotonicMs()
    if (answer.isReadable) {
      const { secret } = answer
      const dueAtMs = now + (secret ? settings().refreshMs : settings().retryMs)
      shelved.set(name, { secret, readAtMs: now, dueAtMs, isUnread: false, isOverdueTold: false })
      const change = changeOf(before, secret)
      if (change) tell(change, name, answer.source)
      if (change === 'removed') ports.onLoss()
      return secret
    }
    const lastGood = peek(name)
    shelved.set(name, {
      secret: lastGood,
      readAtMs: entry?.readAtMs ?? now,
      dueAtMs: now + settings().retryMs,
      isUnread: true,
      isOverdueTold: entry?.isOverdueTold ?? false,
    })
    if (entry?.secret && !lastGood) {
      tell('given_up', name)
      ports.onLoss()
    }
    return lastGood
  }
}

interface ShelfActs {
  readonly goodForMs: (entry: Shelved) => number
  readonly readOnce: (name: string) => Promise<unknown>
}

function createUnreadWatch(
  { clock, settings, audit }: ShelfPorts,
  shelved: ReadonlyMap<string, Shelved>,
  { goodForMs, readOnce }: ShelfActs,
): Pick<SecretShelf, 'unread' | 'retry'> {
  const unread = () => [...shelved].filter(([, { isUnread }]) => isUnread)
  const isOverdue = (entry: Shelved) =>
    entry.isUnread && entry.secret !== undefined && goodForMs(entry) <= settings().staleMs / 2
  const tellOverdue = (name: string) => {
    const entry = shelved.get(name)
    if (!entry || entry.isOverdueTold || !isOverdue(entry)) return
    entry.isOverdueTold = true
    audit({ kind: 'overdue', name, source: undefined, atMs: clock.nowMs() })
  }
  return {
    unread: () =>
      unread().map(([name, entry]) => ({
        name,
        goodForMs: entry.secret === undefined ? undefined : Math.max(0, goodForMs(entry)),
        isOverdue: isOverdue(entry),
      })),
    async retry() {
      const waiting = unread()
      const due = waiting.filter(([, { dueAtMs }]) => clock.monotonicMs() >= dueAtMs)
      await Promise.all(due.map(([name]) => readOnce(name)))
      for (const [name] of waiting) tellOverdue(name)
    },
  }
}
