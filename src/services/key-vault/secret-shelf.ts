/** The secrets read so far: each read once at a time, kept for a while, and kept a while longer when its source is out of reach. */
import type { Secret } from '#services/key-vault/secret.ts'
import { askSources, changeOf } from '#services/key-vault/source-reading.ts'
import type { SecretEvent, SourcePorts } from '#services/key-vault/source-reading.ts'

export interface ShelfSettings {
  /** A secret is read again after this long; until the answer comes, the known one is used. */
  readonly refreshMs: number
  /** A source that cannot be read leaves its last good secret in use for this long past that. */
  readonly staleMs: number
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
}

interface Shelved {
  secret: Secret | undefined
  /** When a source last answered, by the monotonic clock. */
  readAtMs: number
  /** When the next reading may be tried. */
  dueAtMs: number
}

/** After a failed or empty reading, so that a missing key does not cost a look-up for each request. */
const retryMs = 10_000

export interface ShelfPorts extends SourcePorts {
  readonly settings: () => ShelfSettings
  /** Called when a secret in use could not be read again. Never throws. */
  readonly onLoss: () => void
}

export function createSecretShelf(ports: ShelfPorts): SecretShelf {
  const { clock, settings } = ports
  const shelved = new Map<string, Shelved>()

  const tell = (kind: SecretEvent['kind'], name: string, source?: string) =>
    ports.audit({ kind, name, source, atMs: clock.nowMs() })

  const peek = (name: string): Secret | undefined => {
    const entry = shelved.get(name)
    if (!entry?.secret) return undefined
    const { refreshMs, staleMs } = settings()
    return clock.monotonicMs() - entry.readAtMs <= refreshMs + staleMs ? entry.secret : undefined
  }

  const read = async (name: string): Promise<Secret | undefined> => {
    const before = peek(name)
    const entry = shelved.get(name)
    const answer = await askSources(ports, name)
    const now = clock.monotonicMs()
    if (answer.isReadable) {
      const { secret } = answer
      shelved.set(name, { secret, readAtMs: now, dueAtMs: now + (secret ? settings().refreshMs : retryMs) })
      const change = changeOf(before, secret)
      if (change) tell(change, name, answer.source)
      return secret
    }
    const lastGood = peek(name)
    if (entry?.secret && !lastGood) tell('given_up', name)
    shelved.set(name, { secret: lastGood, readAtMs: entry?.readAtMs ?? now, dueAtMs: now + retryMs })
    return lastGood
  }

  const readOnce = oneAtATime(read)
  return {
    peek,
    async reread(name) {
      await readOnce(name)
    },
    get(name) {
      const secret = peek(name)
      const entry = shelved.get(name)
      if (secret && entry && clock.monotonicMs() >= entry.dueAtMs) {
        void readOnce(name).then((again) => again ?? ports.onLoss())
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
  }
}

/** One reading at a time for each name, however many wait for it. */
function oneAtATime<T>(read: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const running = new Map<string, Promise<T>>()
  return (name) => {
    let reading = running.get(name)
    if (!reading) {
      reading = read(name).finally(() => running.delete(name))
      running.set(name, reading)
    }
    return reading
  }
}
