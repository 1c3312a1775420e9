/** Time zones by their IANA names: what clocks show there, and the moment at which they first show something. */

const hourMs = 3_600_000
/** No clock on earth is further from UTC. */
const offsetMostMs = 15 * hourMs

/** The name as it is usually written (`Europe/Berlin`), or undefined when no zone is called so. */
export function knownTimeZone(name: string): string | undefined {
  // Fixed offsets (`+02:00`) name no place whose clocks could be known.
  if (!/^[A-Za-z]/.test(name)) return undefined
  try {
    const resolved = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
    // Of two names for one place either may be the main one, by the version of the tables: the one given is kept.
    return resolved.toLowerCase() === name.toLowerCase() ? resolved : name
  } catch {
    return undefined
  }
}

/** What clocks in the zone show at a moment, as the moment at which clocks in UTC show the same. */
export function wallTimeMs(timeZone: string, momentMs: number): number {
  const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 }
  for (const { type, value } of formatterOf(timeZone).formatToParts(momentMs)) {
    if (type in shown) shown[type as keyof typeof shown] = Number(value)
  }
  const { year, month, day, hour, minute, second } = shown
  return (
    Date.UTC(year, month - 1, day, hour, minute, second) + (momentMs - Math.floor(momentMs / 1_000) * 1_000)
  )
}

/**
 * The first moment at which clocks in the zone show `wallMs` or later: where they skip it, the moment of the skip; where
 * they show it twice, the first time.
 */
export function firstMomentAt(timeZone: string, wallMs: number): number {
  let before = wallMs - offsetMostMs
  let reached = wallMs + offsetMostMs
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2)
    if (wallTimeMs(timeZone, middle) >= wallMs) reached = middle
    else before = middle
  }
  return reached
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known) return known
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formatters.set(timeZone, formatter)
  return formatter
}
