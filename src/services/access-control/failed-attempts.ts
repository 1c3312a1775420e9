/** Failed attempts: how many wrong keys came from each address lately, in bounded memory. */

export interface FailedAttempts {
  /** How long this address must wait; 0 when it need not. */
  waitMs(peerAddress: string, nowMs: number): number
  note(peerAddress: string, nowMs: number): void
}

const minuteMs = 60_000

/**
 * An even refill: `perMinute` attempts at once, then one for every part of a minute. Past `peersMax` addresses the
 * longest known is forgotten, so that a flood from many addresses costs attempts, never memory.
 */
export function createFailedAttempts(perMinute: number, peersMax = 10_000): FailedAttempts {
  const clearAtMs = new Map<string, number>()
  const stepMs = minuteMs / perMinute
  return {
    waitMs(peerAddress, nowMs) {
      const at = clearAtMs.get(peerKey(peerAddress))
      return at === undefined ? 0 : Math.max(0, Math.ceil(at + stepMs - minuteMs - nowMs))
    },
    note(peerAddress, nowMs) {
      const key = peerKey(peerAddress)
      const at = Math.max(clearAtMs.get(key) ?? 0, nowMs)
      clearAtMs.delete(key)
      clearAtMs.set(key, at + stepMs)
      if (clearAtMs.size <= peersMax) return
      for (const oldest of clearAtMs.keys()) {
        clearAtMs.delete(oldest)
        return
      }
    },
  }
}

/** One customer holds a whole /64 of IPv6 addresses, so the first four groups stand for all of them. */
function peerKey(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':')
    while (groups.length + last.length < 8) groups.push('0')
    groups.push(...last)
  }
  return groups.slice(0, 4).join(':')
}
