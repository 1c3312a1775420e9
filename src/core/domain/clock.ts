/** The ports for time and chance: the only ways in which either enters a rule. */

export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01 UTC. May jump. */
  nowMs(): number
  /** Milliseconds that only ever grow, for durations and deadlines. */
  monotonicMs(): number
}

export interface Chance {
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number
  /** A new identifier that nobody has seen: time-ordered, 36 characters (UUID version 7, RFC 9562). */
  uniqueId(): string
}
