/** What counts in a window: one counter, or of a rolling window all of its parts together. */
import type { WindowSpan } from '#core/domain/budget-window.ts'
import type { Balance } from '#core/domain/ledger-hold.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'

interface AskedSpan {
  readonly scope: string
  readonly span: Pick<WindowSpan, 'id' | 'earlier'>
}

/** The balances of spans in the order asked for, read in one step, each under its current window's name. Throws `store_unavailable`. */
export function readSpans(ledger: Ledger, asked: readonly AskedSpan[]): Soon<readonly Balance[]> {
  const counters = asked.flatMap(countersOf)
  const balances = ledger.balances(counters)
  const combine = (parts: readonly Balance[]) => {
    let at = 0
    return asked.map((one) => {
      const count = 1 + (one.span.earlier?.length ?? 0)
      at += count
      return sumOf(one, parts.slice(at - count, at))
    })
  }
  return balances instanceof Promise ? balances.then(combine) : combine(balances)
}

/** The counters of a span, the current one first. */
export function countersOf({ scope, span }: AskedSpan) {
  return [{ scope, window: span.id }, ...(span.earlier ?? []).map(({ window }) => ({ scope, window }))]
}

function sumOf({ scope, span }: AskedSpan, parts: readonly Balance[]): Balance {
  let settled: number = zeroUsd
  let reserved: number = zeroUsd
  let estimated: number = zeroUsd
  for (const part of parts) {
    settled += part.settled
    reserved += part.reserved
    estimated += part.estimated
  }
  return {
    scope,
    window: span.id,
    settled: settled as NanoUsd,
    reserved: reserved as NanoUsd,
    estimated: estimated as NanoUsd,
  }
}
