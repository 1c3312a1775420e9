/** The counters of a ledger: settled, reserved and estimated money for each scope and window. */
import type { Balance, HoldScope } from '#core/domain/ledger-hold.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'

/** One counter; whoever holds it may change `reserved`, while settled money goes through `add`. */
export interface Counter {
  readonly scope: string
  readonly window: string
  readonly resetsAtMs: number | undefined
  settled: number
  reserved: number
  estimated: number
  isChanged: boolean
}

export type CounterName = Pick<HoldScope, 'scope' | 'window' | 'resetsAtMs'>
export type ChangedBalance = Balance & { readonly resetsAtMs: number | undefined }

/** What a counter came to before, from wherever it was kept. */
export type LoadCounter = (
  scope: string,
  window: string,
) => { readonly settled: NanoUsd; readonly estimated: NanoUsd } | undefined

export interface LedgerCounters {
  /** The counter, made or loaded when it is not in memory. */
  readonly find: (name: CounterName) => Counter
  readonly findPart: (scope: string, window: string, resetsAtMs: number | undefined) => Counter
  readonly add: (counter: Counter, settled: number, estimated: number) => void
  readonly balance: (scope: string, window: string) => Balance
  /** The counters whose settled money changed since the last call. */
  readonly takeChanged: () => ChangedBalance[]
  /** Forgets unchanged counters of windows that ended before a moment and hold nothing. Returns how many. */
  readonly forgetEndedBefore: (momentMs: number) => number
}

export function createLedgerCounters(load: LoadCounter | undefined): LedgerCounters {
  // Two steps from window to scope, so that no key needs to be put together on the hot path.
  const windows = new Map<string, Map<string, Counter>>()
  let changed: Counter[] = []

  const findPart: LedgerCounters['findPart'] = (scope, window, resetsAtMs) => {
    let scopes = windows.get(window)
    if (!scopes) {
      scopes = new Map<string, Counter>()
      windows.set(window, scopes)
    }
    let counter = scopes.get(scope)
    if (!counter) {
      counter = newCounter({ scope, window, resetsAtMs }, load)
      scopes.set(scope, counter)
    }
    return counter
  }

  return {
    find: ({ scope, window, resetsAtMs }) => findPart(scope, window, resetsAtMs),
    findPart,
    add(counter, settled, estimated) {
      counter.settled = toNanoUsd(counter.settled + settled)
      counter.estimated += estimated
      if (counter.isChanged) return
      counter.isChanged = true
      changed.push(counter)
    },
    balance(scope, window) {
      const known = windows.get(window)?.get(scope)
      return balanceOf(known ?? newCounter({ scope, window, resetsAtMs: undefined }, load))
    },
    takeChanged() {
      const taken = changed
      changed = []
      return taken.map((counter) => {
        counter.isChanged = false
        return { ...balanceOf(counter), resetsAtMs: counter.resetsAtMs }
      })
    },
    forgetEndedBefore(momentMs) {
      let forgotten = 0
      for (const [window, scopes] of windows) {
        for (const [scope, counter] of scopes) {
          const hasEnded = counter.resetsAtMs !== undefined && counter.resetsAtMs < momentMs
          if (!hasEnded || counter.reserved !== 0 || counter.isChanged) continue
          scopes.delete(scope)
          forgotten += 1
        }
        if (scopes.size === 0) windows.delete(window)
      }
      return forgotten
    },
  }
}

function newCounter(name: CounterName, load: LoadCounter | undefined): Counter {
  const before = load?.(name.scope, name.window)
  return {
    scope: name.scope,
    window: name.window,
    resetsAtMs: name.resetsAtMs,
    settled: before?.settled ?? 0,
    reserved: 0,
    estimated: before?.estimated ?? 0,
    isChanged: false,
  }
}

function balanceOf(counter: Counter): Balance {
  return {
    scope: counter.scope,
    window: counter.window,
    settled: counter.settled as NanoUsd,
    reserved: counter.reserved as NanoUsd,
    estimated: counter.estimated as NanoUsd,
  }
}
